package dev.millrace.services.ocamlci;

import dev.millrace.services.cikit.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The platforms to test on, and where their base images come from.
 *
 * @param platforms at least one
 * @param bootstrap whether the images are made from packages
 * @param explanation which way was taken and why
 */
record PlatformChoice(List<Platform> platforms, boolean bootstrap, String explanation) {
  /** The newest compilers on Debian stable, as the service's minimal profile has them. */
  private static final List<String> PUBLISHED =
      List.of("debian-13-ocaml-5.4", "debian-13-ocaml-5.3");

  /** What can be made from packages alone. */
  private static final List<String> BOOTSTRAPPED =
      List.of("debian-13-ocaml-5.3", "debian-12-ocaml-4.13");

  /** Where published images could come from. */
  interface Images {
    /** Why the registry does not answer; empty if it does. */
    Optional<String> whyNoRegistry() throws InterruptedException;

    /** Whether a Docker engine on this machine has an image. */
    boolean isInDocker(String image) throws IOException, InterruptedException;
  }

  /**
   * Chooses: published images from the registry, else from Docker, else images made of packages.
   *
   * @param wanted names of platforms; empty for what this machine can run
   * @param bootstrapOnly whether to ask neither registry nor Docker
   * @throws LocalException naming what is possible, if something wanted is not
   */
  static PlatformChoice of(List<String> wanted, boolean bootstrapOnly, Images images)
      throws IOException, InterruptedException {
    if (bootstrapOnly) {
      return bootstrapped(wanted, "as asked for");
    }
    Optional<String> trouble = images.whyNoRegistry();
    if (trouble.isEmpty()) {
      return new PlatformChoice(
          published(wanted.isEmpty() ? PUBLISHED : wanted),
          false,
          "Base images: the published ocaml/opam images");
    }
    List<Platform> inDocker = new ArrayList<>();
    for (Platform platform : published(wanted.isEmpty() ? PUBLISHED : wanted)) {
      if (images.isInDocker(platform.base().name())) {
        inDocker.add(platform);
      }
    }
    if (!inDocker.isEmpty() && (wanted.isEmpty() || inDocker.size() == wanted.size())) {
      return new PlatformChoice(
          inDocker, false, "Base images: from the Docker engine, as " + trouble.get());
    }
    return bootstrapped(wanted, "as %s and no Docker engine has them".formatted(trouble.get()));
  }

  private static List<Platform> published(List<String> names) {
    List<Platform> platforms = new ArrayList<>();
    for (String text : names) {
      Platform.Name name =
          Platform.Name.find(text)
              .orElseThrow(
                  () ->
                      usage(
                          "Unknown platform \"%s\": expected one such as debian-13-ocaml-5.4; published are %s"
                              .formatted(text, join(Platform.known()))));
      platforms.add(
          Platform.published(name)
              .orElseThrow(
                  () -> usage("Cannot test on %s: no image is published for it".formatted(name))));
    }
    return platforms.stream().distinct().toList();
  }

  private static PlatformChoice bootstrapped(List<String> wanted, String why) {
    List<Platform> platforms = new ArrayList<>();
    for (String text : wanted.isEmpty() ? BOOTSTRAPPED : wanted) {
      platforms.add(
          Platform.Name.find(text)
              .flatMap(Platform::bootstrapped)
              .orElseThrow(
                  () ->
                      usage(
                          "Cannot test on platform \"%s\": base images are made from the distribution's packages, %s, which gives %s"
                              .formatted(text, why, String.join(", ", BOOTSTRAPPED)))));
    }
    return new PlatformChoice(
        platforms.stream().distinct().toList(),
        true,
        "Base images: made from the distribution's packages, " + why);
  }

  private static LocalException usage(String message) {
    return new LocalException(LocalException.Kind.USAGE, message, null);
  }

  private static String join(List<Platform.Name> names) {
    return names.stream().map(Platform.Name::toString).collect(Collectors.joining(", "));
  }

  /** One line for people: which way was taken and why, and what is tested on. */
  String describe() {
    return "%s; platforms: %s"
        .formatted(
            explanation,
            platforms.stream().map(p -> p.variant().toString()).collect(Collectors.joining(", ")));
  }
}
