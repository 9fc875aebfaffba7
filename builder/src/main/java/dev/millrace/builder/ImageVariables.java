package dev.millrace.builder;

import java.util.ArrayList;
import java.util.List;

/** The environment that an image asks for. */
final class ImageVariables {
  private ImageVariables() {}

  /**
   * Reads {@code NAME=VALUE} entries.
   *
   * @throws BuilderException if one is none
   */
  static List<Sandbox.Variable> parse(String image, List<String> entries) {
    List<Sandbox.Variable> variables = new ArrayList<>();
    for (String entry : entries) {
      int equals = entry.indexOf('=');
      if (equals < 1) {
        throw new BuilderException(
            "Cannot use image \"%s\": its environment has \"%s\", which should be 'K=V'"
                .formatted(image, entry),
            null);
      }
      variables.add(new Sandbox.Variable(entry.substring(0, equals), entry.substring(equals + 1)));
    }
    return List.copyOf(variables);
  }
}
