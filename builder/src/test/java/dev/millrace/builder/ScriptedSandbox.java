package dev.millrace.builder;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A sandbox without walls: each command does what the test says, in Java. An unknown command fails
 * the test. Thread-safe.
 */
public final class ScriptedSandbox implements Sandbox {
  private final Map<String, Script> scripts = new HashMap<>();
  private volatile boolean rootOnly; // Set before any build begins.
  private final List<Run> runs = new CopyOnWriteArrayList<>();

  /** What a command does. */
  public interface Script {
    /** Does it and returns the exit status. */
    int run(Run run, Command.Output output) throws IOException, InterruptedException;
  }

  /** Says what a command, the last argument of a run, does from now on. */
  public synchronized void on(String command, Script script) {
    scripts.put(command, script);
  }

  /** Says that a command prints something and succeeds. */
  public void prints(String command, String text) {
    on(
        command,
        (_, output) -> {
          print(output, text);
          return 0;
        });
  }

  /** Prints. */
  public static void print(Command.Output output, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    output.write(bytes, bytes.length);
  }

  /** All runs so far. */
  public List<Run> runs() {
    return List.copyOf(runs);
  }

  /** How often a command was run. */
  public long count(String command) {
    return runs.stream().filter(run -> run.argv().getLast().equals(command)).count();
  }

  /** Says that steps of other users than root are refused from now on. */
  void knowsRootOnly() {
    rootOnly = true;
  }

  @Override
  public Optional<String> refusal(User user) {
    return rootOnly && !user.equals(User.ROOT)
        ? Optional.of("There is root only")
        : Optional.empty();
  }

  @Override
  public String describe() {
    return "scripted";
  }

  @Override
  public int run(Run run, Command.Input input, Command.Output output)
      throws IOException, InterruptedException {
    runs.add(run);
    if (run.argv().equals(List.of("tar", "-xf", "-"))) {
      return Command.of("tar", "-xf", "-", "-C", run.rootfs().toString(), "--no-same-owner")
          .withInput(input)
          .run(output);
    }
    input.writeTo(OutputStream.nullOutputStream());
    Script script;
    synchronized (this) {
      script = scripts.get(run.argv().getLast());
    }
    if (script == null) {
      throw new AssertionError("Nobody said what \"%s\" does".formatted(run.argv().getLast()));
    }
    return script.run(run, output);
  }
}
