package dev.millrace.oci;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image: {@code debian}, {@code ocaml/opam:debian-13}, {@code
 * localhost:5000/a/b@sha256:…}. Short names are Docker Hub's, as everywhere.
 *
 * @param registry host, with a port where it is given: {@code docker.io}
 * @param repository path below it: {@code library/debian}
 * @param tag which one; {@code latest} where neither tag nor digest is given
 * @param digest which one exactly; counts before the tag
 */
public record ImageReference(
    String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
  /** The registry of short names. */
  public static final String DOCKER_HUB = "docker.io";

  private static final int LENGTH_MAX = 512;
  private static final Pattern FORM =
      Pattern.compile(
          "([^@:]+(?::[0-9]+/[^@:]+)?)(?::([\\w][\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");
  private static final Pattern HOST =
      Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static ImageReference parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (text.length() > LENGTH_MAX || !matcher.matches()) {
      throw failure(text, "expected [HOST[:PORT]/]NAME[:TAG][@sha256:DIGEST]");
    }
    String name = matcher.group(1);
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    boolean hasHost = first.contains(".") || first.contains(":") || first.equals("localhost");
    String registry = hasHost ? first : DOCKER_HUB;
    String repository = hasHost ? name.substring(slash + 1) : name;
    if (registry.equals(DOCKER_HUB) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    if (!HOST.matcher(registry).matches()) {
      throw failure(text, "\"%s\" must be a host name".formatted(registry));
    }
    if (!REPOSITORY.matcher(repository).matches()) {
      throw failure(
          text, "\"%s\" must be lower-case letters, digits and . _ - /".formatted(repository));
    }
    Optional<Digest> digest = Optional.ofNullable(matcher.group(3)).map(Digest::parse);
    Optional<String> tag = Optional.ofNullable(matcher.group(2));
    return new ImageReference(
        registry,
        repository,
        tag.isEmpty() && digest.isEmpty() ? Optional.of("latest") : tag,
        digest);
  }

  private static IllegalArgumentException failure(String text, String problem) {
    return new IllegalArgumentException(
        "Cannot read image name \"%s\": %s".formatted(text, problem));
  }

  /** The same image in another registry, such as a mirror. */
  public ImageReference at(String otherRegistry) {
    return new ImageReference(otherRegistry, repository, tag, digest);
  }

  /** The same image, pinned. */
  public ImageReference pinned(Digest exact) {
    return new ImageReference(registry, repository, tag, Optional.of(exact));
  }

  /** What a registry is asked for: the digest, or else the tag. */
  String selector() {
    return digest.map(Digest::toString).or(() -> tag).orElse("latest");
  }

  @Override
  public String toString() {
    return registry
        + "/"
        + repository
        + tag.map(t -> ":" + t).orElse("")
        + digest.map(d -> "@" + d).orElse("");
  }
}
