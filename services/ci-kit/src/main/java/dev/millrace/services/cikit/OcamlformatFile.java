package dev.millrace.services.cikit;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the version out of a project's {@code .ocamlformat}. */
final class OcamlformatFile {
  private static final Pattern VERSION =
      Pattern.compile("[ \\t]*version[ \\t]*=[ \\t]*([^ \\t\\r#]*).*");

  private static final int SHOWN_MAX = 5;
  private static final int SHOWN_LENGTH_MAX = 64;

  private OcamlformatFile() {}

  private static String shown(String version) {
    String start =
        version.length() <= SHOWN_LENGTH_MAX
            ? version
            : version.substring(0, SHOWN_LENGTH_MAX) + "…";
    return start.replaceAll("\\p{Cntrl}", "?");
  }

  /**
   * Reads the file's text.
   *
   * @param enabledSomewhere whether a {@code .ocamlformat-enable} file switches formatting on for
   *     some files
   */
  static OcamlformatRequest read(String text, boolean enabledSomewhere) {
    List<String> versions = new ArrayList<>();
    boolean disabled = false;
    for (String line : text.split("\n", -1)) {
      Matcher matcher = VERSION.matcher(line);
      if (matcher.matches()) {
        versions.add(matcher.group(1));
      }
      disabled |= line.strip().equals("disable");
    }
    if (versions.size() > 1) {
      return new OcamlformatRequest.Mistaken(
          "Multiple 'version=' lines in .ocamlformat: "
              + versions.stream()
                  .limit(SHOWN_MAX)
                  .map(OcamlformatFile::shown)
                  .collect(joining(", ")));
    }
    if (versions.size() == 1) {
      String version = versions.getFirst();
      return version.matches("[A-Za-z0-9_+.~-]{1,64}")
          ? new OcamlformatRequest.Version(version)
          : new OcamlformatRequest.Mistaken(
              "Unable to parse the version in .ocamlformat: \"%s\" (expected a line such as version = 0.27.0)"
                  .formatted(shown(version)));
    }
    if (enabledSomewhere) {
      return new OcamlformatRequest.Mistaken(
          ".ocamlformat: missing version (formatting is disabled but enabled somewhere by .ocamlformat-enable)");
    }
    return disabled
        ? new OcamlformatRequest.Disabled()
        : new OcamlformatRequest.Mistaken(
            ".ocamlformat: missing version (add a line such as version = 0.27.0)");
  }
}
