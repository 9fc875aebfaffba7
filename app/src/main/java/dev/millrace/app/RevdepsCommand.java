package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.solver.ReverseDependencies;
import dev.millrace.solver.Solver;
import dev.millrace.solver.SolverException;
import java.io.PrintWriter;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace revdeps}: what depends on a package version and can be installed with it. */
@Command(
    name = "revdeps",
    header = "List what depends on a package version and can be installed with it.",
    description = {
      "",
      "Directly or through other packages, and exactly: for each NAME.VERSION printed there is a solution that holds both."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also when nothing depends on it",
      "1:there is no such version, or the repository cannot be read",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class RevdepsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "PACKAGE.VERSION", description = "The version.", arity = "1")
  private String target;

  @Mixin private PackageSources sources;
  @Mixin private PlatformOptions platform;

  @Option(names = "--json", description = "Print a JSON list.")
  private boolean json;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "Use N threads (default: the number of processors).")
  private int jobs = Runtime.getRuntime().availableProcessors();

  @Override
  public Integer call() throws InterruptedException {
    if (jobs < 1) {
      throw CommandException.usage("--jobs must be at least 1");
    }
    Package pkg =
        Package.find(target)
            .orElseThrow(
                () ->
                    CommandException.usage(
                        "Cannot use \"%s\" as a package version: it must be NAME.VERSION"
                            .formatted(target)));
    try (OpamRepository repository = sources.open()) {
      if (!repository.listVersions(pkg.name()).contains(pkg.version())) {
        throw CommandException.failed("The repository has no " + pkg);
      }
      print(
          ReverseDependencies.find(
              Solver.open(repository),
              new ReverseDependencies.Query(pkg, platform.constraints(), platform.variables()),
              jobs));
    } catch (SolverException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
    return ExitCode.OK.number();
  }

  private void print(SortedSet<Package> dependents) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode object = JsonMapper.shared().createObjectNode().put("package", target);
      ArrayNode list = object.putArray("revdeps");
      dependents.forEach(pkg -> list.add(pkg.toString()));
      out.println(JsonMapper.shared().writeValueAsString(object));
    } else {
      dependents.forEach(out::println);
    }
    out.flush();
  }
}
