package dev.millrace.services.cikit;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.millrace.ocaml.Architecture;
import dev.millrace.ocaml.Distribution;
import dev.millrace.ocaml.OcamlRelease;
import dev.millrace.ocaml.OcamlVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Somewhere that projects are built: a variant, and where its base image comes from. Immutable.
 *
 * @param variant the label
 * @param base where its root file system comes from
 */
public record Platform(Variant variant, Base base) {
  private static final OpamVersion PUBLISHED_OPAM = OpamVersion.V2_5;

  /** Where a platform's root file system comes from. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "kind")
  public sealed interface Base {
    /** The name that stands in a specification's {@code from} and that the builder fetches. */
    String name();
  }

  /** An image of the public {@code ocaml/opam} series. */
  public record Published(String name) implements Base {}

  /** Made from a distribution's own packages, its compiler included. */
  public record Bootstrapped(String name) implements Base {}

  /** The platform with the image that is published for it, where there is one. */
  public static Optional<Platform> published(Name name) {
    boolean supported =
        Distribution.find(name.distribution())
            .filter(d -> d.architectures().contains(name.architecture()))
            .isPresent();
    boolean built =
        OcamlRelease.SIGNIFICANT.stream()
            .anyMatch(release -> release.justMajorAndMinor().equals(name.series()));
    if (!supported || !built) {
      return Optional.empty();
    }
    return Optional.of(
        new Platform(
            name.variant(PUBLISHED_OPAM), new Published("ocaml/opam:" + name.dockerTag())));
  }

  /**
   * The platform made from the distribution's packages, where that is possible: its compiler is the
   * one that the distribution packages, and so is its opam.
   */
  public static Optional<Platform> bootstrapped(Name name) {
    OpamVersion opam = BOOTSTRAPPABLE.get(new Name(name.distribution(), name.ocaml()));
    if (opam == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Platform(name.variant(opam), new Bootstrapped("bootstrap:" + name.dockerTag())));
  }

  private static final Map<Name, OpamVersion> BOOTSTRAPPABLE = bootstrappable();

  private static Map<Name, OpamVersion> bootstrappable() {
    Map<Name, OpamVersion> map = new LinkedHashMap<>();
    map.put(new Name(Distribution.DEBIAN_13.tag(), OcamlVersion.of(5, 3)), OpamVersion.V2_3);
    map.put(new Name(Distribution.DEBIAN_12.tag(), OcamlVersion.of(4, 13)), OpamVersion.V2_1);
    return map;
  }

  /** The names of all platforms that are known, for 64-bit x86: those made here first. */
  public static List<Name> known() {
    List<Name> names = new ArrayList<>(BOOTSTRAPPABLE.keySet());
    for (OcamlVersion release : OcamlRelease.SIGNIFICANT.reversed()) {
      names.add(new Name(Distribution.DEBIAN_13.tag(), release.justMajorAndMinor()));
    }
    for (Distribution distribution : Distribution.tested()) {
      for (OcamlVersion series : OcamlRelease.DEFAULT_SERIES.reversed()) {
        names.add(new Name(distribution.tag(), series));
      }
    }
    return names.stream().distinct().toList();
  }

  /**
   * How a person names a platform: {@code debian-13-ocaml-5.3}, as the tags of images are, and with
   * {@code _arm64} behind it for another architecture than 64-bit x86. Which opam it has depends on
   * where its image comes from.
   *
   * @param distribution as in image tags
   * @param ocaml the compiler, major and minor
   * @param architecture what it runs on
   */
  public record Name(String distribution, OcamlVersion ocaml, Architecture architecture) {
    private static final String OCAML_MARK = "-ocaml-";

    Name(String distribution, OcamlVersion ocaml) {
      this(distribution, ocaml, Architecture.AMD64);
    }

    /**
     * Reads a name, or a variant's text, and checks that such a platform is known.
     *
     * @throws IllegalArgumentException if it is not; the message lists those that are
     */
    public static Name parse(String text) {
      return find(text)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "Unknown platform \"%s\": expected one of %s"
                          .formatted(
                              text, known().stream().map(Name::toString).collect(joining(", ")))));
    }

    /** Reads a name, or a variant's text; empty if there is no such platform. */
    public static Optional<Name> find(String text) {
      return read(text)
          .filter(name -> published(name).isPresent() || bootstrapped(name).isPresent());
    }

    private static Optional<Name> read(String text) {
      if (text.contains("_opam-")) {
        try {
          Variant variant = Variant.parse(text);
          return Optional.of(
              new Name(variant.distribution(), variant.ocaml(), variant.architecture()));
        } catch (IllegalArgumentException e) {
          return Optional.empty();
        }
      }
      int archAt = text.indexOf('_');
      String front = archAt < 0 ? text : text.substring(0, archAt);
      int ocamlAt = front.lastIndexOf(OCAML_MARK);
      if (ocamlAt < 1) {
        return Optional.empty();
      }
      Optional<Architecture> architecture =
          archAt < 0
              ? Optional.of(Architecture.AMD64)
              : Architecture.findOpamName(text.substring(archAt + 1));
      Optional<OcamlVersion> ocaml =
          OcamlVersion.find(front.substring(ocamlAt + OCAML_MARK.length()));
      if (architecture.isEmpty() || ocaml.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(new Name(front.substring(0, ocamlAt), ocaml.get(), architecture.get()));
    }

    private OcamlVersion series() {
      return ocaml.withoutVariant();
    }

    private String dockerTag() {
      return distribution + OCAML_MARK + ocaml.dockerTag();
    }

    private Variant variant(OpamVersion opam) {
      return new Variant(distribution, ocaml, architecture, opam);
    }

    @Override
    public String toString() {
      return distribution
          + OCAML_MARK
          + ocaml
          + (architecture == Architecture.AMD64 ? "" : "_" + architecture.opamName());
    }
  }
}
