package dev.millrace.builder;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * Writes an archive in GNU tar's format, with one owner and normal modes. One thread at a time; the
 * stream is its caller's.
 */
final class TarWriter {
  private static final int BLOCK = 512;
  private static final int NAME_MAX = 100;

  private final OutputStream out;
  private final User owner;
  private final byte[] buffer = new byte[1 << 16];

  TarWriter(OutputStream out, User owner) {
    this.out = out;
    this.owner = owner;
  }

  /** A directory; nothing is written for the root. */
  void directory(String name, Instant modified) throws IOException {
    String normal = normalise(name);
    if (!normal.isEmpty()) {
      header(normal + "/", '5', 0755, 0, modified, "");
    }
  }

  /** A symbolic link. */
  void link(String name, String target, Instant modified) throws IOException {
    header(normalise(name), '2', 0777, 0, modified, target);
  }

  /**
   * A file with its content.
   *
   * @param path what to call it in a message
   */
  void file(
      String name,
      boolean executable,
      long size,
      Instant modified,
      InputStream content,
      String path)
      throws IOException {
    header(normalise(name), '0', executable ? 0755 : 0644, size, modified, "");
    long left = size;
    while (left > 0) {
      int count = content.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (count < 0) {
        throw new IOException(
            "\"%s\" became shorter while it was copied: sources must not change during a build"
                .formatted(path));
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    pad(size);
  }

  /** The end of the archive. */
  void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private void header(String name, char type, int mode, long size, Instant modified, String link)
      throws IOException {
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] linkBytes = link.getBytes(StandardCharsets.UTF_8);
    if (linkBytes.length > NAME_MAX) {
      longRecord('K', linkBytes);
    }
    if (nameBytes.length > NAME_MAX) {
      longRecord('L', nameBytes);
    }
    byte[] header = block(nameBytes, type, mode, size);
    TarShift.writeNumber(header, 108, 8, owner.uid());
    TarShift.writeNumber(header, 116, 8, owner.gid());
    TarShift.writeNumber(header, 136, 12, Math.max(0, modified.getEpochSecond()));
    System.arraycopy(linkBytes, 0, header, 157, Math.min(linkBytes.length, NAME_MAX));
    TarShift.writeChecksum(header);
    out.write(header);
  }

  private void longRecord(char type, byte[] text) throws IOException {
    byte[] name = "././@LongLink".getBytes(StandardCharsets.UTF_8);
    byte[] header = block(name, type, 0, text.length + 1);
    TarShift.writeNumber(header, 108, 8, 0);
    TarShift.writeNumber(header, 116, 8, 0);
    TarShift.writeNumber(header, 136, 12, 0);
    TarShift.writeChecksum(header);
    out.write(header);
    out.write(Arrays.copyOf(text, text.length + 1));
    pad(text.length + 1L);
  }

  private static byte[] block(byte[] name, char type, int mode, long size) {
    byte[] header = new byte[BLOCK];
    System.arraycopy(name, 0, header, 0, Math.min(name.length, NAME_MAX));
    TarShift.writeNumber(header, 100, 8, mode);
    TarShift.writeNumber(header, 124, 12, size);
    header[156] = (byte) type;
    byte[] magic = "ustar  \0".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(magic, 0, header, 257, magic.length);
    return header;
  }

  private void pad(long size) throws IOException {
    int rest = (int) (size % BLOCK);
    if (rest > 0) {
      out.write(new byte[BLOCK - rest]);
    }
  }

  /** Without slashes at the ends, empty parts and dots. */
  static String normalise(String name) {
    StringBuilder normal = new StringBuilder();
    for (String part : name.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        normal.append(normal.isEmpty() ? "" : "/").append(part);
      }
    }
    return normal.toString();
  }
}
