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

  @AfterEach
  void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
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
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
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

  /**
   * Method: a site in a process of its own; connections that never finish a request, pages that
   * stay open and are kept up to date, a thousand connections a second that end in a reset; beside
   * them somebody who just reads. What the process has in memory is asked of the kernel.
   */
  @Test
  void aFloodKeepsNobodyFromReading() throws Exception {
    Experiment experiment = Experiment.begin("floods of pages");
    int pages = experiment.count(200, 1_000, 1_000);
    int resets = experiment.count(2_000, 100_000, 100_000);
    List<String> command = new ArrayList<>(JavaProgram.of(FloodedSite.class).command(List.of()));
    command.add(1, "-Xmx192m");
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try (BufferedReader out = process.inputReader()) {
      String[] said = String.valueOf(out.readLine()).split(" ", -1);
      port = Integer.parseInt(said[0]);
      long pid = Long.parseLong(said[1]);
      for (int i = 0; i < 300; i++) {
        assertThat(get("/").statusCode()).isBetween(200, 429);
      }
      long before = resident(pid);
      for (int i = 0; i < SLOW; i++) {
        var _ = connect("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
      }
      for (int i = 0; i < pages; i++) {
        Socket page = connectAs(i, "GET /live/pipeline HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(page.getInputStream().read()).isEqualTo('H');
        var _ =
            threads.submit(() -> page.getInputStream().transferTo(OutputStream.nullOutputStream()));
      }
      Future<?> resetting =
          threads.submit(
              () -> {
                for (int i = 0; i < resets; i++) {
                  reset(i);
                  // A thousand a second: as fast as can be, they would take the processor from us.
                  LockSupport.parkNanos(1_000_000);
                }
                return null;
              });

      List<Long> times = new ArrayList<>();
      while (times.size() < 100 || !resetting.isDone()) {
        for (int j = 0; j < SLOW; j += 50) {
          sockets.get(j).getOutputStream().write('a');
        }
        long start = System.nanoTime();
        assertThat(get("/").statusCode()).isEqualTo(200);
        times.add((System.nanoTime() - start) / 1_000_000);
        LockSupport.parkNanos(20_000_000);
      }
      resetting.get();
      times.sort(null);
      long p99 = times.get(times.size() * 99 / 100);
      long growth = resident(pid) - before;

      experiment.report(
          "%d slow, %d open pages, %d resets: page p99 %d ms, resident memory +%d MiB"
              .formatted(SLOW, pages, resets, p99, growth >> 20));
      // In the common run other tests and programs have the processor too.
      assertThat(p99)
          .as("99th percentile of %s ms", times)
          .isLessThanOrEqualTo(experiment.count(2_000, 500, 500));
      assertThat(growth).as("growth of the resident memory").isLessThanOrEqualTo(GROWTH_MAX);
    } finally {
      process.destroyForcibly();
      threads.shutdownNow();
    }
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
