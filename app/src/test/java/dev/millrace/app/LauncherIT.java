package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real launcher starts the real JVM on what this build has packaged. */
class LauncherIT {
  private static final Path LAUNCHER = Path.of(System.getProperty("millrace.root"), "millrace");

  @TempDir private Path elsewhere;

  @Test
  void startsFromAnyDirectory() throws Exception {
    Answer answer = run(LAUNCHER, "--version");

    assertThat(answer).isEqualTo(new Answer(0, "millrace 0.1.0-SNAPSHOT\n"));
  }

  @Test
  void startsThroughALinkInAFolderWithBlanks() throws Exception {
    Path folder = Files.createDirectory(elsewhere.resolve("a folder"));
    Path link = Files.createSymbolicLink(folder.resolve("millrace"), LAUNCHER);
    Path second = Files.createSymbolicLink(folder.resolve("mr"), Path.of("millrace"));

    assertThat(run(link, "--version").status()).isZero();
    assertThat(run(second, "--version").output()).isEqualTo("millrace 0.1.0-SNAPSHOT\n");
  }

  @Test
  void handsArgumentsOverAsTheyAre() throws Exception {
    for (String argument : List.of("@/etc/passwd", "a b  c", "*", "$HOME", "-Xmx1k", "")) {
      Answer answer = run(LAUNCHER, "completion", argument);

      assertThat(answer.status()).as(argument).isEqualTo(2);
      assertThat(answer.output()).contains("'" + argument + "'").doesNotContain("root:");
    }
  }

  /** Service managers and containers often set no locale, in which Java knows ASCII only. */
  @Test
  void knowsMoreThanAsciiWithoutALocale() throws Exception {
    Answer answer = run(Map.of("LC_ALL", "C", "LANG", ""), LAUNCHER, "completion", "é✓");

    assertThat(answer.output()).contains("'é✓'");
  }

  @Test
  void endsWithTheCommandsExitCode() throws Exception {
    assertThat(run(LAUNCHER).status()).isEqualTo(2);
    assertThat(run(LAUNCHER, "no-such-command").status()).isEqualTo(2);
    assertThat(run(LAUNCHER, "doctor", "--json").status()).isIn(0, 1);
  }

  private record Answer(int status, String output) {}

  private Answer run(Path launcher, String... arguments) throws IOException, InterruptedException {
    return run(Map.of(), launcher, arguments);
  }

  private Answer run(Map<String, String> settings, Path launcher, String... arguments)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of(launcher.toString()));
    argv.addAll(List.of(arguments));
    Map<String, String> environment = new HashMap<>(System.getenv());
    // In the middle of the very build that it would start.
    environment.put("MILLRACE_BUILD", "never");
    environment.putAll(settings);
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    int status =
        Command.of(argv)
            .in(elsewhere)
            .withEnvironment(environment)
            .run((buffer, length) -> output.write(buffer, 0, length));
    return new Answer(status, output.toString(StandardCharsets.UTF_8));
  }
}
