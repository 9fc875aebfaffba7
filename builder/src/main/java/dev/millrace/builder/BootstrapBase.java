package dev.millrace.builder;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A base that is made of a distribution's packages: which distribution, whether with OCaml and opam
 * as CI wants them, which packages more.
 *
 * @param distribution which one
 * @param ocaml whether with OCaml, opam and a user for them
 * @param packages further packages, sorted
 */
public record BootstrapBase(Distribution distribution, boolean ocaml, List<String> packages) {
  /** Raised whenever what is made for the same name changes: part of {@link #toString}. */
  static final int RECIPE = 4;

  private static final String SCHEME = "bootstrap:";
  private static final Pattern NAME = Pattern.compile("debian-([0-9]+)(?:-ocaml-([0-9.]+))?");
  private static final Pattern PACKAGE = Pattern.compile("[a-z0-9][a-z0-9.+-]+");
  private static final Pattern IMAGE =
      Pattern.compile("(?:docker\\.io/)?ocaml/opam:(debian-[0-9]+-ocaml-[0-9.]+)");
  private static final Pattern PLAIN =
      Pattern.compile("(?:docker\\.io/)?(?:library/)?debian:([a-z0-9]+)(?:-slim)?");

  /** A distribution that can be made, with the versions it has of what CI needs. */
  public enum Distribution {
    /** Debian 12. */
    DEBIAN_12("12", "bookworm", "4.13", "2.1"),
    /** Debian 13. */
    DEBIAN_13("13", "trixie", "5.3", "2.3");

    private final String release;
    private final String suite;
    private final String ocaml;
    private final String opam;

    Distribution(String release, String suite, String ocaml, String opam) {
      this.release = release;
      this.suite = suite;
      this.ocaml = ocaml;
      this.opam = opam;
    }

    /** Its name in tags: {@code debian-13}. */
    public String tag() {
      return "debian-" + release;
    }

    /** Its name in package archives: {@code trixie}. */
    public String suite() {
      return suite;
    }

    /** Major and minor version of its OCaml. */
    public String ocaml() {
      return ocaml;
    }

    /** Major and minor version of its opam. */
    public String opam() {
      return opam;
    }
  }

  /** Checks the packages' names and sorts them. */
  public BootstrapBase {
    for (String name : packages) {
      if (!PACKAGE.matcher(name).matches()) {
        throw new BuilderException(
            "Cannot make a base with package \"%s\": a Debian package's name has lower-case letters, digits, \".\", \"+\" and \"-\""
                .formatted(name),
            null);
      }
    }
    packages = List.copyOf(new TreeSet<>(packages));
  }

  /**
   * Reads {@code bootstrap:debian-13-ocaml-5.3?packages=a,b}, and the names of public images that
   * can be made as well: {@code debian:13}, {@code ocaml/opam:debian-13-ocaml-5.3}. Empty for any
   * other name.
   *
   * @throws BuilderException if it can only mean such a base, but one that cannot be made
   */
  public static Optional<BootstrapBase> parse(String base) {
    if (base.startsWith(SCHEME)) {
      return Optional.of(parseOwn(base, base.substring(SCHEME.length())));
    }
    Matcher image = IMAGE.matcher(base);
    if (image.matches()) {
      return find(image.group(1));
    }
    Matcher plain = PLAIN.matcher(base);
    if (plain.matches()) {
      for (Distribution distribution : Distribution.values()) {
        if (plain.group(1).equals(distribution.release)
            || plain.group(1).equals(distribution.suite)) {
          return Optional.of(new BootstrapBase(distribution, false, List.of()));
        }
      }
    }
    return Optional.empty();
  }

  private static BootstrapBase parseOwn(String base, String name) {
    String[] halves = name.split("\\?", 2);
    BootstrapBase found =
        find(halves[0])
            .orElseThrow(
                () ->
                    new BuilderException(
                        "Cannot make base \"%s\": expected one of %s"
                            .formatted(base, String.join(", ", known())),
                        null));
    List<String> packages = new ArrayList<>();
    for (String option : halves.length == 1 ? new String[0] : halves[1].split("&")) {
      if (option.startsWith("packages=")) {
        packages.addAll(Arrays.asList(option.substring("packages=".length()).split(",")));
      } else if (!option.equals("recipe=" + RECIPE)) {
        throw new BuilderException(
            "Cannot make base \"%s\": \"%s\" must be packages=A,B or recipe=%d"
                .formatted(base, option, RECIPE),
            null);
      }
    }
    return new BootstrapBase(found.distribution(), found.ocaml(), packages);
  }

  private static Optional<BootstrapBase> find(String name) {
    Matcher matcher = NAME.matcher(name);
    if (matcher.matches()) {
      for (Distribution distribution : Distribution.values()) {
        String ocaml = matcher.group(2);
        if (distribution.release.equals(matcher.group(1))
            && (ocaml == null || ocaml.equals(distribution.ocaml))) {
          return Optional.of(new BootstrapBase(distribution, ocaml != null, List.of()));
        }
      }
    }
    return Optional.empty();
  }

  /** The names that {@link #parse} takes after {@code bootstrap:}. */
  public static List<String> known() {
    List<String> names = new ArrayList<>();
    for (Distribution distribution : Distribution.values()) {
      names.add(distribution.tag() + "-ocaml-" + distribution.ocaml);
      names.add(distribution.tag());
    }
    return names;
  }

  /** The same with further packages. */
  public BootstrapBase withPackages(List<String> more) {
    List<String> all = new ArrayList<>(packages);
    all.addAll(more);
    return new BootstrapBase(distribution, ocaml, all);
  }

  /** The name that decides what is made, and so may be a key: with packages and recipe. */
  @Override
  public String toString() {
    return "%s%s%s?%srecipe=%d"
        .formatted(
            SCHEME,
            distribution.tag(),
            ocaml ? "-ocaml-" + distribution.ocaml : "",
            packages.isEmpty() ? "" : "packages=" + String.join(",", packages) + "&",
            RECIPE);
  }
}
