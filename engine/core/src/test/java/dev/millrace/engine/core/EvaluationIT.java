package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: the evaluation thread is never blocked by input or output: the database, logs, monitors and
 * questions of operators are other threads' work. Method: the kernel is asked. strace lists the
 * system calls of an engine under load, and none of that thread's may be one that could wait for a
 * disk, a process or the network. That the method would notice one is seen with a pipeline whose
 * author reads a file in a stage.
 */
class EvaluationIT {
  private static final Pattern CALL = Pattern.compile("(\\d+)\\s+(?:<\\.\\.\\. )?([a-z0-9_]+).*");

  /** Memory and file descriptors that are there already are no input or output. */
  private static final Set<String> HARMLESS =
      Set.of("mmap", "munmap", "mprotect", "madvise", "futex", "close");

  @TempDir Path directory;

  private record Seen(long all, List<String> byEvaluation) {}

  private Seen observe(String kind) throws Exception {
    Path trace = directory.resolve("trace");
    Process engine =
        new ProcessBuilder(
                "strace",
                "-f",
                "-qq",
                "-o",
                trace.toString(),
                "-e",
                "trace=%file,%desc,%network,%process",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                ObservedEngine.class.getName(),
                directory.resolve("state").toString(),
                kind)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    assertThat(engine.waitFor(120, TimeUnit.SECONDS)).isTrue();
    String output = Files.readString(directory.resolve("output"));
    assertThat(engine.exitValue()).as(output).isZero();
    Matcher thread = Pattern.compile("evaluation (\\d+)\n").matcher(output);
    assertThat(thread.find()).as(output).isTrue();
    List<String> between =
        Files.readAllLines(trace).stream()
            .dropWhile(line -> !line.contains(ObservedEngine.BEGIN))
            .takeWhile(line -> !line.contains(ObservedEngine.END))
            .toList();
    return new Seen(
        between.size(), between.stream().filter(line -> isOutput(line, thread.group(1))).toList());
  }

  private static boolean isOutput(String line, String thread) {
    Matcher call = CALL.matcher(line);
    return call.matches() && call.group(1).equals(thread) && !HARMLESS.contains(call.group(2));
  }

  private static boolean canTrace() throws Exception {
    try {
      return new ProcessBuilder("strace", "-f", "-qq", "-o", "/dev/null", "true").start().waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theEvaluationThreadDoesNoInputOrOutput() throws Exception {
    assumeTrue(canTrace(), "NOT TESTED: the evaluation's system calls: strace does not work here");

    Seen seen = observe("plain");

    // The others had their hands full meanwhile.
    assertThat(seen.all).isGreaterThan(1000);
    assertThat(seen.byEvaluation).isEmpty();
  }

  @Test
  void aStageThatReadsAFileIsNoticed() throws Exception {
    assumeTrue(canTrace(), "NOT TESTED: the evaluation's system calls: strace does not work here");

    assertThat(observe("reading").byEvaluation).anyMatch(call -> call.contains("/proc/version"));
  }
}
