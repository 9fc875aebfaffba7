package dev.millrace.spec;

import java.util.Locale;
import java.util.Optional;

/** Whole numbers as OCaml writes them: {@code 1_000}, {@code 0x1f}, {@code 0o17}, {@code 0b1}. */
final class Numbers {
  private Numbers() {}

  /** The number, if the text is one and fits. */
  static Optional<Integer> parse(String text) {
    String digits = text.toLowerCase(Locale.ROOT);
    int sign = digits.startsWith("-") ? -1 : 1;
    if (digits.startsWith("-") || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int radix = 10;
    if (digits.startsWith("0x")) {
      radix = 16;
    } else if (digits.startsWith("0o")) {
      radix = 8;
    } else if (digits.startsWith("0b")) {
      radix = 2;
    }
    digits = radix == 10 ? digits : digits.substring(2);
    // A number may hold underscores, but not start with one.
    if (digits.isEmpty() || Character.digit(digits.charAt(0), radix) < 0) {
      return Optional.empty();
    }
    try {
      return Optional.of(sign * Integer.parseInt(digits.replace("_", ""), radix));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
