package dev.millrace.engine.web;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * The event streams of open pages. Each is one request that lasts; its own thread waits for news
 * and writes them, so nothing is ever queued for a slow reader. There are at most as many as
 * configured; a stream whose reader takes nothing for a while is cut, and each ends by itself after
 * some minutes (browsers come back and go on where they were), at once when its reader signs out,
 * and soon after he may not see its page any more.
 */
final class LiveStreams implements AutoCloseable {
  static final Duration LIFE = Duration.ofMinutes(10);
  private static final Duration PING = Duration.ofSeconds(15);
  private static final Duration STUCK = Duration.ofSeconds(30);
  // However much happens, a page hears of it only so often.
  private static final Duration PACE = Duration.ofMillis(250);
  static final long PER_HOST = 64;
  private static final Duration ADMISSION = Duration.ofSeconds(5);

  private final int max;
  private final Semaphore permits;
  private final LongSupplier ticker;
  private final Predicate<Exchange> admission;
  private final Set<Stream> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong served = new AtomicLong();
  private final CountDownLatch end = new CountDownLatch(1);
  // Set once, by close; read by all streams.
  private volatile boolean closed;

  /**
   * Makes a place for some streams.
   *
   * @param admission whether whoever began a stream may still see it; asked now and then
   */
  LiveStreams(int max, LongSupplier ticker, Predicate<Exchange> admission) {
    this.admission = admission;
    this.max = max;
    this.permits = new Semaphore(max);
    this.ticker = ticker;
    Thread.ofVirtual().name("web-live-reaper").start(this::reap);
  }

  /** One message to a page. */
  record Event(String name, String data) {}

  /** What a page wants to hear. Owned by the stream's thread. */
  interface Feed {
    /** Waits for news, not much longer than told; none is an answer too. */
    List<Event> next(Duration patience) throws IOException, InterruptedException;

    /** What to resume from after the last events, if the stream breaks now. */
    String position();

    /** Whether no more will come. */
    boolean isEnded();
  }

  int openCount() {
    return open.size();
  }

  long servedCount() {
    return served.get();
  }

  /**
   * Serves a feed until it ends or the stream's time is over.
   *
   * @throws ReaderGoneException if the reader went away, the usual end of a stream
   * @throws IOException if what the feed tells of cannot be read
   */
  void serve(Exchange exchange, Feed feed) throws IOException {
    String host = exchange.remoteHost();
    if (closed || open.stream().filter(stream -> stream.host.equals(host)).count() >= PER_HOST) {
      throw PageException.busy(
          "%d pages are open at your address; this one is not kept up to date."
              .formatted(PER_HOST));
    }
    if (!permits.tryAcquire()) {
      throw PageException.busy(
          "%d pages are open here, as many as may be (--live-streams-max); this one is not kept up to date."
              .formatted(max));
    }
    Stream stream =
        new Stream(host, exchange.visitor().token(), Thread.currentThread(), ticker.getAsLong());
    open.add(stream);
    served.incrementAndGet();
    try {
      exchange.setHeader("Cache-Control", "no-store");
      run(exchange, feed, stream);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(stream);
      permits.release();
    }
  }

  private void run(Exchange exchange, Feed feed, Stream stream)
      throws IOException, InterruptedException {
    try (OutputStream out = exchange.stream("text/event-stream; charset=utf-8", false)) {
      if (exchange.method().equals("HEAD")) {
        return;
      }
      // Whoever has heard this hears of every change from then on: what is shown was noted before.
      List<Event> events = feed.next(Duration.ofSeconds(5));
      write(out, stream, "retry: 2000\n\n");
      long start = ticker.getAsLong();
      long written = start;
      long admitted = start;
      while (!closed && ticker.getAsLong() - start < LIFE.toNanos()) {
        if (ticker.getAsLong() - admitted > ADMISSION.toNanos()) {
          if (!admission.test(exchange)) {
            return;
          }
          admitted = ticker.getAsLong();
        }
        if (!events.isEmpty()) {
          write(out, stream, encode(events, feed.position()));
          written = ticker.getAsLong();
          if (!feed.isEnded() && end.await(PACE.toMillis(), TimeUnit.MILLISECONDS)) {
            return;
          }
        } else if (ticker.getAsLong() - written > PING.toNanos()) {
          write(out, stream, ": ping\n\n");
          written = ticker.getAsLong();
        }
        if (feed.isEnded()) {
          write(out, stream, "event: end\ndata:\n\n");
          return;
        }
        events = feed.next(Duration.ofSeconds(5));
      }
    }
  }

  private static String encode(List<Event> events, String position) {
    StringBuilder text = new StringBuilder();
    for (Event event : events) {
      text.append("event: ").append(event.name()).append('\n');
      event.data().lines().forEach(line -> text.append("data: ").append(line).append('\n'));
      if (event.data().isEmpty()) {
        text.append("data:\n");
      }
      if (event.equals(events.getLast())) {
        text.append("id: ").append(position).append('\n');
      }
      text.append('\n');
    }
    return text.toString();
  }

  private void write(OutputStream out, Stream stream, String text) throws IOException {
    stream.writingSince = ticker.getAsLong();
    stream.writing = true;
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
    stream.writing = false;
  }

  /** Interrupting a virtual thread that writes to a socket closes the socket. */
  private void reap() {
    try {
      while (!end.await(5, TimeUnit.SECONDS)) {
        for (Stream stream : open) {
          if (stream.writing && ticker.getAsLong() - stream.writingSince > STUCK.toNanos()) {
            stream.thread.interrupt();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends the streams of a session, named by the token of its forms. */
  void endSession(String token) {
    for (Stream stream : open) {
      if (stream.token.equals(token)) {
        stream.thread.interrupt();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    end.countDown();
    for (Stream stream : open) {
      stream.thread.interrupt();
    }
  }

  private static final class Stream {
    private final String host;
    private final String token;
    private final Thread thread;
    // Written by the stream's thread only, read by the reaper: a late view costs five seconds.
    private volatile long writingSince;
    private volatile boolean writing;

    private Stream(String host, String token, Thread thread, long now) {
      this.host = host;
      this.token = token;
      this.thread = thread;
      this.writingSince = now;
    }
  }
}
