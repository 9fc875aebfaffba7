package dev.millrace.opam;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The id of a git object: twenty bytes.
 *
 * <p>JGit has such a type, but its archive is signed, and checking that takes longer than all else
 * that has to be done where the index knows the commit.
 */
record ObjectName(long first, long second, int third) implements Comparable<ObjectName> {
  /** How many bytes it has. */
  static final int LENGTH = 20;

  /** The name of no object. */
  static final ObjectName NONE = new ObjectName(0, 0, 0);

  static ObjectName read(byte[] bytes, int at) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new ObjectName(buffer.getLong(at), buffer.getLong(at + 8), buffer.getInt(at + 16));
  }

  /** Reads forty hexadecimal digits. */
  static ObjectName parse(String hex) {
    return read(HexFormat.of().parseHex(hex), 0);
  }

  void write(ByteWriter out) {
    out.writeInt((int) (first >>> 32));
    out.writeInt((int) first);
    out.writeInt((int) (second >>> 32));
    out.writeInt((int) second);
    out.writeInt(third);
  }

  /** In the order of the bytes. */
  @Override
  public int compareTo(ObjectName other) {
    int order = Long.compareUnsigned(first, other.first);
    if (order == 0) {
      order = Long.compareUnsigned(second, other.second);
    }
    return order != 0 ? order : Integer.compareUnsigned(third, other.third);
  }

  /** The forty hexadecimal digits. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(first) + hex.toHexDigits(second) + hex.toHexDigits(third);
  }
}
