package dev.millrace.opam;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The real opam, 2.3 or later, asked what it makes of files: of the {@code PATH}, of the root file
 * system that {@code millrace.opam-root} names, or of the one that the builder's tests keep.
 */
final class OpamOracle {
  private static final Path ROOTS = Path.of("/var/tmp/millrace-test");
  private static final PackageVersion OLDEST = new PackageVersion("2.3");
  private static final Pattern FINDING = Pattern.compile(" +(error|warning) +(\\d+): .*");
  private static final String MARK = "=== the next file ===";
  private static final Duration TIME_MAX = Duration.ofMinutes(5);
  private static final int OUTPUT_MAX = 256 << 20;

  private final List<String> program;
  private final Path directory;

  private OpamOracle(List<String> program, Path directory) {
    this.program = List.copyOf(program);
    this.directory = directory;
  }

  /**
   * What opam makes of a file.
   *
   * @param codes what {@code opam lint} finds, as {@code error 3}
   * @param shown what {@code opam show --raw} prints; empty if it refuses the file
   */
  record Answer(SortedSet<String> codes, Optional<String> shown) {}

  /**
   * Finds it; the test is skipped if there is none.
   *
   * @param directory an empty one, to work in
   */
  static OpamOracle find(Path directory) throws IOException, InterruptedException {
    List<String> versions = new ArrayList<>();
    for (List<String> program : programs()) {
      String version = version(program);
      if (PackageVersion.find(version).filter(v -> v.compareTo(OLDEST) >= 0).isPresent()) {
        System.out.printf("comparing with opam %s (%s)%n", version, program.getLast());
        return new OpamOracle(program, directory);
      }
      versions.add(version);
    }
    assumeTrue(
        false, "NOT TESTED: files are not read as opam reads them: no opam 2.3, but " + versions);
    throw new IllegalStateException();
  }

  private static List<List<String>> programs() throws IOException {
    List<List<String>> programs = new ArrayList<>();
    programs.add(List.of("opam"));
    List<Path> roots = new ArrayList<>();
    Optional.ofNullable(System.getProperty("millrace.opam-root"))
        .map(Path::of)
        .ifPresent(roots::add);
    if (Files.isReadable(ROOTS)) {
      try (Stream<Path> kept = Files.list(ROOTS)) {
        kept.map(path -> path.resolve("rootfs")).sorted().forEach(roots::add);
      }
    }
    for (Path root : roots) {
      // With that root's libraries, and without entering it.
      Path loader = root.resolve("lib64/ld-linux-x86-64.so.2");
      if (Files.exists(loader) && Files.exists(root.resolve("usr/bin/opam"))) {
        programs.add(
            List.of(
                loader.toString(),
                "--library-path",
                root.resolve("usr/lib/x86_64-linux-gnu").toString(),
                root.resolve("usr/bin/opam").toString()));
      }
    }
    return programs;
  }

  private static String version(List<String> program) throws InterruptedException {
    List<String> command = new ArrayList<>(program);
    command.add("--version");
    try {
      return Command.of(command).withTimeLimit(TIME_MAX).read(1_000).strip();
    } catch (IOException e) {
      return "none of " + program.getLast();
    }
  }

  /** Asks about files; an answer for each, which is none where opam itself fails. */
  List<Optional<Answer>> ask(List<byte[]> files) throws IOException, InterruptedException {
    List<Optional<Answer>> answers = new ArrayList<>();
    Optional<List<Answer>> all = askAtOnce(files);
    if (all.isPresent()) {
      all.get().forEach(answer -> answers.add(Optional.of(answer)));
    } else if (files.size() == 1) {
      answers.add(Optional.empty());
    } else {
      answers.addAll(ask(files.subList(0, files.size() / 2)));
      answers.addAll(ask(files.subList(files.size() / 2, files.size())));
    }
    return answers;
  }

  private Optional<List<Answer>> askAtOnce(List<byte[]> files)
      throws IOException, InterruptedException {
    Path batch = Files.createTempDirectory(directory, "batch");
    List<String> paths = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path folder = Files.createDirectory(batch.resolve(Integer.toString(i)));
      paths.add(Files.write(folder.resolve("opam"), files.get(i)).toString());
    }
    List<SortedSet<String>> codes = lint(batch, paths);
    List<Optional<String>> shown = show(batch, paths);
    boolean complete = codes.size() == files.size() && shown.size() == files.size();
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      if (complete) {
        answers.add(new Answer(codes.get(i), shown.get(i)));
      }
      Files.delete(batch.resolve(Integer.toString(i)).resolve("opam"));
      Files.delete(batch.resolve(Integer.toString(i)));
    }
    return complete ? Optional.of(answers) : Optional.empty();
  }

  private List<SortedSet<String>> lint(Path batch, List<String> paths)
      throws IOException, InterruptedException {
    Pattern head = Pattern.compile(Pattern.quote(batch + "/") + "(\\d+)/opam: .*");
    List<SortedSet<String>> codes = new ArrayList<>();
    for (String line : run("lint", List.of(), paths).lines().toList()) {
      Matcher begin = head.matcher(line);
      Matcher finding = FINDING.matcher(line);
      if (begin.matches() && Integer.parseInt(begin.group(1)) == codes.size()) {
        codes.add(new TreeSet<>());
      } else if (finding.matches() && !codes.isEmpty()) {
        codes.getLast().add(finding.group(1) + " " + finding.group(2));
      }
    }
    return codes;
  }

  private List<Optional<String>> show(Path batch, List<String> paths)
      throws IOException, InterruptedException {
    String mark = "opam-version: \"2.0\"\nsynopsis: \"" + MARK + "\"\n";
    Path marking = Files.writeString(batch.resolve("mark.opam"), mark);
    List<String> all = new ArrayList<>();
    for (String path : paths) {
      all.add(path);
      all.add(marking.toString());
    }
    List<Optional<String>> shown = new ArrayList<>();
    String rest = run("show", List.of("--just-file", "--raw"), all);
    for (int end = rest.indexOf(mark); end >= 0; end = rest.indexOf(mark)) {
      shown.add(end == 0 ? Optional.empty() : Optional.of(rest.substring(0, end)));
      rest = rest.substring(end + mark.length());
    }
    return shown;
  }

  private String run(String command, List<String> options, List<String> paths)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(program);
    argv.add(command);
    argv.addAll(options);
    argv.addAll(paths);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int _ =
        Command.of(argv)
            .withTimeLimit(TIME_MAX)
            .withEnvironment(
                Map.of(
                    "PATH", "/usr/bin:/bin",
                    "HOME", directory.toString(),
                    "OPAMROOT", directory.resolve("none").toString(),
                    "OPAMROOTISOK", "1",
                    "OPAMCOLOR", "never",
                    "OPAMUTF8", "never"))
            .run(
                (buffer, length) ->
                    output.write(buffer, 0, Math.min(length, OUTPUT_MAX - output.size())),
                (_, _) -> {});
    return OpamText.decode(output.toByteArray());
  }
}
