package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.JavaProgram;
import dev.millrace.base.SystemCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: whatever images, archives and directories are called, no program takes the name for an
 * option or for a file of options (R8). Method: {@link NamesLikeOptions} works on 50 such names
 * under strace, which tells the arguments of every program that was started.
 */
class NamesLikeOptionsIT {
  private static final List<String> WORDS =
      List.of(
          "1",
          "-1",
          "rf1",
          "-help",
          "-version",
          "C1",
          "T1",
          "I1",
          "o1",
          "e1",
          "v1",
          "-rm",
          "-privileged",
          "-target-directory=x",
          "-files-from=x",
          "-checkpoint=1",
          "-to-command=x",
          "-format=x",
          "-reference=x",
          "-no-preserve-root",
          "-use-compress-program=x",
          "-customize-hook=x",
          "-config=x",
          "-upload-pack=x",
          "/etc/passwd");

  /** Options whose value is the next argument, whatever it looks like. */
  private static final Set<String> WITH_VALUE = Set.of("-C", "--root", "--bundle", "--log");

  private static final Pattern STARTED =
      Pattern.compile("execve\\(\"[^\"]*\", \\[(.*)\\], 0x.*= 0");
  private static final Pattern ARGUMENT = Pattern.compile("\"((?:[^\"\\\\]++|\\\\.)*+)\"");

  @TempDir Path directory;

  private static List<String> names() {
    List<String> names = new ArrayList<>();
    for (String word : WORDS) {
      names.add("-" + word);
      names.add("@" + word);
    }
    return names;
  }

  /** The first argument that a program would take for more than a name. */
  private static Optional<String> taken(List<String> argv, List<String> names) {
    for (int i = 1; i < argv.size() && !argv.get(i).equals("--"); i++) {
      String argument = argv.get(i);
      boolean ours =
          names.stream()
              .anyMatch(
                  name ->
                      argument.equals(name)
                          || argument.equals(name + ".copy")
                          || argument.startsWith(name + "/"));
      if (ours && !WITH_VALUE.contains(argv.get(i - 1))) {
        return Optional.of(argument);
      }
    }
    return Optional.empty();
  }

  @Test
  void noProgramTakesANameForAnOption() throws Exception {
    assumeTrue(
        SystemCalls.canInject(), "Started programs are NOT looked at: strace cannot be used");
    Path list = Files.write(directory.resolve("names"), names());
    Path trace = directory.resolve("trace");
    Path output = directory.resolve("output");
    Path work = Files.createDirectory(directory.resolve("work"));
    List<String> command =
        new ArrayList<>(
            List.of("strace", "-f", "-qq", "-s", "4096", "--seccomp-bpf", "-o", trace.toString()));
    command.addAll(List.of("-e", "trace=execve", "-e", "signal=none"));
    command.addAll(JavaProgram.of(NamesLikeOptions.class).command(List.of(list.toString())));

    Process process =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(100, TimeUnit.SECONDS);
    process.destroyForcibly();

    assertThat(ended).as(Files.readString(output)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    List<List<String>> started = started(trace);
    Set<String> programs = new TreeSet<>();
    for (List<String> argv : started) {
      programs.add(Path.of(argv.getFirst()).getFileName().toString());
      assertThat(taken(argv, names())).as("%s", argv).isEmpty();
    }
    assertThat(programs).contains("cp", "docker", "rm", "tar", "xz");
    for (String name : names()) {
      assertThat(started)
          .as("programs that were given %s", name)
          .anyMatch(argv -> argv.contains(name));
    }
  }

  private static List<List<String>> started(Path trace) throws Exception {
    List<List<String>> all = new ArrayList<>();
    for (String line : Files.readAllLines(trace)) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        List<String> argv = new ArrayList<>();
        Matcher argument = ARGUMENT.matcher(started.group(1));
        while (argument.find()) {
          argv.add(argument.group(1));
        }
        all.add(argv);
      }
    }
    return all;
  }

  /** These programs are not started on such names here; what they would be given is a list. */
  @Test
  void whatIsMadeOfPackagesIsNamedAfterTheOptions() {
    for (String name : names()) {
      List<String> argv =
          BootstrapFetcher.mmdebstrap(
              new BootstrapBase(BootstrapBase.Distribution.DEBIAN_13, false, List.of("ocaml")),
              Optional.of(Path.of("/x/hook")),
              Path.of(name),
              Optional.of(name));

      assertThat(taken(argv, names())).isEmpty();
      assertThat(argv).endsWith(name);
    }
  }

  @Test
  void aNameInThePlaceOfAnOptionIsFound() {
    assertThat(taken(List.of("rm", "-rf", "-C1"), names())).contains("-C1");
    assertThat(taken(List.of("tar", "-C", "-C1", "@1"), names())).contains("@1");
    assertThat(taken(List.of("rm", "-rf", "--", "-C1"), names())).isEmpty();
  }
}
