package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Identities of things by what they are made of. */
final class Digests {
  private Digests() {}

  /** SHA-256 in hexadecimal over texts, each with its length before it. */
  static String of(List<String> parts) {
    return ofBytes(parts.stream().map(part -> part.getBytes(UTF_8)).toList());
  }

  /** SHA-256 in hexadecimal over byte strings, each with its length before it. */
  static String ofBytes(List<byte[]> parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
        digest.update(part);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }
}
