package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Experiment;
import dev.millrace.base.JavaProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whoever floods the pages keeps nobody else from them, nor takes much memory. Method: scaled
 * to a test, in full at night.
 */
@Timeout(300)
class FloodIT {
  private static final int SLOW = 2_000;
  private static final int PAGES = 64;
  private static final long GROWTH_MAX = 128L << 20;
  private static final int WARM_UP = 100;
  private static final long P99_MAX_MILLIS = 500;

  /** How little is not told from nothing. */
  private static final long NOISE_MILLIS = 5;

  private static final double SLOWDOWN_MAX = 10;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Socket> sockets = new ArrayList<>();
  private final WebInterface web;
  private int port;

  FloodIT() throws IOException {
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0),
            TestObjects.engine(),
            InstantSource.fixed(TestObjects.NOW),
            List.of());
    port = web.port();
  }

  private void closeSockets() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  @AfterEach
  void close() throws IOException {
    closeSockets();
    client.shutdownNow();
    web.close();
  }

  private Socket connect(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    sockets.add(socket);
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
    return socket;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(port, path);
  }

  private HttpResponse<String> get(int whose, String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + whose + path))
            .timeout(Duration.ofSeconds(10))
            .build(),
        BodyHandlers.ofString());
  }

  /** What the site in another process has in memory, in bytes. */
  private static long resident(long process) throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
        .findFirst()
        .orElseThrow();
  }

  /** An address for each so many, as there is a limit on what one address may have. */
  private Socket connectAs(int number, String text) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress("127.0.0." + (2 + number / PAGES), 0));
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** Comes, asks, and is gone with a reset before there is an answer. */
  private void reset(int number) throws IOException {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress("127.0.1." + (1 + number % 200), 0));
      socket.connect(new InetSocketAddress("127.0.0.1", port));
      socket.setSoLinger(true, 0);
      socket
          .getOutputStream()
          .write(
              "GET /jobs HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** A site in a process of its own. */
  private record SiteProcess(Process process, BufferedReader out, int port, long pid)
      implements AutoCloseable {
    static SiteProcess start(String... plants) throws IOException {
      List<String> command =
          new ArrayList<>(JavaProgram.of(FloodedSite.class).command(List.of(plants)));
      command.add(1, "-Xmx192m");
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      BufferedReader out = process.inputReader();
      String[] said = String.valueOf(out.readLine()).split(" ", -1);
      return new SiteProcess(process, out, Integer.parseInt(said[0]), Long.parseLong(said[1]));
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      out.close();
    }
  }

  /** What a flood did to a site. */
  private record Toll(Times flooded, Times quiet, long growth) {
    /** How much longer than elsewhere one usually waits for a page. */
    double slowdown() {
      return (double) flooded.part(50) / Math.max(NOISE_MILLIS, quiet.part(50));
    }

    @Override
    public String toString() {
      return "pages took %s; beside it %s; resident memory +%d MiB"
          .formatted(flooded, quiet, growth >> 20);
    }
  }

  /** How long a page took, each time it was asked for. */
  private static final class Times {
    private final List<Long> millis = new ArrayList<>();

    private void add(long nanos) {
      millis.add(nanos / 1_000_000);
    }

    /** In how many milliseconds so many percent were there. */
    private long part(int percent) {
      return millis.stream().sorted().toList().get((millis.size() - 1) * percent / 100);
    }

    @Override
    public String toString() {
      return "%d, p99 %d ms".formatted(part(50), part(99));
    }
  }

  /**
   * Method: two sites, each in a process of its own, one of which is flooded: with connections that
   * never finish a request, pages that stay open and are kept up to date (by readers of whom every
   * fourth takes nothing), hundreds of connections a second that end in a reset. Meanwhile somebody
   * reads pages of both; what else the machine has to do slows both. What the process has in memory
   * is asked of the kernel. Then the same with a site that has a fault, which must be seen.
   */
  @Test
  void aFloodKeepsNobodyFromReading() throws Exception {
    Experiment experiment = Experiment.begin("floods of pages");
    int pages = experiment.count(200, 1_000, 1_000);
    int resets = experiment.count(600, 100_000, 100_000);
    // In the common run other tests have the processors too.
    Duration pause = Duration.ofMillis(experiment.value(4, 1, 1));
    try (SiteProcess other = SiteProcess.start()) {
      try (SiteProcess site = SiteProcess.start()) {
        Toll toll = flood(site, other, pages, resets, pause);

        experiment.report(
            "%d slow, %d open pages, %d resets: %s".formatted(SLOW, pages, resets, toll));
        assertThat(toll.slowdown()).as("slowdown: %s", toll).isLessThanOrEqualTo(SLOWDOWN_MAX);
        assertThat(toll.growth()).as("growth of memory").isLessThanOrEqualTo(GROWTH_MAX);
        if (Experiment.Tier.current() != Experiment.Tier.CHECK) {
          assertThat(toll.flooded().part(99)).as("%s", toll).isLessThanOrEqualTo(P99_MAX_MILLIS);
        }
      }
      try (SiteProcess planted = SiteProcess.start(FloodedSite.ONE_BY_ONE)) {
        Toll toll = flood(planted, other, 200, 500, Duration.ofMillis(4));

        experiment.report("one page after the other, as planted: " + toll);
        assertThat(toll.slowdown()).as("slowdown: %s", toll).isGreaterThan(SLOWDOWN_MAX);
      }
    }
  }

  private Toll flood(SiteProcess site, SiteProcess other, int pages, int resets, Duration pause)
      throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      assertThat(get(site.port(), "/").statusCode()).isBetween(200, 429);
      assertThat(get(other.port(), "/").statusCode()).isBetween(200, 429);
    }
    port = site.port();
    long before = resident(site.pid());
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      for (int i = 0; i < SLOW; i++) {
        var _ = connect("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      }
      for (int i = 0; i < pages; i++) {
        Socket page = connectAs(i, "GET /live/pipeline HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(page.getInputStream().read()).isEqualTo('H');
        if (i % 4 != 0) {
          var _ =
              threads.submit(
                  () -> page.getInputStream().transferTo(OutputStream.nullOutputStream()));
        }
      }
      Future<?> resetting =
          threads.submit(
              () -> {
                for (int i = 0; i < resets; i++) {
                  if (i % 100 == 0) {
                    goOnSlowly();
                  }
                  reset(i);
                  LockSupport.parkNanos(pause.toNanos());
                }
                return null;
              });

      Future<Times> quiet = threads.submit(() -> visit(other, resetting));
      Times flooded = visit(site, resetting);
      resetting.get();
      return new Toll(flooded, quiet.get(), resident(site.pid()) - before);
    } finally {
      threads.shutdownNow();
      closeSockets();
    }
  }

  /** Those that never finish say something now and then. */
  private void goOnSlowly() throws IOException {
    for (int i = 0; i < SLOW; i += 50) {
      sockets.get(i).getOutputStream().write('a');
    }
  }

  /**
   * Reads a page every so often. What takes longer than that makes the next ones late, as it would
   * if somebody else had asked for them.
   */
  private Times visit(SiteProcess site, Future<?> end) throws Exception {
    Times times = new Times();
    long due = System.nanoTime();
    while (times.millis.size() < 100 || !end.isDone()) {
      LockSupport.parkNanos(due - System.nanoTime());
      assertThat(get(site.port(), "/").statusCode()).isEqualTo(200);
      times.add(System.nanoTime() - due);
      due += 20_000_000;
    }
    return times;
  }

  @Test
  void oneAddressHasOnlySoManyOpenPages() throws Exception {
    for (int i = 0; i < PAGES; i++) {
      Socket page = connect("GET /live/pipeline HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(page.getInputStream().read()).isEqualTo('H');
    }

    assertThat(get("/live/pipeline").statusCode()).as("one page too many").isEqualTo(503);
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  /** Whatever is said of HTTP/2 (and of its holes) is not spoken here. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n",
      })
  void anotherProtocolIsNotSpoken(String request) throws Exception {
    String answer = firstLine(connect(request));

    assertThat(answer).matches("(HTTP/1\\.1 (200|4\\d\\d|505) .*)?");
  }

  @ParameterizedTest
  @ValueSource(ints = {20_000, 2_000_000})
  void aHeadWithoutEndIsCutOff(int length) throws Exception {
    Socket socket = connect("GET / HTTP/1.1\r\nHost: localhost\r\n");
    String answer;
    try {
      byte[] header = ("X-Long: " + "x".repeat(1_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      for (int sent = 0; sent < length; sent += header.length) {
        socket.getOutputStream().write(header);
      }
      socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.US_ASCII));
      answer = firstLine(socket);
    } catch (IOException e) {
      answer = "cut off";
    }

    assertThat(answer).matches("HTTP/1\\.1 4\\d\\d .*|cut off|");
    assertThat(get("/").statusCode()).isEqualTo(200);
  }

  private static String firstLine(Socket socket) throws IOException {
    socket.setSoTimeout(10_000);
    StringBuilder line = new StringBuilder();
    try {
      InputStream in = socket.getInputStream();
      for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
        line.append((char) c);
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("There was neither an answer nor an end: " + line, e);
    } catch (IOException e) {
      // Reset: that is an end too.
      return line.toString().strip();
    }
    return line.toString().strip();
  }
}
