package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import dev.millrace.opam.Environment;
import dev.millrace.opam.Filter;
import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.OpamText;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code millrace opam show}: what a repository says of a package. */
@Command(
    name = "show",
    header = "Say what a repository has of a package.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:there is no such package, or its file cannot be read",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class OpamShowCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "NAME[.VERSION]",
      description = "The package; without a version the newest that is available.",
      arity = "1")
  private String target;

  @Mixin private PackageSources sources;
  @Mixin private PlatformOptions platform;

  @Option(names = "--raw", description = "Print the file as it is.")
  private boolean raw;

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    Optional<Package> exact = Package.find(target);
    PackageName name =
        exact
            .map(Package::name)
            .or(() -> PackageName.find(target))
            .orElseThrow(
                () ->
                    CommandException.usage(
                        "Cannot use \"%s\" as a package: it must be NAME or NAME.VERSION"
                            .formatted(target)));
    PrintWriter out = spec.commandLine().getOut();
    try (OpamRepository repository = sources.open()) {
      List<PackageVersion> versions = repository.listVersions(name);
      if (versions.isEmpty()) {
        throw CommandException.failed("The repository has no package " + name);
      }
      Package pkg = exact.orElseGet(() -> newest(repository, name, versions));
      OpamFile file =
          repository
              .find(pkg)
              .orElseThrow(
                  () ->
                      CommandException.failed(
                          "The repository has no %s; versions: %s".formatted(pkg, join(versions))));
      if (raw) {
        out.print(OpamText.decode(file.bytes()));
      } else {
        print(fields(pkg, file, versions), out);
      }
    } catch (OpamParseException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
    out.flush();
    return ExitCode.OK.number();
  }

  private Package newest(
      OpamRepository repository, PackageName name, List<PackageVersion> versions) {
    return versions.reversed().stream()
        .map(version -> new Package(name, version))
        .filter(candidate -> repository.find(candidate).filter(this::isAvailable).isPresent())
        .findFirst()
        .orElseGet(() -> new Package(name, versions.getLast()));
  }

  private boolean isAvailable(OpamFile file) {
    return file.available().eval(Environment.ofTexts(platform.variables()))
            instanceof Filter.Outcome.Truth(var value)
        && value;
  }

  private static String join(List<PackageVersion> versions) {
    return String.join(" ", versions.stream().map(PackageVersion::toString).toList());
  }

  private Map<String, Object> fields(Package pkg, OpamFile file, List<PackageVersion> versions) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", pkg.name().toString());
    fields.put("version", pkg.version().toString());
    file.synopsis().ifPresent(text -> fields.put("synopsis", text));
    putAll("homepage", file.strings("homepage"), fields);
    putAll("license", file.licenses(), fields);
    putAll("maintainer", file.maintainers(), fields);
    put("depends", file.depends().toString(), fields);
    put("depopts", file.depopts().toString(), fields);
    put("conflicts", file.conflicts().toString(), fields);
    putAll("conflict-class", strings(file.conflictClasses()), fields);
    if (!file.available().equals(new Filter.Bool(true))) {
      put("available", file.available().toString(), fields);
    }
    fields.put("available-here", isAvailable(file));
    putAll("flags", new ArrayList<>(file.flags()), fields);
    putAll(
        "depexts",
        List.copyOf(file.depexts().packages(Environment.ofTexts(platform.variables()))),
        fields);
    file.url().ifPresent(url -> fields.put("source", url.src()));
    file.devRepo().ifPresent(url -> fields.put("dev-repo", url));
    fields.put("all-versions", strings(versions));
    return fields;
  }

  private static List<String> strings(List<?> values) {
    return values.stream().map(Object::toString).toList();
  }

  private static void put(String name, String text, Map<String, Object> fields) {
    if (!text.isEmpty()) {
      fields.put(name, text);
    }
  }

  private static void putAll(String name, List<String> texts, Map<String, Object> fields) {
    if (!texts.isEmpty()) {
      fields.put(name, texts);
    }
  }

  private void print(Map<String, Object> fields, PrintWriter out) {
    if (json) {
      out.println(JsonMapper.shared().writeValueAsString(fields));
      return;
    }
    fields.forEach(
        (name, value) -> {
          String text =
              value instanceof List<?> list
                  ? String.join(name.equals("all-versions") ? " " : ", ", strings(list))
                  : value.toString();
          out.printf("%-15s %s%n", name, PlainText.of(text));
        });
  }
}
