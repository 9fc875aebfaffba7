package dev.millrace.engine.web;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The colours of one theme, as {@code tokens.css} has them.
 *
 * @param values {@code #rrggbb} by name, without the leading dashes
 */
record Tokens(Map<String, String> values) {
  private static final Pattern BLOCK =
      Pattern.compile("(:root(?:\\[data-theme=dark])?) \\{([^}]*)}", Pattern.DOTALL);
  private static final Pattern ENTRY = Pattern.compile("--([a-z0-9-]+): (#[0-9a-f]{6});");

  static Tokens light(String css) {
    return block(css, ":root");
  }

  static Tokens dark(String css) {
    return block(css, ":root[data-theme=dark]");
  }

  private static Tokens block(String css, String selector) {
    Matcher blocks = BLOCK.matcher(css);
    while (blocks.find()) {
      if (blocks.group(1).equals(selector)) {
        Map<String, String> values = new LinkedHashMap<>();
        Matcher entries = ENTRY.matcher(blocks.group(2));
        while (entries.find()) {
          values.put(entries.group(1), entries.group(2));
        }
        return new Tokens(values);
      }
    }
    throw new IllegalArgumentException("There is no block \"" + selector + "\" in the tokens");
  }

  String value(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("There is no token --" + name);
    }
    return value;
  }
}
