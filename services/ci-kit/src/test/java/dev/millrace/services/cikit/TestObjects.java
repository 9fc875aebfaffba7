package dev.millrace.services.cikit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the tests of this module share. */
final class TestObjects {
  static final String COMMIT = "0123456789012345678901234567890123456789";

  private TestObjects() {}

  static PackageSource pkg(String file) {
    return pkg(file, "opam-version: \"2.0\"\n");
  }

  static PackageSource pkg(String file, String opam) {
    String stem = file.substring(file.lastIndexOf('/') + 1, file.length() - ".opam".length());
    return new PackageSource(stem.contains(".") ? stem : stem + ".dev", file, opam);
  }

  /** A project of these opam files. */
  static RepositoryContent project(PackageSource... files) {
    List<String> names = new ArrayList<>();
    List<PackageSource> roots = new ArrayList<>();
    List<PackageSource> vendored = new ArrayList<>();
    for (PackageSource file : files) {
      names.add(file.file());
      (file.file().contains("/") ? vendored : roots).add(file);
    }
    return new RepositoryContent(
        names.stream().sorted().toList(),
        roots,
        vendored,
        List.of(),
        new OcamlformatRequest.Absent());
  }

  static RepositoryContent withOcamlformat(
      RepositoryContent content, OcamlformatRequest ocamlformat) {
    return new RepositoryContent(
        content.opamFiles(),
        content.rootPackages(),
        content.vendoredPackages(),
        content.pinDepends(),
        ocamlformat);
  }

  static RepositoryContent withPins(RepositoryContent content, PinnedPackage... pins) {
    return new RepositoryContent(
        content.opamFiles(),
        content.rootPackages(),
        content.vendoredPackages(),
        List.of(pins),
        content.ocamlformat());
  }

  /** A platform such as {@code debian-13-5.3_opam-2.3}, with a compiler from the distribution. */
  static TestedPlatform platform(String variant, String ocaml) {
    Variant parsed = Variant.parse(variant);
    String[] distribution = parsed.distribution().split("-", 2);
    return new TestedPlatform(
        new Platform(parsed, new Platform.Bootstrapped("bootstrap:" + parsed.distribution())),
        "bootstrap:" + parsed.distribution(),
        new PlatformVariables(
            parsed.architecture().opamName(),
            "linux",
            "debian",
            distribution[0],
            distribution[1],
            "ocaml-system",
            ocaml,
            parsed.opam() + ".0"));
  }

  static Selection selection(String variant, String... packages) {
    return new Selection(
        Variant.parse(variant), List.of(packages), List.of(), Optional.of(COMMIT), false);
  }

  static Selection lowerBound(Selection selection) {
    return new Selection(
        selection.variant(),
        selection.packages(),
        selection.onlyPackages(),
        selection.commit(),
        true);
  }

  static PlannedJob job(JobKind kind, Selection selection, String... systemTools) {
    return new PlannedJob(
        kind == JobKind.BUILD ? selection.variant().toString() : kind.label(),
        kind,
        selection.variant(),
        kind.isExperimental(),
        new PlannedJob.Work.Run(selection, List.of(systemTools)));
  }
}
