package dev.millrace.engine.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Why something failed, as there is room for it: one line that can be taken in at a glance, and the
 * whole for who wants it. Immutable.
 *
 * @param line the first line, with long quotations cut (commands and their arguments, mostly) and
 *     an end to its length; empty if there is no reason
 * @param whole all of it, without what would deceive
 */
record Reason(String line, String whole) {
  private static final int WHOLE_MAX = 8_000;
  private static final int LINE_MAX = 160;
  private static final int QUOTE_MAX = 40;
  private static final int QUOTE_SHOWN = 24;
  // A quotation with escapes in it, or one that does not end.
  private static final Pattern QUOTE = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*+)(\"|$)");

  static Reason of(String text) {
    String whole = LabelText.visible(LabelText.clip(text.strip(), WHOLE_MAX));
    String first = whole.lines().findFirst().orElse("");
    String line = LabelText.clip(foldQuotes(first), LINE_MAX);
    boolean more = whole.length() > first.length() && !line.endsWith("…");
    return new Reason(more ? line + " …" : line, whole);
  }

  /** Whether the line leaves something out. */
  boolean isFolded() {
    return !line.equals(whole);
  }

  private static String foldQuotes(String text) {
    return QUOTE
        .matcher(text)
        .replaceAll(
            quote -> {
              String inside = quote.group(1);
              String shown =
                  inside.length() > QUOTE_MAX ? LabelText.clip(inside, QUOTE_SHOWN) : inside;
              return Matcher.quoteReplacement("\"" + shown + quote.group(2));
            });
  }
}
