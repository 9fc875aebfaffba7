package dev.millrace.services.cikit;

import dev.millrace.ocaml.OcamlVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Finds the tools of the lint jobs: in the repository, else in the distribution, else says why a
 * job must be skipped.
 *
 * <p>What a lint needs is written down as a package of its own, whose version is {@code opam}, and
 * solved for together with what it is to work on.
 */
final class Tools {
  private static final OcamlVersion DUNE_LINT_OCAML = OcamlVersion.of(4, 14);

  private final VersionSolver solver;
  private final RepositoryContent content;
  private final List<TestedPlatform> platforms;
  private final Consumer<String> log;

  /**
   * Tools for a project.
   *
   * @param platforms where lints run, oldest compiler first
   */
  Tools(
      VersionSolver solver,
      RepositoryContent content,
      List<TestedPlatform> platforms,
      Consumer<String> log) {
    this.solver = solver;
    this.content = content;
    this.platforms = platforms;
    this.log = log;
  }

  ToolChoice ocamlformat() throws InterruptedException {
    boolean vendored =
        content.rootPackages().stream().anyMatch(pkg -> pkg.name().equals("ocamlformat"))
            || content.vendoredPackages().stream()
                .anyMatch(pkg -> pkg.name().equals("ocamlformat"));
    if (vendored && !(content.ocamlformat() instanceof OcamlformatRequest.Absent)) {
      return new ToolChoice.Unavailable(
          "ocamlformat is part of this project: formatting with it is not checked");
    }
    return switch (content.ocamlformat()) {
      case OcamlformatRequest.Absent() -> new ToolChoice.NotWanted();
      case OcamlformatRequest.Disabled() -> new ToolChoice.NotWanted();
      case OcamlformatRequest.Mistaken(String problem) -> new ToolChoice.Mistaken(problem);
      case OcamlformatRequest.Version(String version) -> ocamlformat(version);
    };
  }

  private ToolChoice ocamlformat(String version) throws InterruptedException {
    List<PackageSource> need =
        List.of(need("ocamlformat", "\"ocamlformat\" {= \"%s\"} \"dune\"".formatted(version)));
    Found found = firstSolved(platforms, need, List.of());
    if (found.selection().isPresent()) {
      return new ToolChoice.Solved(found.selection().get());
    }
    for (TestedPlatform platform : platforms) {
      Optional<DistributionTools.Tool> tool =
          DistributionTools.find(platform.variant().distribution(), "ocamlformat")
              .filter(known -> known.version().equals(version));
      if (tool.isPresent()) {
        Found dune =
            firstSolved(List.of(platform), List.of(need("formatting", "\"dune\"")), List.of());
        if (dune.selection().isPresent()) {
          return new ToolChoice.Packaged(dune.selection().get(), tool.get().systemPackage());
        }
      }
    }
    return unavailable("ocamlformat " + version, found);
  }

  /** Solved together with the project on the platform whose documentation is built. */
  ToolChoice odoc(List<Selection> selections) throws InterruptedException {
    Optional<Selection> project = Analysis.forLints(selections);
    if (project.isEmpty()) {
      return new ToolChoice.Unavailable(
          "The documentation is built on 64-bit x86 Linux only, and the project has no solution there");
    }
    Variant variant = project.get().variant();
    if (project.get().versionOf("odoc").isPresent()) {
      return new ToolChoice.Solved(project.get());
    }
    List<TestedPlatform> here =
        platforms.stream().filter(platform -> platform.variant().equals(variant)).toList();
    List<PackageSource> roots = new ArrayList<>(content.rootPackages());
    roots.add(need("odoc", "\"odoc\" {>= \"1.5.0\"} \"dune\""));
    Found found = firstSolved(here, roots, pins());
    if (found.selection().isPresent()) {
      return new ToolChoice.Solved(found.selection().get());
    }
    Optional<DistributionTools.Tool> tool =
        DistributionTools.find(variant.distribution(), "odoc")
            .filter(
                _ ->
                    DistributionTools.sharesCompilerFormat(
                        variant.distribution(), variant.ocaml()));
    if (tool.isPresent()) {
      return new ToolChoice.Packaged(project.get(), tool.get().systemPackage());
    }
    return unavailable("odoc", found);
  }

  ToolChoice opamDuneLint() throws InterruptedException {
    List<TestedPlatform> able =
        platforms.stream()
            .filter(
                platform ->
                    platform
                            .variant()
                            .ocaml()
                            .withoutVariant()
                            .withoutPatch()
                            .compareTo(DUNE_LINT_OCAML)
                        >= 0)
            .toList();
    if (able.isEmpty()) {
      return new ToolChoice.Unavailable(
          "opam-dune-lint needs OCaml 4.14 or later on 64-bit x86 Linux, and no such platform is tested");
    }
    List<PackageSource> roots = new ArrayList<>(content.rootPackages());
    roots.add(need("opam_dune_lint", "\"opam-dune-lint\""));
    Found found = firstSolved(able, roots, pins());
    return found.selection().isPresent()
        ? new ToolChoice.Solved(found.selection().get())
        : unavailable("opam-dune-lint", found);
  }

  private List<PackageSource> pins() {
    List<PackageSource> pins = new ArrayList<>(content.vendoredPackages());
    content.pinDepends().forEach(pin -> pins.add(pin.source()));
    return pins;
  }

  /**
   * The outcome of a search over platforms.
   *
   * @param selection the first that was found
   * @param explanation why there was none on the last platform
   */
  private record Found(Optional<Selection> selection, String explanation) {}

  private Found firstSolved(
      List<TestedPlatform> where, List<PackageSource> roots, List<PackageSource> pins)
      throws InterruptedException {
    String explanation = "no platform is tested on which it could run";
    for (TestedPlatform platform : where) {
      VersionSolver.Question question =
          new VersionSolver.Question(platform.variables(), roots, pins, false);
      VersionSolver.Answer answer;
      try {
        answer = solver.solve(question);
      } catch (CiKitException e) {
        // A tool's trouble is its own job's, not the project's.
        explanation = String.valueOf(e.getMessage());
        continue;
      }
      switch (answer) {
        case VersionSolver.Answer.Solved solved when needIsMet(solved) -> {
          return new Found(Optional.of(selection(platform, solved)), "");
        }
        case VersionSolver.Answer.Solved _ -> explanation = "not available for this platform";
        case VersionSolver.Answer.Unsolvable(String text) -> explanation = text;
      }
    }
    return new Found(Optional.empty(), explanation);
  }

  private static boolean needIsMet(VersionSolver.Answer.Solved solved) {
    return solved.compatible().stream().anyMatch(pkg -> pkg.endsWith(".opam"));
  }

  private Selection selection(TestedPlatform platform, VersionSolver.Answer.Solved solved) {
    List<String> own = solved.compatible().stream().filter(pkg -> !pkg.endsWith(".opam")).toList();
    boolean all = own.isEmpty() || own.size() == content.rootPackages().size();
    return new Selection(
        platform.variant(), solved.packages(), all ? List.of() : own, solved.commit(), false);
  }

  private ToolChoice unavailable(String tool, Found found) {
    log.accept("No %s for this project:\n%s".formatted(tool, found.explanation().stripTrailing()));
    return new ToolChoice.Unavailable(
        "%s cannot be had: neither %s nor the distribution has one that fits"
            .formatted(tool, solver.describe()));
  }

  private static PackageSource need(String name, String depends) {
    String pkg = "deps_for_" + name + ".opam";
    return new PackageSource(
        pkg, pkg, "opam-version: \"2.0\"\ndepends: [ %s ]\n".formatted(depends));
  }
}
