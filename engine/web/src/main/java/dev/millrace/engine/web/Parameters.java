package dev.millrace.engine.web;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The parameters of a query or a form, in their order. Immutable.
 *
 * @param values by name; each name has at least one value
 */
record Parameters(Map<String, List<String>> values) {
  static final int PAIRS_MAX = 500;

  Parameters {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    values.forEach((name, list) -> copy.put(name, List.copyOf(list)));
    values = java.util.Collections.unmodifiableMap(copy);
  }

  /** Reads {@code a=1&b=2}; percent signs that lead nowhere are a user's error. */
  static Parameters parse(String text) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    int pairs = 0;
    for (String pair : text.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      if (++pairs > PAIRS_MAX) {
        throw PageException.badRequest("There are more than " + PAIRS_MAX + " parameters.");
      }
      int equals = pair.indexOf('=');
      String name = decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
      values.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }
    return new Parameters(values);
  }

  static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw PageException.badRequest("The address has a percent sign that is not an escape.");
    }
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  /** With these values of a name instead of its own; none takes the name away. */
  Parameters with(String name, List<String> list) {
    Map<String, List<String>> copy = new LinkedHashMap<>(values);
    if (list.isEmpty()) {
      copy.remove(name);
    } else {
      copy.put(name, list);
    }
    return new Parameters(copy);
  }

  Parameters with(String name, String value) {
    return with(name, List.of(value));
  }

  Parameters without(String name) {
    return with(name, List.of());
  }

  /** {@code ?a=1&b=2}, or nothing when there are none. */
  String query() {
    if (values.isEmpty()) {
      return "";
    }
    StringJoiner joined = new StringJoiner("&", "?", "");
    values.forEach(
        (name, list) -> list.forEach(value -> joined.add(encode(name) + "=" + encode(value))));
    return joined.toString();
  }
}
