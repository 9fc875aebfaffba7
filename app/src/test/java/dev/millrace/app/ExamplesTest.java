package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The examples' opam repository, its archives and the sources they are made of fit together. */
class ExamplesTest {
  private static final Path REPOSITORY =
      Path.of(System.getProperty("millrace.root"), "examples", "opam-repository");
  private static final Pattern CHECKSUM = Pattern.compile("\"sha256=([0-9a-f]{64})\"");

  @Test
  void everyChecksumIsThatOfItsFile() throws Exception {
    List<Path> unused = new ArrayList<>(files(REPOSITORY.resolve("archives")));
    int checked = 0;
    for (Path opam : files(REPOSITORY.resolve("packages"))) {
      if (!opam.endsWith("opam")) {
        continue;
      }
      Matcher matcher = CHECKSUM.matcher(Files.readString(opam));
      while (matcher.find()) {
        String hash = matcher.group(1);
        Path archive = archive(hash);
        Path extra = opam.resolveSibling("files").resolve("describe.ml");
        Path file = Files.exists(archive) ? archive : extra;
        assertThat(sha256(Files.readAllBytes(file))).as(opam.toString()).isEqualTo(hash);
        unused.remove(archive);
        checked++;
      }
    }
    assertThat(checked).isEqualTo(5);
    assertThat(unused).as("archives that no package names").isEmpty();
  }

  @Test
  void everyArchiveHoldsItsSources() throws Exception {
    for (Path source : list(REPOSITORY.resolve("sources"))) {
      String name = source.getFileName().toString();
      Path opam =
          REPOSITORY
              .resolve("packages")
              .resolve(name.replaceFirst("\\..*", ""))
              .resolve(name)
              .resolve("opam");
      Matcher matcher = CHECKSUM.matcher(Files.readString(opam));
      assertThat(matcher.find()).as(opam.toString()).isTrue();

      Map<String, String> expected = new TreeMap<>();
      for (Path file : files(source)) {
        expected.put(name + "/" + source.relativize(file), Files.readString(file));
      }
      assertThat(unpack(archive(matcher.group(1))))
          .as("%s: run examples/opam-repository/pack after a change of the sources", name)
          .isEqualTo(expected);
    }
  }

  private static Path archive(String hash) {
    return REPOSITORY.resolve("archives/sha256").resolve(hash.substring(0, 2)).resolve(hash);
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  /** The plain files of a ustar archive: 512-byte headers, contents padded to 512 bytes. */
  private static Map<String, String> unpack(Path archive) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (GZIPInputStream tar = new GZIPInputStream(Files.newInputStream(archive))) {
      while (true) {
        byte[] header = tar.readNBytes(512);
        if (header.length < 512 || header[0] == 0) {
          return contents;
        }
        int size = Integer.parseInt(text(header, 124, 11), 8);
        byte[] body = tar.readNBytes((size + 511) / 512 * 512);
        if (header[156] == '0') {
          contents.put(text(header, 0, 100), new String(body, 0, size, StandardCharsets.UTF_8));
        }
      }
    }
  }

  private static String text(byte[] header, int offset, int length) {
    return new String(header, offset, length, StandardCharsets.US_ASCII).replaceFirst("\0.*", "");
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    }
  }
}
