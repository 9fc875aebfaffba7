package dev.millrace.base;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Has Jazzer look for inputs that harm a parser, guided by what they reach in it, in a JVM of its
 * own with 256 MiB. {@link Fuzz} looks blindly, and needs nothing. Immutable.
 *
 * <p>A module that uses it has Jazzer on the class path of its tests. The target is a public class
 * with {@code static void fuzzerTestOneInput(byte[])}, which swallows the refusals that are
 * declared, and {@code static void fuzzerInitialize()}, which takes an input once so that the
 * loading of classes is not held against the first one.
 *
 * @param target the class
 * @param instrumented the classes whose code guides the search, as {@code dev.millrace.opam.**}
 * @param words what inputs are made of, in ASCII: it is put in where a byte alone would not do
 * @param options for the JVM
 */
public record GuidedFuzz(
    Class<?> target, String instrumented, List<String> words, List<String> options) {
  private static final Duration START_MAX = Duration.ofSeconds(60);

  /** Ends what hangs; a second of work is for the target to measure, whose machine is its own. */
  private static final int HANG_SECONDS = 20;

  private static final int OUTPUT_MAX = 4 << 20;

  /** Copies. */
  public GuidedFuzz {
    words = List.copyOf(words);
    options = List.copyOf(options);
  }

  /**
   * What came of a run.
   *
   * @param runs how many inputs were tried
   * @param output all that was printed
   * @param found the input that did harm
   */
  public record Result(long runs, String output, Optional<byte[]> found) {
    @Override
    public String toString() {
      return found
          .map(
              bytes ->
                  "harmed by \"%s\":%n%s"
                      .formatted(new String(bytes, StandardCharsets.ISO_8859_1), output))
          .orElse(runs + " inputs, no harm");
    }
  }

  /**
   * Looks for so long, or until it finds something.
   *
   * @param corpus inputs to begin with
   * @param directory an empty one, to work in
   * @throws IOException if it cannot be run
   */
  public Result run(List<byte[]> corpus, Path directory, long seed, Duration duration)
      throws IOException, InterruptedException {
    Path inputs = Files.createDirectories(directory.resolve("corpus"));
    for (int i = 0; i < corpus.size(); i++) {
      Files.write(inputs.resolve("given-" + i), corpus.get(i));
    }
    Path dictionary = Files.write(directory.resolve("words"), quoted(words));
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        Command.of(command(inputs, dictionary, directory, seed, duration))
            .in(directory)
            .withTimeLimit(duration.plus(START_MAX))
            .run(
                (buffer, length) ->
                    output.write(buffer, 0, Math.min(length, OUTPUT_MAX - output.size())));
    String text = output.toString(StandardCharsets.UTF_8);
    Optional<byte[]> found = artifact(directory);
    if (found.isEmpty() && (status != 0 || runs(text) == 0)) {
      throw new IOException("Jazzer %s: %s".formatted(Command.describe(status), text));
    }
    return new Result(runs(text), text, found);
  }

  private static List<String> quoted(List<String> words) {
    return words.stream()
        .map(word -> '"' + word.replace("\\", "\\\\").replace("\"", "\\\"") + '"')
        .toList();
  }

  private List<String> command(
      Path inputs, Path dictionary, Path directory, long seed, Duration duration) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+EnableDynamicAgentLoading",
            // What it unpacks there stays when it is killed.
            "-Djava.io.tmpdir=" + directory,
            "--enable-native-access=ALL-UNNAMED"));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.getName(),
            "--instrumentation_includes=" + instrumented,
            // What the parsers call is not ours, and they do nothing that sanitizers look for.
            "--custom_hook_includes=none.**",
            "-seed=" + Math.max(1, Integer.remainderUnsigned(Long.hashCode(seed), 1 << 30)),
            "-timeout=" + HANG_SECONDS,
            "-max_len=4096",
            "-dict=" + dictionary,
            "-max_total_time=" + Math.max(1, duration.toSeconds()),
            "-artifact_prefix=" + directory + "/found-",
            inputs.toString()));
    return command;
  }

  private static long runs(String output) {
    return output
        .lines()
        .filter(line -> line.matches("Done \\d+ runs in .*"))
        .mapToLong(line -> Long.parseLong(line.split(" ", 3)[1]))
        .sum();
  }

  private static Optional<byte[]> artifact(Path directory) throws IOException {
    Optional<Path> found;
    try (Stream<Path> files = Files.list(directory)) {
      found = files.filter(path -> path.getFileName().toString().startsWith("found-")).findFirst();
    }
    return found.isPresent() ? Optional.of(Files.readAllBytes(found.get())) : Optional.empty();
  }
}
