package dev.millrace.services.ocamlci;

import dev.millrace.services.cikit.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The platforms to test on, and where their base images come from.
 *
 * @param platforms at least one
 * @param bootstrap whether the images are made from packages
 * @param explanation which way was taken and why, one line for people
 */
record PlatformChoice(List<Platform> platforms, boolean bootstrap, String explanation) {
  /** The newest compilers on Debian stable, as the service's minimal profile has them. */
  private static final List<String> PUBLISHED =
      List.of("debian-13-ocaml-5.4", "debian-13-ocaml-5.3");

  /** What can be made from packages alone. */
  private static final List<String> BOOTSTRAPPED =
      List.of("debian-13-ocaml-5.3", "debian-12-ocaml-4.13");

  /**
   * Chooses.
   *
   * @param wanted names of platforms; empty for what this machine can run
   * @param whyNoImages why published images cannot be had; empty if they can
   * @throws LocalException naming what is possible, if something wanted is not
   */
  static PlatformChoice of(List<String> wanted, Optional<String> whyNoImages) {
    boolean bootstrap = whyNoImages.isPresent();
    List<Platform> platforms = new ArrayList<>();
    for (String text : wanted.isEmpty() ? (bootstrap ? BOOTSTRAPPED : PUBLISHED) : wanted) {
      Platform.Name name = parse(text);
      Optional<Platform> platform =
          bootstrap ? Platform.bootstrapped(name) : Platform.published(name);
      platforms.add(platform.orElseThrow(() -> impossible(name, whyNoImages)));
    }
    String explanation =
        whyNoImages
            .map(why -> "Base images: made from the distribution's packages, as " + why)
            .orElse("Base images: the published ocaml/opam images");
    return new PlatformChoice(
        platforms.stream().distinct().toList(),
        bootstrap,
        explanation
            + "; platforms: "
            + platforms.stream()
                .map(p -> p.variant().toString())
                .collect(Collectors.joining(", ")));
  }

  private static Platform.Name parse(String text) {
    try {
      return Platform.Name.parse(text);
    } catch (IllegalArgumentException e) {
      throw new LocalException(LocalException.Kind.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static LocalException impossible(Platform.Name name, Optional<String> whyNoImages) {
    String message =
        whyNoImages
            .map(
                why ->
                    "Cannot test on %s: %s, and only these can be made from packages: %s"
                        .formatted(name, why, String.join(", ", BOOTSTRAPPED)))
            .orElseGet(() -> "Cannot test on %s: no image is published for it".formatted(name));
    return new LocalException(LocalException.Kind.USAGE, message, null);
  }
}
