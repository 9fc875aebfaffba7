package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.opam.Relop;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveRequest.Preference;
import dev.millrace.solver.SolveRequest.Rules;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import dev.millrace.solver.SolverException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace solve}: package versions that go together. */
@Command(
    name = "solve",
    header = "Pick versions of opam packages that go together.",
    description = {
      "",
      "Picks what opam-0install picks and prints one NAME.VERSION a line, or says why nothing goes together."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:there is a solution; with --requests: every request has its answer",
      "1:there is none, or a request or the repository cannot be read",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class SolveCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PKG[.VERSION]",
      description = "The packages that must be there; the first ones' wishes count most.",
      arity = "0..*")
  private List<String> packages = List.of();

  @Mixin private PackageSources sources;
  @Mixin private PlatformOptions platform;

  @Option(
      names = "--with-test",
      paramLabel = "PKG",
      description = "What this package needs for its tests counts too (may be repeated).")
  private List<String> tested = List.of();

  @Option(names = "--oldest", description = "The oldest versions, to test lower bounds.")
  private boolean oldest;

  @Option(
      names = "--pin",
      paramLabel = "FILE.opam",
      description = {
        "The package of this file has this one version, as ocaml-ci's solver service has it (may be repeated).",
        "It must be there if no other packages are named."
      })
  private List<Path> pins = List.of();

  @Option(
      names = "--explain",
      description =
          "Where there is no solution, say also which few things stand in each other's way, and what would help.")
  private boolean explain;

  @Option(names = "--json", description = "Print the answer as JSON.")
  private boolean json;

  @Option(
      names = "--requests",
      paramLabel = "FILE.jsonl|-",
      description =
          "Answer the requests of this file (or of the standard input), one JSON object a line: see docs/solver.md.")
  private @Nullable String requests;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Answer N requests at once (default: the number of processors).")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "Give up on a request after so long (default: ${DEFAULT-VALUE}).")
  private int timeLimit;

  @Override
  public Integer call() throws InterruptedException, IOException {
    if (jobs < 1 || timeLimit < 1) {
      throw CommandException.usage("--jobs and --time-limit must be at least 1");
    }
    if (requests != null && !(packages.isEmpty() && pins.isEmpty())) {
      throw CommandException.usage("With --requests, packages and pins come from the requests");
    }
    if (requests == null && packages.isEmpty() && pins.isEmpty()) {
      throw CommandException.usage("Which packages? Name at least one, a pin, or --requests");
    }
    try (OpamRepository repository = sources.open()) {
      Solver solver = Solver.open(repository);
      return (requests == null ? one(solver) : stream(solver, requests)).number();
    } catch (SolverException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }

  private ExitCode stream(Solver solver, String file) throws IOException, InterruptedException {
    return new RequestStream(
            solver, jobs, Duration.ofSeconds(timeLimit), spec.commandLine().getErr())
        .answer(file, spec.commandLine().getOut());
  }

  private ExitCode one(Solver solver) throws IOException, InterruptedException {
    SolveRequest request = request();
    SolveResult result =
        solver
            .solve(request, Duration.ofSeconds(timeLimit))
            .orElseThrow(
                () ->
                    CommandException.failed(
                        "No answer within %d seconds (--time-limit)".formatted(timeLimit)));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(SolveAnswers.render(solver, request, result, explain));
    } else {
      print(solver, request, result, out);
    }
    out.flush();
    return result instanceof SolveResult.Solution ? ExitCode.OK : ExitCode.FAILED;
  }

  private void print(Solver solver, SolveRequest request, SolveResult result, PrintWriter out)
      throws InterruptedException {
    switch (result) {
      case SolveResult.Solution solution -> solution.packages().forEach(out::println);
      case SolveResult.NoSolution none -> {
        out.println(PlainText.of(none.explanation()));
        if (explain) {
          out.println();
          out.println(
              solver
                  .findConflict(request, SolveAnswers.CONFLICT_MAX)
                  .map(conflict -> PlainText.of(conflict.render()))
                  .orElse("Found no shorter explanation in a minute."));
        }
      }
    }
  }

  private SolveRequest request() throws IOException {
    Map<PackageName, VersionConstraint> constraints = new LinkedHashMap<>(platform.constraints());
    Set<PackageName> roots = new LinkedHashSet<>();
    for (String text : packages) {
      roots.add(root(text, constraints));
    }
    Map<PackageName, SolveRequest.Pin> pinned = new LinkedHashMap<>();
    for (Path file : pins) {
      pin(file, pinned);
    }
    if (roots.isEmpty()) {
      roots.addAll(pinned.keySet());
    }
    Set<PackageName> tests = new LinkedHashSet<>();
    tested.forEach(text -> tests.add(name(text)));
    return new SolveRequest(
        new ArrayList<>(roots),
        constraints,
        platform.variables(),
        tests,
        pinned,
        oldest ? Preference.OLDEST : Preference.NEWEST,
        pins.isEmpty() ? Rules.LIBRARY : Rules.SERVICE);
  }

  private static PackageName root(String text, Map<PackageName, VersionConstraint> constraints) {
    int dot = text.indexOf('.');
    if (dot < 0) {
      return name(text);
    }
    try {
      Package pkg = Package.parse(text);
      constraints.put(pkg.name(), new VersionConstraint(Relop.EQ, pkg.version()));
      return pkg.name();
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static PackageName name(String text) {
    try {
      return PackageName.parse(text);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** A file {@code opam} says its package's name itself; {@code foo.opam} need not. */
  private static void pin(Path file, Map<PackageName, SolveRequest.Pin> pinned) throws IOException {
    try {
      OpamFile parsed = OpamFile.parse(Files.readAllBytes(file), file.toString());
      String base = file.getFileName().toString();
      PackageName name =
          base.endsWith(".opam")
              ? PackageName.parse(base.substring(0, base.length() - ".opam".length()))
              : parsed
                  .name()
                  .orElseThrow(
                      () ->
                          CommandException.usage(
                              "Cannot pin %s: it must be called NAME.opam or have a field name"
                                  .formatted(file)));
      pinned.put(name, new SolveRequest.Pin(parsed.version().orElse(PackageVersion.DEV), parsed));
    } catch (OpamParseException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("Cannot pin %s: %s".formatted(file, e.getMessage()));
    }
  }
}
