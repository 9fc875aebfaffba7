package dev.millrace.app;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes UTF-8 that comes in pieces, which may end within a character. What is no UTF-8 is
 * replaced. Used by one thread.
 */
final class StreamText {
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private byte[] rest = new byte[0];

  /** The characters that are complete with this piece. */
  String decode(byte[] buffer, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(rest.length + length);
    bytes.put(rest).put(buffer, 0, length).flip();
    CharBuffer chars = CharBuffer.allocate(bytes.remaining() + 1);
    decoder.decode(bytes, chars, false);
    rest = new byte[bytes.remaining()];
    bytes.get(rest);
    return chars.flip().toString();
  }

  /** What is left when nothing more comes. */
  String end() {
    String text = new String(rest, StandardCharsets.UTF_8);
    rest = new byte[0];
    decoder.reset();
    return text;
  }
}
