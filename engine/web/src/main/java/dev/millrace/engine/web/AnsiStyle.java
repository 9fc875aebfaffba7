package dev.millrace.engine.web;

import java.util.ArrayList;
import java.util.List;

/**
 * The look of terminal text: what "select graphic rendition" has chosen so far. Immutable.
 *
 * <p>Colours are reduced to the page's own (which are readable on its background in both themes):
 * the bright ones to the normal ones, those of the palette and true colours to the nearest hue.
 */
record AnsiStyle(
    boolean bold,
    boolean faint,
    boolean italic,
    Underline underline,
    boolean struck,
    boolean reverse,
    Hue foreground,
    Hue background) {
  static final AnsiStyle PLAIN =
      new AnsiStyle(false, false, false, Underline.NONE, false, false, Hue.DEFAULT, Hue.DEFAULT);

  /** Lines below the text. */
  enum Underline {
    NONE,
    SINGLE,
    DOUBLE
  }

  /** A colour of the page; the suffix of its classes. */
  enum Hue {
    DEFAULT(""),
    INK("k"),
    RED("r"),
    GREEN("g"),
    YELLOW("y"),
    BLUE("bl"),
    MAGENTA("m"),
    CYAN("c"),
    GREY("gr");

    private final String suffix;

    Hue(String suffix) {
      this.suffix = suffix;
    }
  }

  private static final List<Hue> BASIC =
      List.of(Hue.INK, Hue.RED, Hue.GREEN, Hue.YELLOW, Hue.BLUE, Hue.MAGENTA, Hue.CYAN, Hue.INK);

  /** The style after a sequence with these parameters ({@code 01;34}). */
  AnsiStyle select(String parameters) {
    List<Integer> codes = codes(parameters);
    AnsiStyle style = this;
    for (int i = 0; i < codes.size(); i++) {
      int code = codes.get(i);
      if (code == 38 || code == 48) {
        int mode = i + 1 < codes.size() ? codes.get(i + 1) : -1;
        int length = mode == 5 ? 2 : mode == 2 ? 4 : 0;
        if (length == 0 || i + length >= codes.size()) {
          return style;
        }
        Hue hue =
            mode == 5
                ? palette(codes.get(i + 2))
                : nearest(codes.get(i + 2), codes.get(i + 3), codes.get(i + 4));
        style = code == 38 ? style.withForeground(hue) : style.withBackground(hue);
        i += length;
      } else {
        style = style.apply(code);
      }
    }
    return style;
  }

  private static List<Integer> codes(String parameters) {
    List<Integer> codes = new ArrayList<>();
    int value = 0;
    for (int i = 0; i <= parameters.length(); i++) {
      char c = i < parameters.length() ? parameters.charAt(i) : ';';
      if (c >= '0' && c <= '9') {
        value = Math.min(value * 10 + (c - '0'), 9999);
      } else if (c == ';' || c == ':') {
        codes.add(value);
        value = 0;
      } else {
        return List.of();
      }
    }
    return codes;
  }

  private AnsiStyle apply(int code) {
    return switch (code) {
      case 0 -> PLAIN;
      case 1 ->
          new AnsiStyle(true, faint, italic, underline, struck, reverse, foreground, background);
      case 2 ->
          new AnsiStyle(bold, true, italic, underline, struck, reverse, foreground, background);
      case 3 ->
          new AnsiStyle(bold, faint, true, underline, struck, reverse, foreground, background);
      case 4 -> withUnderline(Underline.SINGLE);
      case 7 -> new AnsiStyle(bold, faint, italic, underline, struck, true, foreground, background);
      case 9 ->
          new AnsiStyle(bold, faint, italic, underline, true, reverse, foreground, background);
      case 21 -> withUnderline(Underline.DOUBLE);
      case 22 ->
          new AnsiStyle(false, false, italic, underline, struck, reverse, foreground, background);
      case 23 ->
          new AnsiStyle(bold, faint, false, underline, struck, reverse, foreground, background);
      case 24 -> withUnderline(Underline.NONE);
      case 27 ->
          new AnsiStyle(bold, faint, italic, underline, struck, false, foreground, background);
      case 29 ->
          new AnsiStyle(bold, faint, italic, underline, false, reverse, foreground, background);
      case 30, 31, 32, 33, 34, 35, 36, 37 -> withForeground(BASIC.get(code - 30));
      case 39 -> withForeground(Hue.DEFAULT);
      case 40, 41, 42, 43, 44, 45, 46, 47 -> withBackground(BASIC.get(code - 40));
      case 49 -> withBackground(Hue.DEFAULT);
      case 90 -> withForeground(Hue.GREY);
      case 91, 92, 93, 94, 95, 96, 97 -> withForeground(BASIC.get(code - 90));
      case 100 -> withBackground(Hue.GREY);
      case 101, 102, 103, 104, 105, 106, 107 -> withBackground(BASIC.get(code - 100));
      default -> this;
    };
  }

  private AnsiStyle withUnderline(Underline lines) {
    return new AnsiStyle(bold, faint, italic, lines, struck, reverse, foreground, background);
  }

  private AnsiStyle withForeground(Hue hue) {
    return new AnsiStyle(bold, faint, italic, underline, struck, reverse, hue, background);
  }

  private AnsiStyle withBackground(Hue hue) {
    return new AnsiStyle(bold, faint, italic, underline, struck, reverse, foreground, hue);
  }

  /** The 256 colours of xterm. */
  private static Hue palette(int index) {
    if (index < 8) {
      return BASIC.get(index);
    }
    if (index == 8) {
      return Hue.GREY;
    }
    if (index < 16) {
      return BASIC.get(index - 8);
    }
    if (index < 232) {
      int cube = index - 16;
      return nearest(cube / 36 * 51, cube / 6 % 6 * 51, cube % 6 * 51);
    }
    int grey = 8 + (Math.min(index, 255) - 232) * 10;
    return nearest(grey, grey, grey);
  }

  private static Hue nearest(int red, int green, int blue) {
    int most = Math.max(red, Math.max(green, blue));
    int least = Math.min(red, Math.min(green, blue));
    int spread = most - least;
    if (spread * 5 < Math.max(most, 1) || most < 48) {
      return most < 64 || most > 200 ? Hue.INK : Hue.GREY;
    }
    double sector;
    if (most == red) {
      sector = (double) (green - blue) / spread;
    } else if (most == green) {
      sector = 2 + (double) (blue - red) / spread;
    } else {
      sector = 4 + (double) (red - green) / spread;
    }
    int hue = Math.floorMod(Math.round(sector), 6);
    return switch (hue) {
      case 0 -> Hue.RED;
      case 1 -> Hue.YELLOW;
      case 2 -> Hue.GREEN;
      case 3 -> Hue.CYAN;
      case 4 -> Hue.BLUE;
      default -> Hue.MAGENTA;
    };
  }

  /** The classes that draw it; empty for plain text. Text on a background is always ink. */
  String classes() {
    if (equals(PLAIN)) {
      return "";
    }
    StringBuilder classes = new StringBuilder();
    add(classes, bold, "a-b");
    add(classes, italic, "a-i");
    add(classes, underline == Underline.SINGLE, "a-u");
    add(classes, underline == Underline.DOUBLE, "a-uu");
    add(classes, struck, "a-s");
    if (reverse) {
      add(classes, true, "rev");
    } else if (background != Hue.DEFAULT && background != Hue.INK) {
      add(classes, true, "b-" + background.suffix);
      add(classes, true, "f-k");
    } else if (foreground != Hue.DEFAULT) {
      add(classes, true, "f-" + foreground.suffix);
    } else {
      add(classes, faint, "f-gr");
    }
    return classes.toString();
  }

  private static void add(StringBuilder classes, boolean wanted, String name) {
    if (wanted) {
      if (!classes.isEmpty()) {
        classes.append(' ');
      }
      classes.append(name);
    }
  }
}
