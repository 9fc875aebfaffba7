package dev.millrace.builder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;

/** File names of named caches: no two caches share one, and none leads out of its folder. */
final class CacheNames {
  private static final int LENGTH_MAX = 200;

  private CacheNames() {}

  /**
   * The name, with everything but letters, digits, dot, underscore and dash in hexadecimal.
   *
   * @throws BuilderException if that is too long for a file name
   */
  static String fileName(String name) {
    StringBuilder file = new StringBuilder("c-");
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if ((c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '.'
          || c == '_'
          || c == '-') {
        file.append(c);
      } else {
        file.append(String.format(Locale.ROOT, "%%%02x", (int) c));
      }
    }
    if (file.length() > LENGTH_MAX) {
      throw new BuilderException(
          "The cache name \"%s\" is too long: its file name must be at most %d bytes"
              .formatted(name, LENGTH_MAX),
          null);
    }
    return file.toString();
  }

  /** The name of the cache that has this file name. */
  static String name(String fileName) {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    for (int i = "c-".length(); i < fileName.length(); i++) {
      if (fileName.charAt(i) == '%') {
        name.write(HexFormat.fromHexDigits(fileName, i + 1, i + 3));
        i += 2;
      } else {
        name.write(fileName.charAt(i));
      }
    }
    return name.toString(StandardCharsets.UTF_8);
  }
}
