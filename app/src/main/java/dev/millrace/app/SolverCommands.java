package dev.millrace.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.services.solver.HttpServer;
import dev.millrace.services.solver.LineServer;
import dev.millrace.services.solver.SolverService;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace solver}: the service that picks versions for projects. */
@Command(
    name = "solver",
    header = "Serve the requests of solver-service: package versions for projects on platforms.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    commandListHeading = "%nCommands:%n")
final class SolverCommands implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Which command? One of run-service and run-child is needed");
  }

  /** The options of both ways to serve. */
  static final class ServiceOptions {
    @Option(
        names = "--cache-dir",
        paramLabel = "DIR",
        description = "Keep copies of repositories and their index here (default: see README).")
    private @Nullable Path cacheDirectory;

    @Option(
        names = "--internal-workers",
        paramLabel = "N",
        description = "Solve for N platforms at once (default: the number of processors).")
    private int workers = Runtime.getRuntime().availableProcessors();

    SolverService open() {
      if (workers < 1) {
        throw CommandException.usage("--internal-workers must be at least 1");
      }
      Path directory =
          cacheDirectory == null
              ? StateDirectory.standard().resolve("solver")
              : cacheDirectory.toAbsolutePath();
      return SolverService.open(directory, workers);
    }
  }

  @Command(
      name = "run-service",
      header = "Serve over HTTP: POST /solve/ID, DELETE /solve/ID, GET /health.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int runService(
      @Mixin ServiceOptions options,
      @Option(
              names = "--host",
              paramLabel = "ADDRESS",
              defaultValue = "127.0.0.1",
              description = "Serve on this address (default: ${DEFAULT-VALUE}).")
          String host,
      @Option(
              names = "--port",
              paramLabel = "PORT",
              defaultValue = "8090",
              description = "Serve on this port, 0 for any free one (default: ${DEFAULT-VALUE}).")
          int port)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    CountDownLatch stopped = new CountDownLatch(1);
    try (SolverService service = options.open();
        HttpServer server = HttpServer.start(service, host, port)) {
      Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown, "millrace-solver-close"));
      out.println("Serving http://%s:%d/".formatted(host, server.port()));
      out.flush();
      stopped.await();
    }
    return ExitCode.OK.number();
  }

  @Command(
      name = "run-child",
      header = "Serve over the standard input and output, a JSON object a line.",
      description =
          "{\"id\": ID, \"request\": …} is answered by {\"id\": ID, \"response\": …}, after lines {\"id\": ID, \"log\": …}; {\"id\": ID,"
              + " \"cancel\": true} ends it early.",
      mixinStandardHelpOptions = true,
      sortOptions = false)
  int runChild(@Mixin ServiceOptions options) throws IOException, InterruptedException {
    try (SolverService service = options.open()) {
      LineServer.serve(
          service,
          new BufferedReader(new InputStreamReader(System.in, UTF_8)),
          spec.commandLine().getOut());
    }
    return ExitCode.OK.number();
  }
}
