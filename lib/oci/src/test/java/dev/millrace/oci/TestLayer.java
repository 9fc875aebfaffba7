package dev.millrace.oci;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes a layer, also one that no tool would. */
final class TestLayer {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes);

  private TestLayer entry(String name, byte type, String link, int mode, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setMode(mode);
    entry.setLinkName(link);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
    return this;
  }

  TestLayer file(String name, String content) throws IOException {
    return entry(name, TarConstants.LF_NORMAL, "", 0644, content.getBytes(StandardCharsets.UTF_8));
  }

  TestLayer directory(String name, int mode) throws IOException {
    return entry(name, TarConstants.LF_DIR, "", mode, new byte[0]);
  }

  TestLayer symbolicLink(String name, String target) throws IOException {
    return entry(name, TarConstants.LF_SYMLINK, target, 0777, new byte[0]);
  }

  TestLayer hardLink(String name, String target) throws IOException {
    return entry(name, TarConstants.LF_LINK, target, 0644, new byte[0]);
  }

  TestLayer device(String name) throws IOException {
    return entry(name, TarConstants.LF_BLK, "", 0660, new byte[0]);
  }

  byte[] plain() throws IOException {
    tar.finish();
    return bytes.toByteArray();
  }

  byte[] gzip() throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (GZIPOutputStream stream = new GZIPOutputStream(compressed)) {
      stream.write(plain());
    }
    return compressed.toByteArray();
  }

  byte[] zstd() throws IOException {
    return Zstd.compress(plain());
  }
}
