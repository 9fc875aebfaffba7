package dev.millrace.services.cikit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.opam.OpamHash;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Mirrors and packages made to harm who downloads. Goal: what does not have its checksum is not
 * kept, whatever is sent ends at the limits, nothing but http is asked, and messages stay on their
 * lines.
 */
final class HostileMirrorTest {
  private static final byte[] CONTENT = "the source".getBytes(UTF_8);
  private static final OpamHash HASH =
      new OpamHash(
          OpamHash.Kind.SHA256,
          HexFormat.of().formatHex(ArchiveCacheTest.digest(OpamHash.Kind.SHA256, CONTENT)));
  private static final ArchiveCacheConfig SMALL =
      new ArchiveCacheConfig(List.of(), 1 << 20, Duration.ofSeconds(2), Duration.ofSeconds(1), 4);

  @TempDir Path directory;
  private final List<String> log = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private ServerSocket socket;

  @BeforeEach
  void startServers() throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    server = HttpServer.create(new InetSocketAddress(here, 0), 0);
    server.setExecutor(threads);
    server.start();
    socket = new ServerSocket(0, 10, here);
  }

  @AfterEach
  void stopServers() throws IOException {
    server.stop(0);
    socket.close();
    threads.shutdownNow();
  }

  private interface Answer {
    void writeTo(OutputStream out) throws IOException;
  }

  private String serve(Answer body) {
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            body.writeTo(exchange.getResponseBody());
          } catch (IOException e) {
            // The client has had enough, which is what is hoped for.
          }
        });
    return "http://127.0.0.1:%d".formatted(server.getAddress().getPort());
  }

  /** Serves bytes that need not be http. */
  private String serveRaw(Answer answer) {
    threads.execute(
        () -> {
          while (!socket.isClosed()) {
            try (Socket client = socket.accept();
                InputStream in = client.getInputStream()) {
              int read = in.read(new byte[4096]);
              if (read > 0) {
                answer.writeTo(client.getOutputStream());
              }
            } catch (IOException e) {
              // The next one, or the end of the test.
            }
          }
        });
    return "http://127.0.0.1:%d".formatted(socket.getLocalPort());
  }

  private void refuses(ArchiveCacheConfig config, String mirror, String reason, String... urls) {
    ArchiveCache cache =
        ArchiveCache.open(
            directory.resolve("cache"),
            mirror.isEmpty() ? config : config.withMirrors(List.of(mirror)));
    ArchiveSource source = new ArchiveSource("foo.1.0", List.of(urls), List.of(HASH));

    assertThatThrownBy(() -> cache.fetch(List.of(source), log::add))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining(reason)
        .satisfies(
            e -> {
              assertThat(e.getMessage()).hasSizeLessThan(6_000);
              assertThat(String.valueOf(e.getMessage()).replace("\n", ""))
                  .doesNotContainPattern("\\p{Cntrl}");
            });
    assertThat(log).isEmpty();
    assertThat(leftovers()).isEmpty();
  }

  private List<Path> leftovers() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void keepsNothingWithAnotherChecksum() {
    refuses(SMALL, serve(out -> out.write("other".getBytes(UTF_8))), "it has the wrong content");
  }

  @Test
  void endsABodyWithoutAnEnd() {
    refuses(
        SMALL,
        serve(
            out -> {
              while (true) {
                out.write(new byte[64 << 10]);
              }
            }),
        "it has more than 1048576 bytes");
  }

  @Test
  void endsABodyThatTakesForEver() {
    refuses(
        SMALL,
        serveRaw(
            out -> {
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n".getBytes(UTF_8));
              byte[] one = new byte[1];
              for (long next = System.nanoTime(); ; ) {
                if (System.nanoTime() >= next) {
                  out.write(one);
                  out.flush();
                  next = System.nanoTime() + Duration.ofMillis(50).toNanos();
                }
                Thread.onSpinWait();
              }
            }),
        "it took longer than PT2S");
  }

  @Test
  void endsAServerThatSaysNothing() {
    refuses(SMALL, serveRaw(out -> socket.accept().close()), "timed out");
  }

  @Test
  void endsHeadersWithoutAnEnd() {
    refuses(
        SMALL,
        serveRaw(
            out -> {
              out.write("HTTP/1.1 200 OK\r\n".getBytes(UTF_8));
              while (true) {
                out.write("X-Header: value\r\n".repeat(1_000).getBytes(UTF_8));
              }
            }),
        "Cannot get the source of foo.1.0");
  }

  @Test
  void takesABodyThatIsShorterThanItSaysForDamaged() {
    refuses(
        SMALL,
        serveRaw(
            out -> {
              out.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nthe".getBytes(UTF_8));
              out.flush();
              throw new IOException("closed early");
            }),
        "Cannot get the source of foo.1.0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "jar:file:///etc/x!/y",
        "gopher://127.0.0.1/x",
        "javascript:x",
        "//169.254.169.254/x",
        "http:///x"
      })
  void followsNoRedirectionToAnythingElse(String location) {
    String mirror =
        serveRaw(
            out ->
                out.write(
                    "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
                        .formatted(location)
                        .getBytes(UTF_8)));

    refuses(SMALL, mirror, "Cannot get the source of foo.1.0");
  }

  @Test
  void triesTheFirstAddressesOfAPackageOnly() {
    String[] urls =
        IntStream.range(0, 1_000).mapToObj(i -> "http://127.0.0.1:1/" + i).toArray(String[]::new);

    assertThatThrownBy(() -> refuses(SMALL, "", "/999", urls)).isInstanceOf(AssertionError.class);
    refuses(SMALL, "", "http://127.0.0.1:1/7", urls);
  }

  @Test
  void keepsMessagesOnTheirLines() {
    refuses(SMALL, "", "it is no address", "http://x\u001b[31m\r\nevil/");
    refuses(SMALL, "", "…", "http://127.0.0.1/" + "x".repeat(100_000));
  }

  /** A mirror that is a directory: only files in it are copied, and not without an end. */
  @Test
  void copiesNothingButFilesFromADirectory() throws Exception {
    Path mirror = directory.resolve("mirror");
    Path file = mirror.resolve(HASH.mirrorPath());
    Files.createDirectories(file.getParent());
    Files.createSymbolicLink(file, Path.of("/dev/zero"));

    refuses(SMALL, mirror.toString(), "no address is known");
  }
}
