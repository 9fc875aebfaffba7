package dev.millrace.builder;

import dev.millrace.base.Command.BrokenInputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Passes a tar stream on with its owners shifted into the host's range, or back, and without device
 * nodes.
 *
 * <p>Understands ustar, GNU and pax headers as POSIX.1-2017 (pax, "ustar Interchange Format") and
 * GNU tar's manual describe them. One thread at a time; used once.
 */
final class TarShift {
  private static final int BLOCK = 512;

  /** A pax header of more than this is refused. */
  private static final long EXTENDED_BYTES_MAX = 1 << 20;

  private final int from;
  private final int to;

  /** Header blocks that belong to the next entry: long names and pax records. */
  private byte[] pending = new byte[0];

  /** What pax records say of the next entry, whose header then says nothing that counts. */
  private OptionalLong user = OptionalLong.empty();

  private OptionalLong group = OptionalLong.empty();

  private final byte[] buffer = new byte[1 << 16];

  /** Ids {@code from} and the 65,535 after it become {@code to} and those after that. */
  TarShift(int from, int to) {
    this.from = from;
    this.to = to;
  }

  /**
   * Passes everything on, up to the stream's end.
   *
   * @throws BrokenInputException if it is no tar stream
   */
  void copy(InputStream in, OutputStream out) throws IOException {
    byte[] header = new byte[BLOCK];
    int ends = 0;
    while (ends < 2) {
      int read = in.readNBytes(header, 0, BLOCK);
      if (read == 0) {
        break;
      }
      if (read < BLOCK) {
        throw broken("it ends in the middle of a header");
      }
      if (isZero(header)) {
        ends++;
      } else {
        ends = 0;
        entry(header, in, out);
      }
    }
    out.write(new byte[2 * BLOCK]);
    in.transferTo(OutputStream.nullOutputStream());
  }

  private void entry(byte[] header, InputStream in, OutputStream out) throws IOException {
    requireChecksum(header);
    char type = (char) header[156];
    long size = number(header, 124, 12);
    long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    switch (type) {
      case 'L', 'K' -> keep(header, exactly(in, extended(padded)));
      case 'x' -> {
        byte[] data = exactly(in, extended(padded));
        byte[] records = paxRecords(Arrays.copyOf(data, (int) size));
        if (records.length > 0) {
          writeNumber(header, 124, 12, records.length);
          writeChecksum(header);
          keep(header, Arrays.copyOf(records, (records.length + BLOCK - 1) / BLOCK * BLOCK));
        }
      }
      case 'g' -> exactly(in, extended(padded));
      case '3', '4' -> {
        // A device: steps have those of their sandbox, and none may lie in a store.
        forget();
        pass(in, padded, OutputStream.nullOutputStream());
      }
      default -> {
        out.write(pending);
        writeNumber(header, 108, 8, shifted(user.orElse(number(header, 108, 8))));
        writeNumber(header, 116, 8, shifted(group.orElse(number(header, 116, 8))));
        forget();
        writeChecksum(header);
        out.write(header);
        boolean more = type == 'S' && header[482] != 0;
        while (more) {
          byte[] sparse = exactly(in, BLOCK);
          out.write(sparse);
          more = sparse[504] != 0;
        }
        boolean hasData = type == '0' || type == 0 || type == '7' || type == 'S';
        pass(in, hasData ? padded : 0, out);
      }
    }
  }

  /** The next header belongs to another entry. */
  private void forget() {
    pending = new byte[0];
    user = OptionalLong.empty();
    group = OptionalLong.empty();
  }

  private static int extended(long padded) {
    if (padded > EXTENDED_BYTES_MAX) {
      throw broken("it has a header of %d bytes".formatted(padded));
    }
    return (int) padded;
  }

  private void keep(byte[] header, byte[] data) {
    byte[] joined = Arrays.copyOf(pending, pending.length + header.length + data.length);
    System.arraycopy(header, 0, joined, pending.length, header.length);
    System.arraycopy(data, 0, joined, pending.length + header.length, data.length);
    if (joined.length > 4 * EXTENDED_BYTES_MAX) {
      throw broken("it has too many headers for one entry");
    }
    pending = joined;
  }

  private long shifted(long id) {
    if (id < from || id > from + 65535L) {
      throw broken(
          "it has a file of user or group %d: expected %d to %d"
              .formatted(id, from, from + 65535L));
    }
    return id - from + to;
  }

  /** Pax records, {@code "LENGTH KEY=VALUE\n"} each, but the owners, which are noted. */
  private byte[] paxRecords(byte[] records) {
    ByteBuffer result = ByteBuffer.allocate(records.length);
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      int length = parse(new String(records, at, space - at, StandardCharsets.US_ASCII));
      if (length < space - at + 3 || at + length > records.length) {
        throw broken("it has a pax record of a wrong length");
      }
      String record = new String(records, at, length, StandardCharsets.ISO_8859_1);
      String body = record.substring(space - at + 1);
      if (body.startsWith("uid=") || body.startsWith("gid=")) {
        OptionalLong id = OptionalLong.of(parse(body.substring(4, body.length() - 1)));
        if (body.startsWith("uid=")) {
          user = id;
        } else {
          group = id;
        }
      } else if (!body.startsWith("uname=") && !body.startsWith("gname=")) {
        result.put(records, at, length);
      }
      at += length;
    }
    return Arrays.copyOf(result.array(), result.position());
  }

  private static int parse(String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw broken("it has a pax record with the number \"%s\"".formatted(digits));
    }
  }

  private void pass(InputStream in, long length, OutputStream out) throws IOException {
    long left = length;
    while (left > 0) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw broken("it ends in the middle of a file");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw broken("it ends in the middle of a header");
    }
    return bytes;
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  /** A number in octal digits, or, with the first bit set, in base 256. */
  private static long number(byte[] header, int offset, int length) {
    if ((header[offset] & 0x80) != 0) {
      long value = header[offset] & 0x7f;
      for (int i = 1; i < length; i++) {
        value = (value << 8) | (header[offset + i] & 0xff);
      }
      return value;
    }
    String digits =
        new String(header, offset, length, StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw broken("it has a header with the number \"%s\"".formatted(digits));
    }
  }

  static void writeNumber(byte[] header, int offset, int length, long value) {
    if (value < 1L << (3 * (length - 1))) {
      String digits = String.format(Locale.ROOT, "%0" + (length - 1) + "o", value);
      System.arraycopy(digits.getBytes(StandardCharsets.US_ASCII), 0, header, offset, length - 1);
      header[offset + length - 1] = 0;
    } else {
      long rest = value;
      for (int i = length - 1; i >= 0; i--) {
        header[offset + i] = (byte) rest;
        rest >>= 8;
      }
      header[offset] |= (byte) 0x80;
    }
  }

  static void writeChecksum(byte[] header) {
    Arrays.fill(header, 148, 156, (byte) ' ');
    String digits = String.format(Locale.ROOT, "%06o", sum(header));
    System.arraycopy(digits.getBytes(StandardCharsets.US_ASCII), 0, header, 148, 6);
    header[154] = 0;
  }

  private static void requireChecksum(byte[] header) {
    byte[] blank = header.clone();
    Arrays.fill(blank, 148, 156, (byte) ' ');
    if (number(header, 148, 8) != sum(blank)) {
      throw broken("it has a header with a wrong checksum");
    }
  }

  private static int sum(byte[] header) {
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    return sum;
  }

  private static BrokenInputException broken(String problem) {
    return new BrokenInputException("Cannot unpack the tar stream: " + problem, null);
  }
}
