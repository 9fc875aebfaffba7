package dev.millrace.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The real launcher in a process of its own, as a person starts it; its output is read as it comes.
 * Closing it kills it.
 */
final class MillraceProcess implements AutoCloseable {
  static final Path HOME = Path.of(System.getProperty("millrace.root")).toAbsolutePath();

  /** Long enough for base images to be made on a slow machine; a test that hangs fails then. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  private final Process process;
  private final Thread reader;
  private final StringBuilder output = new StringBuilder();
  private boolean over;

  private MillraceProcess(Process process) {
    this.process = process;
    this.reader = Thread.ofVirtual().name("millrace-output").start(this::read);
  }

  /** Starts it in a directory; standard error is read with standard output. */
  static MillraceProcess start(Path directory, List<String> arguments) throws IOException {
    return start(directory, HOME.resolve("millrace"), arguments, Map.of());
  }

  /** Starts another program of ours, with more in its environment. */
  static MillraceProcess start(
      Path directory, Path program, List<String> arguments, Map<String, String> environment)
      throws IOException {
    List<String> argv = new ArrayList<>(List.of(program.toString()));
    argv.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(argv).directory(directory.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    // In the middle of the very build that it would start.
    builder.environment().put("MILLRACE_BUILD", "never");
    builder.environment().put("MILLRACE_JAVA_OPTIONS", "-Xmx2g");
    return new MillraceProcess(builder.start());
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (output) {
          output.append(line).append('\n');
          output.notifyAll();
        }
      }
    } catch (IOException e) {
      // It was killed in the middle of a line.
    }
    synchronized (output) {
      over = true;
      output.notifyAll();
    }
  }

  /** Waits until it has printed a text this often, and returns all that it has printed. */
  String awaitText(String text, int times) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (output) {
      while (output.toString().split(java.util.regex.Pattern.quote(text), -1).length <= times) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (over || left <= 0) {
          throw new AssertionError(
              "%s without \"%s\" (%d times), but:\n%s"
                  .formatted(over ? "It ended" : "Time ran out", text, times, output));
        }
        output.wait(left);
      }
      return output.toString();
    }
  }

  /** Waits until it has printed a text. */
  String awaitText(String text) throws InterruptedException {
    return awaitText(text, 1);
  }

  /** Waits for its end and returns how it ended. */
  Ended await() throws InterruptedException {
    if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      // Politely, so that it takes its mounts along.
      process.destroy();
      boolean _ = process.waitFor(1, TimeUnit.MINUTES);
      throw new AssertionError("It did not end:\n" + output);
    }
    reader.join();
    synchronized (output) {
      return new Ended(process.exitValue(), output.toString());
    }
  }

  /**
   * How it ended.
   *
   * @param status the exit code
   * @param output everything that it printed
   */
  record Ended(int status, String output) {}

  /** Asks it to end, as Ctrl-C and service managers do. */
  void terminate() {
    // Not that of the process itself, which closes what it is read from too.
    boolean _ = process.toHandle().destroy();
  }

  /** Ends it on the spot, as a crash does: it can clean up nothing. */
  void kill() {
    process.destroyForcibly().onExit().join();
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
