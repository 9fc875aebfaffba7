package dev.millrace.services.cikit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.millrace.opam.OpamHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ArchiveCacheTest {
  private static final byte[] CONTENT = "the source".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final List<String> log = new ArrayList<>();
  private HttpServer server;
  private final List<String> requests = new ArrayList<>();

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  private String url(String path) {
    return "http://127.0.0.1:%d%s".formatted(server.getAddress().getPort(), path);
  }

  private void serve(String path, int status, byte[] body) {
    server.createContext(
        path,
        exchange -> {
          synchronized (requests) {
            requests.add(exchange.getRequestURI().getPath());
          }
          exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
  }

  private static OpamHash checksum(OpamHash.Kind algorithm, byte[] content) {
    return new OpamHash(algorithm, HexFormat.of().formatHex(digest(algorithm, content)));
  }

  static byte[] digest(OpamHash.Kind kind, byte[] content) {
    try {
      return MessageDigest.getInstance(kind.algorithm()).digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static List<OpamHash> checksums(byte[] content) {
    return Stream.of(OpamHash.Kind.values())
        .map(algorithm -> checksum(algorithm, content))
        .toList();
  }

  private static ArchiveSource source(List<OpamHash> checksums, String... urls) {
    return new ArchiveSource("foo.1.0", List.of(urls), checksums);
  }

  private ArchiveCache cache(String... mirrors) {
    return ArchiveCache.open(
        directory.resolve("cache"), ArchiveCacheConfig.DEFAULT.withMirrors(List.of(mirrors)));
  }

  private Path mirror(byte[] content, OpamHash name) throws IOException {
    Path file = directory.resolve("mirror").resolve(name.mirrorPath());
    Files.createDirectories(file.resolveSibling(""));
    Files.write(file, content);
    return directory.resolve("mirror");
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("cache"))) {
      return files
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("incoming-"))
          .toList();
    }
  }

  @Test
  void takesAFileFromAMirrorDirectoryAndKeepsItUnderAllItsChecksums() throws Exception {
    List<OpamHash> checksums = checksums(CONTENT);
    Path mirror = mirror(CONTENT, checksums.getLast());
    ArchiveCache cache = cache(mirror.toString());

    cache.fetch(List.of(source(checksums, "https://example.invalid/foo.tgz")), log::add);

    assertThat(cache.find(source(checksums))).isPresent();
    assertThat(checksums)
        .allSatisfy(
            checksum ->
                assertThat(directory.resolve("cache").resolve(checksum.mirrorPath()))
                    .hasBinaryContent(CONTENT));
    assertThat(log).singleElement().asString().contains("foo.1.0", mirror.toString());
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void asksAMirrorByHttpWhereItsLayoutSays() throws Exception {
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    serve("/mirror/" + sha256.mirrorPath(), 200, CONTENT);
    ArchiveCache cache = cache(url("/mirror"));

    cache.fetch(List.of(source(List.of(sha256))), log::add);
    cache.fetch(List.of(source(List.of(sha256))), log::add);

    assertThat(cache.require(source(List.of(sha256)))).hasBinaryContent(CONTENT);
    assertThat(requests).containsExactly("/mirror/" + sha256.mirrorPath());
  }

  @Test
  void goesOnToTheNextPlaceWhenOneHasTheWrongContent() throws Exception {
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    Path bad = mirror("damaged".getBytes(StandardCharsets.UTF_8), sha256);
    serve("/" + sha256.mirrorPath(), 200, CONTENT);
    ArchiveCache cache = cache(bad.toString(), url(""));

    cache.fetch(List.of(source(List.of(sha256))), log::add);

    assertThat(cache.require(source(List.of(sha256)))).hasBinaryContent(CONTENT);
  }

  @Test
  void holdsAFileAgainstEveryChecksum() {
    OpamHash right = checksum(OpamHash.Kind.SHA256, CONTENT);
    OpamHash wrong = checksum(OpamHash.Kind.MD5, "else".getBytes(StandardCharsets.UTF_8));
    serve("/" + right.mirrorPath(), 200, CONTENT);

    assertThatThrownBy(() -> cache(url("")).fetch(List.of(source(List.of(wrong, right))), log::add))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("Cannot get the source of foo.1.0 (%s)".formatted(right))
        .hasMessageContaining("it has the wrong content: expected " + wrong);
  }

  @Test
  void doesNotTrustAFileThatWasKeptForAWeakerChecksum() throws Exception {
    byte[] other = "other".getBytes(StandardCharsets.UTF_8);
    OpamHash md5 = checksum(OpamHash.Kind.MD5, CONTENT);
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    OpamHash foreign = checksum(OpamHash.Kind.SHA256, other);
    serve("/" + sha256.mirrorPath(), 200, CONTENT);
    ArchiveCache cache = cache(url(""));
    cache.fetch(List.of(source(List.of(sha256))), log::add);

    assertThat(cache.find(source(List.of(sha256, md5)))).isPresent();
    assertThat(cache.find(source(List.of(foreign, md5)))).isEmpty();
    assertThat(cache.find(source(List.of(sha256, checksum(OpamHash.Kind.MD5, other))))).isEmpty();
  }

  @Test
  void namesEveryFileThatCannotBeHadAndWhatWasTried() {
    ArchiveSource missing =
        new ArchiveSource("bar.2", List.of(), checksums("bar".getBytes(StandardCharsets.UTF_8)));
    serve("/", 404, new byte[0]);

    assertThatThrownBy(
            () -> cache(url("")).fetch(List.of(source(checksums(CONTENT)), missing), log::add))
        .isInstanceOfSatisfying(
            CiKitException.class, failure -> assertThat(failure.isRetryable()).isTrue())
        .hasMessageContaining("Cannot get the source of foo.1.0")
        .hasMessageContaining("Cannot get the source of bar.2")
        .hasMessageContaining("the server answered with status 404");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:1/x",
        "http://localhost/x",
        "http://[::1]/x",
        "http://0.0.0.0/x",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/x",
        "http://192.168.1.1/x",
        "http://[fd00::1]/x",
        "http://[::ffff:127.0.0.1]/x",
        "http://100.64.0.1/x"
      })
  void refusesPrivateAddressesThatAPackageNames(String url) {
    assertThatThrownBy(() -> cache().fetch(List.of(source(checksums(CONTENT), url)), log::add))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("is a private address");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://example.org/x",
        "/etc/passwd",
        "http://",
        "http://%zz/"
      })
  void refusesAddressesOfOtherKinds(String url) {
    assertThatThrownBy(() -> cache().fetch(List.of(source(checksums(CONTENT), url)), log::add))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining("Cannot get the source of foo.1.0");
  }

  @Test
  void doesNotFollowAMirrorToAPrivateAddress() throws Exception {
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    server.createContext(
        "/" + sha256.mirrorPath(),
        exchange -> {
          exchange.getResponseHeaders().add("Location", "http://169.254.169.254/secret");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });

    assertThatThrownBy(() -> cache(url("")).fetch(List.of(source(List.of(sha256))), log::add))
        .hasMessageContaining("\"169.254.169.254\" is a private address");
  }

  @Test
  void followsAFewRedirectionsOnly() throws Exception {
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    server.createContext(
        "/" + sha256.mirrorPath(),
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });

    assertThatThrownBy(() -> cache(url("")).fetch(List.of(source(List.of(sha256))), log::add))
        .hasMessageContaining("more than 5 redirections");
  }

  @Test
  void stopsAtTheLimitOfSizes() throws Exception {
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);
    serve("/" + sha256.mirrorPath(), 200, CONTENT);
    ArchiveCache small =
        ArchiveCache.open(
            directory.resolve("cache"),
            ArchiveCacheConfig.DEFAULT.withMirrors(List.of(url(""))).withBytesMax(4));

    assertThatThrownBy(() -> small.fetch(List.of(source(List.of(sha256))), log::add))
        .hasMessageContaining("it has more than 4 bytes");
    assertThat(leftovers()).isEmpty();
  }

  @Test
  void saysWhereItCannotWrite() throws Exception {
    Files.writeString(directory.resolve("cache"), "a file in the way");
    OpamHash sha256 = checksum(OpamHash.Kind.SHA256, CONTENT);

    assertThatThrownBy(() -> cache().fetch(List.of(source(List.of(sha256))), log::add))
        .isInstanceOf(CiKitException.class)
        .hasMessageContaining(
            "Cannot keep sources in \"%s\"".formatted(directory.resolve("cache")));
  }
}
