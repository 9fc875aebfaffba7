package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.DeltaBases;
import dev.millrace.solver.RepositoryDelta;
import dev.millrace.solver.RepositoryDelta.Effect;
import dev.millrace.solver.RepositoryDelta.Step;
import dev.millrace.solver.Solver;
import dev.millrace.solver.SolverException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace opam delta}: what a change of a repository does to what can be installed. */
@Command(
    name = "delta",
    header = "Say what becomes installable, uninstallable or solved differently between commits.",
    description = {
      "",
      "For every package version alone, on each platform. A line begins with + (installable now), - (no longer) or ~ (other"
          + " versions are picked)."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, whatever was found",
      "1:a commit or a file cannot be read",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class OpamDeltaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "BASE", description = "The commit to compare with.")
  private String base;

  @Parameters(index = "1", paramLabel = "HEAD", description = "The commit to look at.")
  private String head;

  @Option(
      names = "--repository",
      paramLabel = "PATH|URL",
      description = "The git repository that both commits are in (default: the public one).")
  private String repository = "";

  @Option(
      names = "--ocaml",
      paramLabel = "VERSION",
      description = "With this version of OCaml (may be repeated; default: with any).")
  private List<String> compilers = List.of();

  @Option(
      names = "--distro",
      paramLabel = "NAME",
      description = "On this distribution (may be repeated; default: debian-13).")
  private List<String> distributions = List.of();

  @Mixin private CommonOptions common;

  /** The options that are the same as those of other commands. */
  static final class CommonOptions {
    @Option(names = "--json", description = "Print a JSON object a line.")
    private boolean json;

    @Option(
        names = "--keep",
        description = {
          "Ask for every version of BASE first, which takes half a minute, and keep the answers: with them a commit that changes little is"
              + " compared at once, and so are those that follow it, with or without this option."
        })
    private boolean keep;

    @Option(
        names = "--jobs",
        paramLabel = "N",
        description = "Use N threads (default: the number of processors).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(
        names = "--arch",
        paramLabel = "NAME",
        defaultValue = "x86_64",
        description = "On this architecture, as opam calls it (default: ${DEFAULT-VALUE}).")
    private String architecture;

    @Option(
        names = "--state-dir",
        paramLabel = "DIR",
        description = "Keep copies and the index of packages here (default: see README).")
    private @Nullable Path stateDirectory;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (common.jobs < 1) {
      throw CommandException.usage("--jobs must be at least 1");
    }
    PackageSources sources = PackageSources.of(repository, common.stateDirectory);
    PrintWriter out = spec.commandLine().getOut();
    try (OpamRepository before = sources.open(base);
        OpamRepository after = sources.open(head)) {
      Solver solver = Solver.open(before);
      DeltaBases kept =
          DeltaBases.in(sources.state().resolve("opam-delta"), InstantSource.system());
      for (String distro : distributions.isEmpty() ? List.of("debian-13") : distributions) {
        Map<String, String> variables = PlatformOptions.of(common.architecture).variables(distro);
        for (String ocaml : compilers.isEmpty() ? List.of("") : compilers) {
          Map<PackageName, VersionConstraint> constraints =
              ocaml.isEmpty() ? Map.of() : PlatformOptions.constraints(ocaml);
          Step step =
              RepositoryDelta.between(
                  base(solver, constraints, variables, kept), after, common.jobs);
          keep(step.next(), kept);
          print(distro, ocaml, step.effects(), out);
        }
      }
    } catch (SolverException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
    out.flush();
    return ExitCode.OK.number();
  }

  private RepositoryDelta.Base base(
      Solver solver,
      Map<PackageName, VersionConstraint> constraints,
      Map<String, String> variables,
      DeltaBases kept)
      throws InterruptedException {
    Optional<RepositoryDelta.Base> known = kept.find(solver, constraints, variables);
    if (known.isPresent()) {
      return known.get();
    }
    if (!common.keep) {
      return RepositoryDelta.Base.of(solver, constraints, variables);
    }
    try {
      return kept.make(solver, constraints, variables, common.jobs);
    } catch (IOException e) {
      throw CommandException.failed("Cannot keep the answers for %s: %s".formatted(base, e));
    }
  }

  /** What follows from answers that were kept, is. That they cannot be does no harm to this run. */
  private void keep(RepositoryDelta.Base state, DeltaBases kept) {
    try {
      kept.keep(state);
    } catch (IOException e) {
      spec.commandLine().getErr().printf("Cannot keep the answers for %s: %s%n", head, e);
    }
  }

  private void print(
      String distro, String ocaml, SortedMap<Package, Effect> effects, PrintWriter out) {
    boolean titled = distributions.size() > 1 || compilers.size() > 1;
    if (titled && !common.json) {
      out.println(distro + (ocaml.isEmpty() ? "" : ", OCaml " + ocaml) + ":");
    }
    effects.forEach(
        (pkg, effect) ->
            out.println(common.json ? json(distro, ocaml, pkg, effect) : text(pkg, effect)));
  }

  private static String text(Package pkg, Effect effect) {
    return switch (effect) {
      case Effect.Installable _ -> "+ " + pkg;
      case Effect.Uninstallable _ -> "- " + pkg;
      case Effect.Different(var before, var after) ->
          "~ %s: %s".formatted(pkg, difference(before, after));
    };
  }

  private static String difference(List<Package> before, List<Package> after) {
    List<String> parts = new ArrayList<>();
    before.stream().filter(pkg -> !after.contains(pkg)).forEach(pkg -> parts.add("-" + pkg));
    after.stream().filter(pkg -> !before.contains(pkg)).forEach(pkg -> parts.add("+" + pkg));
    return String.join(" ", parts);
  }

  private static String json(String distro, String ocaml, Package pkg, Effect effect) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("distro", distro);
    if (!ocaml.isEmpty()) {
      object.put("ocaml", ocaml);
    }
    object.put("package", pkg.toString());
    switch (effect) {
      case Effect.Installable(var packages) -> {
        object.put("effect", "installable");
        object.put("after", strings(packages));
      }
      case Effect.Uninstallable(var packages) -> {
        object.put("effect", "uninstallable");
        object.put("before", strings(packages));
      }
      case Effect.Different(var before, var after) -> {
        object.put("effect", "different");
        object.put("before", strings(before));
        object.put("after", strings(after));
      }
    }
    return JsonMapper.shared().writeValueAsString(object);
  }

  private static List<String> strings(List<Package> packages) {
    return packages.stream().map(Package::toString).toList();
  }
}
