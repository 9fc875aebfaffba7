package dev.millrace.services.cikit;

/**
 * What opam says of a platform: what a package's filters are evaluated with there. Immutable.
 *
 * @param arch as opam calls it
 * @param os such as {@code linux}
 * @param osFamily such as {@code debian}
 * @param osDistribution such as {@code ubuntu}
 * @param osVersion such as {@code 24.04}
 * @param ocamlPackage the package that is the compiler, such as {@code ocaml-system}
 * @param ocamlVersion its version, such as {@code 5.3.0}
 * @param opamVersion opam's own, such as {@code 2.3.0}
 */
public record PlatformVariables(
    String arch,
    String os,
    String osFamily,
    String osDistribution,
    String osVersion,
    String ocamlPackage,
    String ocamlVersion,
    String opamVersion) {}
