package dev.millrace.services.cikit;

import dev.millrace.opam.Environment;
import java.util.LinkedHashMap;
import java.util.Map;

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
    String opamVersion) {
  /**
   * What opam's filters see of it. A compiler of the distribution is also what {@code
   * sys-ocaml-version} says; otherwise that is undefined, as on a machine without one.
   */
  Environment environment() {
    return Environment.ofTexts(toMap());
  }

  /** The same, by the variables' names in opam. */
  Map<String, String> toMap() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("arch", arch);
    values.put("os", os);
    values.put("os-family", osFamily);
    values.put("os-distribution", osDistribution);
    values.put("os-version", osVersion);
    values.put("opam-version", opamVersion);
    if (ocamlPackage.equals("ocaml-system")) {
      values.put("sys-ocaml-version", ocamlVersion);
    }
    return values;
  }
}
