package dev.millrace.services.cikit;

/**
 * A platform whose image is at hand and has been asked for its variables. Immutable.
 *
 * @param platform which one
 * @param base what stands in a specification's {@code from}; may be more exact than the platform's
 *     own name, such as a digest
 * @param variables what opam says of it
 */
public record TestedPlatform(Platform platform, String base, PlatformVariables variables) {
  /** The label. */
  public Variant variant() {
    return platform.variant();
  }

  /** As text for a cache. */
  public String encode() {
    return CiKitJson.encode(this);
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws IllegalArgumentException if the text is something else
   */
  public static TestedPlatform decode(String text) {
    return CiKitJson.decode(text, TestedPlatform.class);
  }
}
