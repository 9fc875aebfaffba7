package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes files that are nearly opam files: of a file's tokens some are left out, doubled, exchanged
 * or replaced, and now and then a byte. One thread at a time.
 */
final class OpamMutants {
  private static final Pattern TOKEN =
      Pattern.compile(
          "\"\"\"[\\s\\S]*?\"\"\"|\"(?:[^\"\\\\]++|\\\\[\\s\\S])*+\"|[A-Za-z0-9_:+-]+|\\s+|.");
  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "&",
          "|",
          "!",
          "?",
          ":",
          "=",
          "!=",
          "<",
          "<=",
          ">",
          ">=",
          "~",
          "+=",
          "=+",
          ":=",
          "\"",
          "\"\"\"",
          "\\",
          "#",
          "(*",
          "*)",
          "\n",
          "\r\n",
          " ",
          "true",
          "false",
          "0",
          "-1_0",
          "_",
          "_:x",
          "a+b:installed",
          "with-test",
          "build",
          "post",
          "os",
          "version",
          "name",
          "opam-version",
          "make",
          "\"\"",
          "\"x\"",
          "\"1.0\"",
          "\"2.1\"",
          "\"%{a}%\"",
          "\"%{a\"",
          "\"a b\"",
          "\"+x\"",
          "\"true\"",
          "\"\\065\"",
          "\"\\x41\"",
          "\"\\q\"",
          "\"\"\"a\"b\"\"\"",
          "depends:",
          "depopts:",
          "conflicts:",
          "available:",
          "flags:",
          "build:",
          "url {",
          "extra-source",
          "x-y:",
          "ocaml-version:",
          "license:",
          "\"md5=d41d8cd98f00b204e9800998ecf8427e\"",
          "\"sha256=00\"",
          "checksum:",
          "patches:");
  private static final int SIZE_MAX = 6_000;
  private static final int CHANGES_MAX = 3;

  private final Random random;

  OpamMutants(Random random) {
    this.random = random;
  }

  byte[] of(byte[] file) {
    String text = OpamText.decode(file);
    List<String> tokens = new ArrayList<>();
    for (Matcher matcher = TOKEN.matcher(text.substring(0, Math.min(SIZE_MAX, text.length())));
        matcher.find(); ) {
      tokens.add(matcher.group());
    }
    for (int i = random.nextInt(CHANGES_MAX) + 1; i > 0; i--) {
      change(tokens);
    }
    byte[] bytes = OpamText.encode(String.join("", tokens));
    if (bytes.length > 0 && random.nextInt(8) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    return bytes;
  }

  private void change(List<String> tokens) {
    int at = random.nextInt(tokens.size() + 1);
    if (at == tokens.size()) {
      tokens.add(word());
      return;
    }
    switch (random.nextInt(6)) {
      case 0 -> tokens.remove(at);
      case 1 -> tokens.add(at, tokens.get(at));
      case 2 -> tokens.set(at, word());
      case 3 -> tokens.add(at, word());
      case 4 -> tokens.add(at, tokens.get(random.nextInt(tokens.size())));
      default -> {
        int other = random.nextInt(tokens.size());
        String moved = tokens.get(at);
        tokens.set(at, tokens.get(other));
        tokens.set(other, moved);
      }
    }
  }

  private String word() {
    return WORDS.get(random.nextInt(WORDS.size()));
  }
}
