package dev.millrace.engine.core;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;

/**
 * Tells from the log of a failed job why it failed: where the pattern matches, the report says it.
 *
 * @param pattern a regular expression in the syntax of RE2, in which {@code ^} and {@code $} stand
 *     for the ends of lines; no two rules have the same
 * @param report what is shown as the reason; {@code \1} stands for what the first group matched
 * @param score of several rules that match, the one with the highest score decides
 */
public record LogRule(String pattern, String report, int score) {
  /** How long a pattern or a report may be. */
  public static final int CHARS_MAX = 1000;

  /** How many states a pattern may have: matching takes at most so many steps for each letter. */
  private static final int PROGRAM_MAX = 2_000;

  /** A bound on what compiling a pattern with nested repetitions takes. */
  private static final long REPEATED_MAX = 1_000_000;

  private static final java.util.regex.Pattern REPETITION =
      java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?\\}");

  /**
   * Up to where characters may stand in a pattern that tells no capitals from small letters: Latin,
   * Greek and Cyrillic. RE2/J goes from a letter to the other case until it is back, and there are
   * letters to which it never comes back.
   */
  private static final int FOLDED_MAX = 0x4ff;

  private static final java.util.regex.Pattern FOLDING =
      java.util.regex.Pattern.compile("\\(\\?[imsU-]*i");

  private static final java.util.regex.Pattern CHARACTER =
      java.util.regex.Pattern.compile("\\\\x\\{([0-9A-Fa-f]{1,7})\\}");

  /**
   * Checks.
   *
   * @throws IllegalArgumentException if there are {@link #problems}; the message names them all
   */
  public LogRule {
    List<String> problems = problems(pattern, report);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join(" ", problems));
    }
  }

  /** What keeps this from being a rule, each as a sentence; none if it is one. */
  public static List<String> problems(String pattern, String report) {
    List<String> problems = new ArrayList<>();
    checkLength("pattern", pattern, problems);
    checkLength("report", report, problems);
    if (problems.isEmpty()) {
      checkPattern(pattern, problems);
    }
    return List.copyOf(problems);
  }

  private static void checkLength(String what, String text, List<String> problems) {
    if (text.isEmpty() || text.length() > CHARS_MAX) {
      problems.add(
          "The %s must have 1 to %d characters, but has %d."
              .formatted(what, CHARS_MAX, text.length()));
    } else if (text.indexOf('\0') >= 0) {
      problems.add("The %s must not contain a NUL character.".formatted(what));
    }
  }

  private static void checkPattern(String pattern, List<String> problems) {
    if (repeated(pattern) > REPEATED_MAX) {
      problems.add(tooLarge(pattern));
      return;
    }
    if (FOLDING.matcher(pattern).find() && largestCharacter(pattern) > FOLDED_MAX) {
      problems.add(
          "The pattern \"%s\" ignores case with (?i), and so must have no characters beyond Latin, Greek and Cyrillic (U+%04X)."
              .formatted(pattern, FOLDED_MAX));
      return;
    }
    try {
      if (compile(pattern).programSize() > PROGRAM_MAX) {
        problems.add(tooLarge(pattern));
      }
    } catch (PatternSyntaxException e) {
      problems.add(
          "The pattern \"%s\" is no regular expression of RE2: %s."
              .formatted(pattern, e.getDescription()));
    }
  }

  private static int largestCharacter(String pattern) {
    int literal = pattern.codePoints().max().orElse(0);
    return CHARACTER
        .matcher(pattern)
        .results()
        .mapToInt(found -> Integer.parseInt(found.group(1), 16))
        .reduce(literal, Math::max);
  }

  private static String tooLarge(String pattern) {
    return "The pattern \"%s\" repeats too much: its repetitions must amount to at most about %d letters."
        .formatted(pattern, PROGRAM_MAX);
  }

  /** At most how large the pattern becomes when its counted repetitions are written out. */
  private static long repeated(String pattern) {
    long product = pattern.length();
    Matcher repetition = REPETITION.matcher(pattern);
    while (repetition.find() && product <= REPEATED_MAX) {
      String last = repetition.group(2) == null ? "" : repetition.group(2);
      long count = Long.parseLong(last.isEmpty() ? repetition.group(1) : last);
      product *= Math.max(1, count);
    }
    return product;
  }

  /**
   * Looks where it first matches a log. Takes not much longer than told: what has not been looked
   * at by then does not count.
   */
  public Optional<LogMatch> findIn(JobLog log, Duration patience) throws IOException {
    return LogAnalysis.of(log)
        .find(this, compile(pattern), Deadline.in(patience))
        .map(LogAnalysis.Found::match);
  }

  /** The pattern, made ready: patterns of {@link LogRule}s always compile. */
  static Pattern compile(String pattern) {
    return Pattern.compile(pattern, Pattern.MULTILINE);
  }
}
