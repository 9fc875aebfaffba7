package dev.millrace.ocaml;

import static dev.millrace.ocaml.Architecture.AMD64;
import static dev.millrace.ocaml.Architecture.ARM64;
import static dev.millrace.ocaml.Architecture.PPC64LE;
import static dev.millrace.ocaml.Architecture.RISCV64;
import static dev.millrace.ocaml.Architecture.S390X;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A release of a Linux distribution that images are made of.
 *
 * @param tag its name in tags and labels, such as {@code debian-13}
 * @param baseImage the image that it starts from
 * @param tier how much is built for it
 * @param packaging its package tool
 * @param osDistribution opam's variable {@code os-distribution} there
 * @param osFamily opam's variable {@code os-family} there
 * @param osVersion opam's variable {@code os-version} there; empty where it is rolling
 * @param architectures where the newest OCaml runs on it
 * @param packagedOcaml the OCaml that it packages itself, where it does
 */
public record Distribution(
    String tag,
    String baseImage,
    Tier tier,
    Packaging packaging,
    String osDistribution,
    String osFamily,
    Optional<String> osVersion,
    List<Architecture> architectures,
    Optional<OcamlVersion> packagedOcaml) {

  /** How much is built for a distribution: tier 1 with every variant, tier 3 the least. */
  public enum Tier {
    /** Every compiler and variant. */
    TIER_1,
    /** Every compiler. */
    TIER_2,
    /** Best effort. */
    TIER_3
  }

  /** The tool that installs packages. */
  public enum Packaging {
    /** Debian and Ubuntu. */
    APT,
    /** Alpine. */
    APK,
    /** Fedora, CentOS, Oracle Linux. */
    YUM,
    /** openSUSE. */
    ZYPPER,
    /** Arch Linux. */
    PACMAN
  }

  private static final List<Architecture> TWO = List.of(AMD64, ARM64);
  private static final List<Architecture> FOUR = List.of(AMD64, ARM64, PPC64LE, S390X);
  private static final List<Architecture> FIVE = List.of(AMD64, ARM64, PPC64LE, S390X, RISCV64);

  /** Debian stable, which most is tested on. */
  public static final Distribution DEBIAN_13 =
      apt("debian", "debian-13", "debian:13", Tier.TIER_1, FIVE, "5.3.0");

  /** Debian old-stable. */
  public static final Distribution DEBIAN_12 =
      apt(
          "debian",
          "debian-12",
          "debian:12",
          Tier.TIER_2,
          List.of(AMD64, ARM64, PPC64LE),
          "4.13.1");

  /** The distributions that are built for, in the order in which they are shown. */
  public static final List<Distribution> ACTIVE =
      List.of(
          new Distribution(
              "alpine-3.24",
              "alpine:3.24",
              Tier.TIER_1,
              Packaging.APK,
              "alpine",
              "alpine",
              Optional.of("3.24"),
              TWO,
              Optional.of(OcamlVersion.parse("4.14.3"))),
          DEBIAN_13,
          DEBIAN_12,
          fedora("42", "5.3.0"),
          fedora("43", "5.3.0"),
          fedora("44", "5.4.0"),
          suse(
              "opensuse-16.0",
              "opensuse/leap:16.0",
              "opensuse-leap",
              Optional.of("16.0"),
              TWO,
              "4.14.2"),
          suse(
              "opensuse-tumbleweed",
              "opensuse/tumbleweed:latest",
              "opensuse-tumbleweed",
              Optional.empty(),
              List.of(AMD64),
              "4.14.3"),
          apt("ubuntu", "ubuntu-22.04", "ubuntu:jammy", Tier.TIER_2, FIVE, "4.13.1"),
          apt("ubuntu", "ubuntu-24.04", "ubuntu:noble", Tier.TIER_2, FIVE, "4.14.1"),
          apt("ubuntu", "ubuntu-25.04", "ubuntu:plucky", Tier.TIER_2, FIVE, "5.3.0"),
          apt("ubuntu", "ubuntu-25.10", "ubuntu:questing", Tier.TIER_2, FOUR, "5.3.0"),
          apt("ubuntu", "ubuntu-26.04", "ubuntu:resolute", Tier.TIER_2, FOUR, "5.4.0"),
          new Distribution(
              "archlinux",
              "archlinux:latest",
              Tier.TIER_3,
              Packaging.PACMAN,
              "arch",
              "arch",
              Optional.empty(),
              List.of(AMD64),
              Optional.of(OcamlVersion.parse("5.4.1"))),
          yum("centos-9", "quay.io/centos/centos:stream9", "centos", "rhel", "9"),
          yum("centos-10", "quay.io/centos/centos:stream10", "centos", "rhel", "10"),
          yum("oraclelinux-10", "oraclelinux:10", "ol", "fedora", "10"));

  private static final Set<String> RARE = Set.of("opensuse-tumbleweed");

  /** Copies. */
  public Distribution {
    architectures = List.copyOf(architectures);
  }

  /** The distribution of this tag. */
  public static Optional<Distribution> find(String tag) {
    return ACTIVE.stream().filter(distribution -> distribution.tag.equals(tag)).findFirst();
  }

  /**
   * What a CI service tests on: tiers 1 and 2, without openSUSE Tumbleweed, whose images break too
   * often.
   */
  public static List<Distribution> tested() {
    return ACTIVE.stream().filter(d -> d.tier != Tier.TIER_3 && !RARE.contains(d.tag)).toList();
  }

  private static Distribution apt(
      String name,
      String tag,
      String image,
      Tier tier,
      List<Architecture> architectures,
      String ocaml) {
    return new Distribution(
        tag,
        image,
        tier,
        Packaging.APT,
        name,
        "debian",
        Optional.of(tag.substring(name.length() + 1)),
        architectures,
        Optional.of(OcamlVersion.parse(ocaml)));
  }

  private static Distribution fedora(String version, String ocaml) {
    return new Distribution(
        "fedora-" + version,
        "fedora:" + version,
        Tier.TIER_2,
        Packaging.YUM,
        "fedora",
        "fedora",
        Optional.of(version),
        TWO,
        Optional.of(OcamlVersion.parse(ocaml)));
  }

  private static Distribution suse(
      String tag,
      String image,
      String id,
      Optional<String> version,
      List<Architecture> architectures,
      String ocaml) {
    return new Distribution(
        tag,
        image,
        Tier.TIER_2,
        Packaging.ZYPPER,
        id,
        "suse",
        version,
        architectures,
        Optional.of(OcamlVersion.parse(ocaml)));
  }

  private static Distribution yum(
      String tag, String image, String id, String family, String version) {
    return new Distribution(
        tag,
        image,
        Tier.TIER_3,
        Packaging.YUM,
        id,
        family,
        Optional.of(version),
        List.of(AMD64),
        Optional.empty());
  }
}
