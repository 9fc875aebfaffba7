package dev.millrace.app;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.ExitCode;
import dev.millrace.engine.program.PlainText;
import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamLint;
import dev.millrace.opam.OpamLint.Finding;
import dev.millrace.opam.OpamLint.Level;
import dev.millrace.opam.Package;
import dev.millrace.opam.Source;
import dev.millrace.services.cikit.ArchiveCache;
import dev.millrace.services.cikit.ArchiveCacheConfig;
import dev.millrace.services.cikit.ArchiveSource;
import dev.millrace.services.cikit.CiKitException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace opam lint}: mistakes in opam files. */
@Command(
    name = "lint",
    header = "Look opam files over for mistakes, with opam's numbers for them.",
    description = "60 (archives upstream) is looked at with --check-upstream only.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:no errors, perhaps warnings",
      "1:a file has errors",
      "2:wrong use",
      "3:the machine or Millrace failed"
    })
final class OpamLintCommand implements Callable<Integer> {
  private static final Pattern SELECTION = Pattern.compile("([+@-])(\\d+)(?:\\.\\.(\\d+))?");

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The files.", arity = "1..*")
  private List<Path> files;

  @Option(
      names = {"-s", "--short"},
      description = "Print the numbers only.")
  private boolean brief;

  @Option(
      names = {"-W", "--warnings"},
      paramLabel = "±N[..M]…",
      description =
          "Look for these numbers (+), or not (-), or as errors (@): -W -25..37+41 (default: all).")
  private @Nullable String selection;

  @Option(
      names = "--check-upstream",
      description = "Download the source, and see if its checksums are right (60).")
  private boolean checkUpstream;

  @Option(
      names = "--archive-mirror",
      paramLabel = "DIR|URL",
      description = "Archives as ALGO/XX/HASH, asked before the network (opam's archive-mirrors).")
  private List<String> mirrors = List.of();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Selection selected = Selection.parse(selection);
    PrintWriter out = spec.commandLine().getOut();
    boolean failed = false;
    for (Path file : files) {
      List<Finding> findings = new ArrayList<>(check(file));
      if (checkUpstream && findings.stream().noneMatch(OpamLintCommand::isUnreadable)) {
        upstream(file).ifPresent(findings::add);
      }
      findings.sort(Comparator.comparingInt(Finding::code));
      findings = selected.apply(findings);
      failed |= findings.stream().anyMatch(finding -> finding.level() == Level.ERROR);
      print(file, findings, out);
    }
    out.flush();
    return (failed ? ExitCode.FAILED : ExitCode.OK).number();
  }

  private static List<Finding> check(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of(new Finding(0, Level.ERROR, "File is missing"));
    }
    return OpamLint.check(
        Files.readAllBytes(file), file.toString(), expected(file), filesBeside(file));
  }

  private static boolean isUnreadable(Finding finding) {
    return finding.code() == 0 || finding.code() == 2;
  }

  private Optional<Finding> upstream(Path file) throws IOException, InterruptedException {
    OpamFile parsed = OpamFile.parse(Files.readAllBytes(file), file.toString());
    Optional<Source> archive =
        parsed.url().filter(url -> !url.isVersionControlled() && !url.checksums().isEmpty());
    if (archive.isEmpty()) {
      return Optional.empty();
    }
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    try (TemporaryDirectory directory = TemporaryDirectory.in(temporary, "millrace-lint-")) {
      ArchiveCache.open(directory.path(), ArchiveCacheConfig.DEFAULT.withMirrors(mirrors))
          .fetch(
              List.of(
                  new ArchiveSource(
                      file.toString(), List.of(archive.get().src()), archive.get().checksums())),
              _ -> {});
      return Optional.empty();
    } catch (CiKitException e) {
      return Optional.of(new Finding(60, Level.ERROR, "Upstream check failed: " + e.getMessage()));
    }
  }

  /** What the file's place says: the directory's name, where it is called opam. */
  private static Optional<Package> expected(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    String directory =
        parent == null || parent.getFileName() == null ? "" : parent.getFileName().toString();
    return file.getFileName().toString().equals("opam")
        ? Package.find(directory)
        : Optional.empty();
  }

  private static Optional<Set<String>> filesBeside(Path file) throws IOException {
    if (!file.getFileName().toString().equals("opam")) {
      return Optional.empty();
    }
    Path directory = file.resolveSibling("files");
    if (!Files.isDirectory(directory)) {
      return Optional.of(Set.of());
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      return Optional.of(
          paths
              .filter(Files::isRegularFile)
              .map(path -> directory.relativize(path).toString())
              .collect(Collectors.toSet()));
    }
  }

  private void print(Path file, List<Finding> findings, PrintWriter out) {
    if (brief) {
      out.println(
          findings.stream()
              .map(finding -> Integer.toString(finding.code()))
              .distinct()
              .collect(Collectors.joining(" ")));
      return;
    }
    boolean errors = findings.stream().anyMatch(finding -> finding.level() == Level.ERROR);
    String verdict = findings.isEmpty() ? "Passed." : errors ? "Errors." : "Warnings.";
    out.println(file + ": " + verdict);
    findings.forEach(finding -> out.println("  " + PlainText.of(finding.toString())));
  }

  /** Which numbers count, and which of them as errors. */
  private record Selection(Set<Integer> without, Set<Integer> errors) {
    private static final int LAST = 99;

    static Selection parse(@Nullable String text) {
      Set<Integer> without = new HashSet<>();
      Set<Integer> errors = new HashSet<>();
      if (text == null) {
        return new Selection(without, errors);
      }
      Matcher matcher = SELECTION.matcher(text);
      int at = 0;
      while (matcher.find() && matcher.start() == at) {
        at = matcher.end();
        int from = Integer.parseInt(matcher.group(2));
        int to = matcher.group(3) == null ? from : Integer.parseInt(matcher.group(3));
        for (int code = from; code <= Math.min(to, LAST); code++) {
          switch (matcher.group(1)) {
            case "-" -> without.add(code);
            case "+" -> without.remove(code);
            default -> errors.add(code);
          }
        }
      }
      if (at != text.length()) {
        throw CommandException.usage(
            "Cannot use \"%s\" as a choice of warnings: expected the likes of -25..37+41@57"
                .formatted(text));
      }
      return new Selection(without, errors);
    }

    List<Finding> apply(List<Finding> findings) {
      List<Finding> left = new ArrayList<>();
      for (Finding finding : findings) {
        if (errors.contains(finding.code())) {
          left.add(new Finding(finding.code(), Level.ERROR, finding.text()));
        } else if (!without.contains(finding.code())) {
          left.add(finding);
        }
      }
      return left;
    }
  }
}
