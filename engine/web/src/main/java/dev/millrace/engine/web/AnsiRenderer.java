package dev.millrace.engine.web;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Turns what a build printed into HTML, line by line, carrying colours from one line to the next.
 *
 * <p>The input is hostile. Whatever it holds, each line becomes one well-formed piece of HTML whose
 * only elements are {@code span} with classes of ours and {@code a} with an {@code http} or {@code
 * https} address; control characters and those that reorder text are shown, never passed on.
 * Sequences that move the cursor are dropped; one that does not end on its line is shown as text,
 * so that nothing can hide what follows. A carriage return starts the line anew, as on a terminal.
 *
 * <p>Not thread-safe: one reader owns one renderer.
 *
 * <p>ECMA-48 for the sequences; hyperlinks as in the OSC 8 convention, without nesting.
 */
final class AnsiRenderer {
  private static final int LINK_MAX = 2000;
  private static final char ESC = '\u001b';

  private AnsiStyle style;
  private final StringBuilder html = new StringBuilder();
  private final StringBuilder text = new StringBuilder();
  private boolean spanOpen;
  private boolean linkOpen;

  AnsiRenderer(AnsiStyle style) {
    this.style = style;
  }

  AnsiRenderer() {
    this(AnsiStyle.PLAIN);
  }

  /** The style in force at the end of the last line. */
  AnsiStyle style() {
    return style;
  }

  /** Renders a line without its line feed. */
  String render(String line) {
    html.setLength(0);
    text.setLength(0);
    spanOpen = false;
    linkOpen = false;
    openSpan();
    int end = line.length();
    while (end > 0 && line.charAt(end - 1) == '\r') {
      end--;
    }
    int at = 0;
    while (at < end) {
      char c = line.charAt(at);
      if (c == ESC) {
        at = escape(line, at, end);
      } else {
        at += character(line, at, c);
      }
    }
    closeSpan();
    closeLink();
    return html.toString();
  }

  /** The characters of the last line rendered, as one would read them. */
  String plain() {
    return text.toString();
  }

  /** Follows a line's colours without rendering it. */
  void skim(String line) {
    int at = line.indexOf(ESC);
    while (at >= 0) {
      int end = sequenceEnd(line, at, line.length());
      if (end > 0 && at + 1 < line.length()) {
        char kind = line.charAt(at + 1);
        if (kind == '[') {
          select(line, at + 2, end);
        } else if (kind == 'c') {
          style = AnsiStyle.PLAIN;
        }
      }
      at = line.indexOf(ESC, Math.max(end, at + 1));
    }
  }

  private int character(String line, int at, char c) {
    if (c == '\r') {
      restart();
      return 1;
    }
    if (Character.isHighSurrogate(c)
        && at + 1 < line.length()
        && Character.isLowSurrogate(line.charAt(at + 1))) {
      int point = line.codePointAt(at);
      if (LabelText.isDeceptive(point)) {
        show("U+%X".formatted(point));
      } else {
        html.appendCodePoint(point);
        text.appendCodePoint(point);
      }
      return 2;
    }
    switch (c) {
      case '<' -> html.append("&lt;");
      case '>' -> html.append("&gt;");
      case '&' -> html.append("&amp;");
      case '"' -> html.append("&quot;");
      case '\'' -> html.append("&#39;");
      case '\t' -> html.append('\t');
      default -> {
        if (c < ' ') {
          show(String.valueOf((char) (0x2400 + c)));
          return 1;
        } else if (c == 0x7f) {
          show("\u2421");
          return 1;
        } else if (LabelText.isDeceptive(c)) {
          show("U+%04X".formatted((int) c));
          return 1;
        }
        html.append(c);
      }
    }
    text.append(c);
    return 1;
  }

  private void show(String mark) {
    html.append("<span class=\"ctl\">").append(mark).append("</span>");
    text.append(mark);
  }

  /** What came before a carriage return is overwritten. */
  private void restart() {
    html.setLength(0);
    text.setLength(0);
    spanOpen = false;
    linkOpen = false;
    openSpan();
  }

  /** Handles the sequence at {@code at}; returns where to go on. */
  private int escape(String line, int at, int end) {
    int next = sequenceEnd(line, at, end);
    if (next < 0) {
      show("\u241b");
      return at + 1;
    }
    char kind = line.charAt(at + 1);
    if (kind == '[') {
      AnsiStyle before = style;
      select(line, at + 2, next);
      restyle(before);
    } else if (kind == 'c') {
      AnsiStyle before = style;
      style = AnsiStyle.PLAIN;
      restyle(before);
    } else if (kind == ']') {
      link(line.substring(at + 2, next));
    }
    return next;
  }

  private void restyle(AnsiStyle before) {
    if (!before.equals(style)) {
      closeSpan();
      openSpan();
    }
  }

  /** Just after the sequence that starts at {@code at}; negative if it does not end here. */
  private static int sequenceEnd(String line, int at, int end) {
    if (at + 1 >= end) {
      return -1;
    }
    return switch (line.charAt(at + 1)) {
      case '[' -> controlEnd(line, at + 2, end);
      case ']', 'P', 'X', '^', '_' -> stringEnd(line, at + 2, end);
      default -> shortEnd(line, at + 1, end);
    };
  }

  private static int controlEnd(String line, int from, int end) {
    int i = from;
    while (i < end && line.charAt(i) >= 0x20 && line.charAt(i) <= 0x3f) {
      i++;
    }
    return i < end && line.charAt(i) >= 0x40 && line.charAt(i) <= 0x7e ? i + 1 : -1;
  }

  private static int stringEnd(String line, int from, int end) {
    for (int i = from; i < end; i++) {
      char c = line.charAt(i);
      if (c == 0x07 || c == 0x9c) {
        return i + 1;
      }
      if (c == ESC) {
        return i + 1 < end && line.charAt(i + 1) == '\\' ? i + 2 : -1;
      }
    }
    return -1;
  }

  private static int shortEnd(String line, int from, int end) {
    int i = from;
    while (i < end && line.charAt(i) >= 0x20 && line.charAt(i) <= 0x2f) {
      i++;
    }
    return i < end && line.charAt(i) >= 0x30 && line.charAt(i) <= 0x7e ? i + 1 : -1;
  }

  /** Applies "select graphic rendition"; other sequences of this form are dropped. */
  private void select(String line, int from, int next) {
    if (line.charAt(next - 1) == 'm') {
      style = style.select(line.substring(from, next - 1));
    }
  }

  private void link(String command) {
    if (!command.startsWith("8;")) {
      return;
    }
    int semicolon = command.indexOf(';', 2);
    if (semicolon < 0) {
      return;
    }
    String target = command.substring(semicolon + 1).replaceAll("[\u0007\u001b\u009c\\\\]+$", "");
    closeSpan();
    closeLink();
    safeLink(target)
        .ifPresent(
            address -> {
              html.append("<a rel=\"noopener noreferrer nofollow\" href=\"")
                  .append(address)
                  .append("\">");
              linkOpen = true;
            });
    openSpan();
  }

  /** The address, fit for an attribute, if it is an absolute one of the web. */
  static Optional<String> safeLink(String target) {
    // URI cannot encode half a character.
    boolean broken = target.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE);
    if (broken || target.length() > LINK_MAX) {
      return Optional.empty();
    }
    try {
      URI uri = new URI(target);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (!(scheme.equals("http") || scheme.equals("https"))
          || uri.getHost() == null
          || uri.getRawUserInfo() != null) {
        return Optional.empty();
      }
      return Optional.of(uri.toASCIIString().replace("&", "&amp;").replace("'", "&#39;"));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private void openSpan() {
    String classes = style.classes();
    if (!classes.isEmpty()) {
      html.append("<span class=\"").append(classes).append("\">");
      spanOpen = true;
    }
  }

  private void closeSpan() {
    if (spanOpen) {
      html.append("</span>");
      spanOpen = false;
    }
  }

  private void closeLink() {
    if (linkOpen) {
      html.append("</a>");
      linkOpen = false;
    }
  }
}
