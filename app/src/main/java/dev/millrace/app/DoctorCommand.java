package dev.millrace.app;

import dev.millrace.app.Diagnosis.Finding;
import dev.millrace.engine.program.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace doctor}: what this machine can do. */
@Command(
    name = "doctor",
    header = "Say what this machine can do, which protections are on, and what to install.",
    description = "Changes nothing. Exits 0 if builds can run here, 1 if not.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "Where state would be kept: its disk is looked at.")
  private @Nullable Path stateDirectory;

  @Override
  public Integer call() throws InterruptedException {
    Path state = stateDirectory == null ? StateDirectory.standard() : stateDirectory;
    Diagnosis diagnosis = new Doctor(Machine.ours(), state).examine();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(renderJson(diagnosis));
    } else {
      printText(diagnosis, out);
    }
    out.flush();
    return (diagnosis.canBuild() ? ExitCode.OK : ExitCode.FAILED).number();
  }

  static void printText(Diagnosis diagnosis, PrintWriter out) {
    out.println(Main.Version.line());
    printGroup("Machine", diagnosis.machine(), out);
    printGroup("Programs", diagnosis.programs(), out);
    printGroup("Protections", diagnosis.protections(), out);
    if (!diagnosis.advice().isEmpty()) {
      out.println();
      out.println("To do more:");
      diagnosis.advice().forEach(advice -> out.println("  " + advice));
    }
    out.println();
    out.println("Result: " + diagnosis.verdict() + ".");
  }

  private static void printGroup(String title, List<Finding> findings, PrintWriter out) {
    out.println();
    out.println(title);
    for (Finding finding : findings) {
      out.printf("  %-8s %-19s %s%n", word(finding), finding.name(), finding.value());
    }
  }

  private static String word(Finding finding) {
    return finding.state().name().toLowerCase(Locale.ROOT);
  }

  static String renderJson(Diagnosis diagnosis) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("version", Main.Version.line());
    document.put("can_build", diagnosis.canBuild());
    document.put("verdict", diagnosis.verdict());
    document.put("machine", renderGroup(diagnosis.machine()));
    document.put("programs", renderGroup(diagnosis.programs()));
    document.put("protections", renderGroup(diagnosis.protections()));
    document.put("advice", diagnosis.advice());
    return JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValueAsString(document);
  }

  private static List<Map<String, String>> renderGroup(List<Finding> findings) {
    return findings.stream()
        .map(
            finding -> {
              Map<String, String> object = new LinkedHashMap<>();
              object.put("name", finding.name());
              object.put("state", word(finding));
              object.put("value", finding.value());
              object.put("advice", finding.advice());
              return object;
            })
        .toList();
  }
}
