package dev.millrace.ocaml;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A processor architecture, under the names that OCaml, opam and Docker have for it. */
public enum Architecture {
  /** 64-bit x86. */
  AMD64("amd64", "x86_64", "amd64"),
  /** 32-bit x86. */
  I386("i386", "x86_32", "386"),
  /** 64-bit ARM. */
  ARM64("arm64", "arm64", "arm64"),
  /** 32-bit ARM. */
  ARM32("arm32v7", "arm32", "arm"),
  /** 64-bit POWER, little-endian. */
  PPC64LE("ppc64le", "ppc64", "ppc64le"),
  /** IBM Z. */
  S390X("s390x", "s390x", "s390x"),
  /** 64-bit RISC-V. */
  RISCV64("riscv64", "riscv64", "riscv64");

  private static final Map<String, Architecture> OTHER_NAMES =
      Map.of("i686", I386, "686", I386, "aarch64", ARM64, "aarch32", ARM32);

  private final String displayName;
  private final String opamName;
  private final String dockerName;

  Architecture(String displayName, String opamName, String dockerName) {
    this.displayName = displayName;
    this.opamName = opamName;
    this.dockerName = dockerName;
  }

  /** The architecture of this name, under any of its names. */
  public static Optional<Architecture> find(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (Architecture architecture : values()) {
      if (lower.equals(architecture.displayName)
          || lower.equals(architecture.opamName)
          || lower.equals(architecture.dockerName)
          || architecture == OTHER_NAMES.get(lower)) {
        return Optional.of(architecture);
      }
    }
    return Optional.empty();
  }

  /** The architecture that opam calls so; its names are exact. */
  public static Optional<Architecture> findOpamName(String name) {
    for (Architecture architecture : values()) {
      if (architecture.opamName.equals(name)) {
        return Optional.of(architecture);
      }
    }
    return Optional.empty();
  }

  /** The name for people. */
  public String displayName() {
    return displayName;
  }

  /** The name in opam's variable {@code arch}. */
  public String opamName() {
    return opamName;
  }

  /** The name in image manifests. */
  public String dockerName() {
    return dockerName;
  }

  /** Whether programs see a 32-bit machine. */
  public boolean is32Bit() {
    return this == I386 || this == ARM32;
  }
}
