package dev.millrace.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers are written by hand here, so that also those can be that no tool makes. */
final class ImageTarTest {
  @TempDir private Path directory;
  private final List<Path> layers = new ArrayList<>();

  private TestLayer layer() {
    return new TestLayer();
  }

  private void add(byte[] bytes) throws IOException {
    Path file = directory.resolve("layer-" + layers.size());
    Files.write(file, bytes);
    layers.add(file);
  }

  private byte[] flatten() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageTar.write(layers, new ImageTar.Limits(1 << 20, 1000), out);
    return out.toByteArray();
  }

  /** Path to kind and content, as unpacking the stream in order makes them. */
  private Map<String, String> tree() throws IOException {
    Map<String, String> tree = new LinkedHashMap<>();
    try (TarArchiveInputStream tar =
        new TarArchiveInputStream(new ByteArrayInputStream(flatten()))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String name = entry.getName().replaceFirst("/$", "");
        if (entry.isDirectory()) {
          tree.put(name, "dir " + Integer.toOctalString(entry.getMode() & 07777));
        } else if (entry.isSymbolicLink()) {
          tree.put(name, "-> " + entry.getLinkName());
        } else if (entry.isLink()) {
          assertThat(tree).containsKey(entry.getLinkName());
          tree.put(name, "= " + entry.getLinkName());
        } else {
          tree.put(name, new String(tar.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
    }
    tree.remove(".");
    return tree;
  }

  @Test
  void laysLayersOnTopOfEachOther() throws Exception {
    add(layer().directory("etc/", 0755).file("etc/a", "1").file("etc/b", "2").gzip());
    add(layer().directory("etc", 0700).file("etc/a", "changed").file("new/c", "3").zstd());

    assertThat(tree())
        .isEqualTo(
            Map.of(
                "etc", "dir 700", "etc/a", "changed", "etc/b", "2", "new", "dir 755", "new/c",
                "3"));
  }

  @Test
  void whiteoutsRemoveWhatLowerLayersHave() throws Exception {
    add(layer().file("a/x", "1").file("a/y", "2").file("b/old", "3").file("f", "4").plain());
    add(
        layer()
            .file("a/.wh.x", "")
            .file("b/new", "5")
            .file("b/.wh..wh..opq", "")
            .file("f/g", "below what was a file")
            .file(".wh.f", "")
            .plain());

    assertThatThrownBy(this::tree).hasMessageContaining("\"f/g\" lies below what is no directory");
    layers.removeLast();
    add(
        layer()
            .file("a/.wh.x", "")
            .file("b/new", "5")
            .file("b/.wh..wh..opq", "")
            .file(".wh.f", "")
            .file("f/g", "6")
            .plain());
    assertThat(tree())
        .isEqualTo(
            Map.of(
                "a", "dir 755", "a/y", "2", "b", "dir 755", "b/new", "5", "f", "dir 755", "f/g",
                "6"));
  }

  @Test
  void linksKeepTheContentThatTheyHad() throws Exception {
    add(layer().file("a", "old").hardLink("b", "a").hardLink("c", "./a").plain());
    add(layer().file("a", "new").plain());

    assertThat(tree()).isEqualTo(Map.of("a", "new", "b", "old", "c", "= b"));
  }

  @Test
  void followsLinksInsideTheImageOnly() throws Exception {
    add(
        layer()
            .directory("usr/lib", 0755)
            .symbolicLink("lib", "usr/lib")
            .symbolicLink("up", "../../../usr")
            .symbolicLink("out", "/etc")
            .plain());
    add(
        layer()
            .file("lib/so", "1")
            .file("up/lib/too", "2")
            .directory("etc", 0755)
            .file("out/passwd", "3")
            .plain());

    assertThat(tree())
        .isEqualTo(
            Map.of(
                "usr",
                "dir 755",
                "usr/lib",
                "dir 755",
                "lib",
                "-> usr/lib",
                "up",
                "-> ../../../usr",
                "out",
                "-> /etc",
                "usr/lib/so",
                "1",
                "usr/lib/too",
                "2",
                "etc",
                "dir 755",
                "etc/passwd",
                "3"));
  }

  @Test
  void refusesPathsThatGoUp() throws Exception {
    add(layer().file("../../etc/cron.d/x", "evil").plain());

    assertThatThrownBy(this::flatten)
        .isInstanceOf(OciException.class)
        .hasMessage("Cannot unpack an image: the path of \"../../etc/cron.d/x\" must not go up");
  }

  @Test
  void refusesLinksToWhatTheImageHasNot() throws Exception {
    add(layer().hardLink("shadow", "/etc/shadow").plain());

    assertThatThrownBy(this::flatten)
        .hasMessage(
            "Cannot unpack an image: \"shadow\" links to \"/etc/shadow\", which must be a file of"
                + " the image");
  }

  @Test
  void refusesCirclesOfLinks() throws Exception {
    add(layer().symbolicLink("a", "b").symbolicLink("b", "a").file("a/x", "1").plain());

    assertThatThrownBy(this::flatten).hasMessageContaining("lies below what is no directory");
  }

  @Test
  void refusesWhatIsTooLarge() throws Exception {
    add(layer().file("zeros", "\0".repeat(1 << 20)).file("more", "x").gzip());

    assertThatThrownBy(this::flatten).hasMessageContaining("larger than 1048576 bytes");
  }

  @Test
  void refusesDamagedLayers() throws Exception {
    byte[] good = layer().file("a", "content").gzip();
    good[good.length / 2] ^= 0x55;
    add(good);

    assertThatThrownBy(this::flatten).isInstanceOf(OciException.class);
  }

  @Test
  void keepsDevicesOut() throws Exception {
    add(layer().device("dev/sda").plain());

    assertThat(tree()).isEqualTo(Map.of("dev", "dir 755", "dev/sda", ""));
  }
}
