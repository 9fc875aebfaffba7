package dev.millrace.app;

import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.StoredResult;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code millrace builder list}: lists results. */
@Command(
    name = "list",
    header = "List what was built, the latest used last.",
    description = {
      "",
      "Of each: the id, when a build last needed it, and the operation that made it."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:never", "2:wrong use", "3:the machine or Millrace failed"})
final class BuilderListCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private BuilderOptions options;

  @Option(names = "--json", description = "Print an object a line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (BuilderHome home = options.open()) {
      for (StoredResult result : home.builder().list()) {
        String operation = home.builder().findOperation(result.id()).orElse("");
        out.println(json ? render(result, operation) : line(result, operation));
      }
    }
    out.flush();
    return ExitCode.OK.number();
  }

  private static String line(StoredResult result, String operation) {
    String one = PlainText.of(operation.replaceAll("\\s+", " "));
    return "%s  %s  %s"
        .formatted(
            result.id().hex().substring(0, 12), result.used().truncatedTo(ChronoUnit.SECONDS), one);
  }

  private static String render(StoredResult result, String operation) {
    ObjectNode object =
        JsonMapper.shared()
            .createObjectNode()
            .put("id", result.id().hex())
            .put("created", result.created().toString())
            .put("used", result.used().toString())
            .put("operation", operation);
    result.base().ifPresent(base -> object.put("base", base.hex()));
    return JsonMapper.shared().writeValueAsString(object);
  }
}
