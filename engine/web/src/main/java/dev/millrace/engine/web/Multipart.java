package dev.millrace.engine.web;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Forms with files in them, as browsers send them (RFC 7578). What is in a file is taken as text.
 */
final class Multipart {
  static final int PARTS_MAX = 20;
  private static final Pattern BOUNDARY =
      Pattern.compile("(?i);\\s*boundary=(?:\"([^\"]{1,70})\"|([^\\s;\"]{1,70}))");
  private static final Pattern NAME =
      Pattern.compile(
          "(?im)^content-disposition:\\s*form-data\\s*;(?:[^\\r\\n]*;)?\\s*name=\"([^\"\\r\\n]*)\"");

  private Multipart() {}

  /** Reads a body. */
  static Parameters parse(String type, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(type);
    if (!boundary.find()) {
      throw PageException.badRequest("The form has parts, but does not say what divides them.");
    }
    String between = "\r\n--" + (boundary.group(1) == null ? boundary.group(2) : boundary.group(1));
    // Latin-1 keeps every byte as one letter, so that places in the text are places in the body.
    String text = "\r\n" + new String(body, StandardCharsets.ISO_8859_1);
    Map<String, List<String>> values = new LinkedHashMap<>();
    int at = text.indexOf(between);
    for (int parts = 0; at >= 0; parts++) {
      int begin = at + between.length();
      if (text.startsWith("--", begin)) {
        return new Parameters(values);
      }
      int end = text.indexOf(between, begin);
      if (end < 0 || parts >= PARTS_MAX) {
        break;
      }
      add(text.substring(begin, end), values);
      at = end;
    }
    throw PageException.badRequest(
        "The form must have at most %d parts and an end.".formatted(PARTS_MAX));
  }

  private static void add(String part, Map<String, List<String>> values) {
    int head = part.indexOf("\r\n\r\n");
    Matcher name = NAME.matcher(head < 0 ? "" : part.substring(0, head));
    if (!name.find()) {
      throw PageException.badRequest("A part of the form has no name.");
    }
    String value = part.substring(head + 4);
    values.computeIfAbsent(utf8(name.group(1)), _ -> new ArrayList<>()).add(utf8(value));
  }

  private static String utf8(String latin) {
    return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
