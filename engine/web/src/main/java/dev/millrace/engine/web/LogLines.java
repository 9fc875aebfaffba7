package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Reads the lines of a log from any place. */
final class LogLines {
  private static final int CHUNK = 128 * 1024;

  private LogLines() {}

  /** Takes rendered lines. */
  @FunctionalInterface
  interface Sink {
    /** Takes one line as HTML and as text. */
    void line(long number, String html, String text) throws IOException;
  }

  /** Hands over the lines {@code first} to {@code last}, as far as there are any. */
  static void render(JobLog log, LogMap map, long first, long last, Sink sink) throws IOException {
    long to = Math.min(last, map.lines());
    if (first > to) {
      return;
    }
    LogMap.Mark mark = map.markBefore(first);
    AnsiRenderer renderer = new AnsiRenderer(mark.style());
    Cursor cursor = new Cursor(map.markLine(first), first, to, renderer, sink);
    LineSplitter splitter = new LineSplitter(mark.offset());
    long at = mark.offset();
    while (!splitter.isStopped() && at < map.bytes()) {
      byte[] chunk = log.read(at, (int) Math.min(CHUNK, map.bytes() - at));
      if (chunk.length == 0) {
        break;
      }
      at += chunk.length;
      splitter.feed(chunk, cursor);
      cursor.rethrow();
    }
    splitter.finish(cursor);
    cursor.rethrow();
  }

  private static final class Cursor implements LineSplitter.Sink {
    private long number;
    private final long first;
    private final long last;
    private final AnsiRenderer renderer;
    private final Sink sink;
    private @org.jspecify.annotations.Nullable IOException failure;

    private Cursor(long number, long first, long last, AnsiRenderer renderer, Sink sink) {
      this.number = number;
      this.first = first;
      this.last = last;
      this.renderer = renderer;
      this.sink = sink;
    }

    @Override
    public boolean line(byte[] bytes, int from, int length, long dropped) {
      String text = new String(bytes, from, length, StandardCharsets.UTF_8);
      if (number < first) {
        renderer.skim(text);
      } else {
        String html = renderer.render(text);
        if (dropped > 0) {
          html +=
              "<span class=\"ctl\"> … %,d more bytes: see the raw log</span>".formatted(dropped);
        }
        try {
          sink.line(number, html, renderer.plain());
        } catch (IOException e) {
          failure = e;
          return false;
        }
      }
      return number++ < last;
    }

    private void rethrow() throws IOException {
      if (failure != null) {
        throw failure;
      }
    }
  }
}
