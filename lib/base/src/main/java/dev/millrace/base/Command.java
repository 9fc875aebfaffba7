package dev.millrace.base;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A child process to run: argument list, directory, environment, input and time limit. Immutable.
 *
 * <p>The process leads a process group of its own ({@code setsid}), and that whole group is killed
 * when the caller is interrupted, when the time limit passes, and when the process has ended and
 * left others behind. Its output is streamed to the caller; nothing is kept beyond the stated
 * bounds. No shell is involved: arguments arrive as they are.
 *
 * @param argv program and arguments, at least the program
 * @param directory where it runs; empty for the caller's own
 * @param environment its whole environment; empty for the caller's own
 * @param timeLimit how long it may run; empty for no limit
 * @param input what it reads; empty for an input that is at its end
 */
public record Command(
    List<String> argv,
    Optional<Path> directory,
    Optional<Map<String, String>> environment,
    Optional<Duration> timeLimit,
    Optional<Input> input) {

  /** How much of a failed program's error output its exception quotes, in bytes. */
  private static final int ERROR_OUTPUT_MAX = 16 * 1024;

  /** Checks and copies. */
  public Command {
    if (argv.isEmpty()) {
      throw new IllegalArgumentException("argv must name a program");
    }
    argv = List.copyOf(argv);
    environment = environment.map(e -> Collections.unmodifiableMap(new LinkedHashMap<>(e)));
  }

  /** A command in the caller's directory and environment, without input or time limit. */
  public static Command of(List<String> argv) {
    return new Command(
        argv, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A command in the caller's directory and environment, without input or time limit. */
  public static Command of(String... argv) {
    return of(List.of(argv));
  }

  /** The same in another directory. */
  public Command in(Path newDirectory) {
    return new Command(argv, Optional.of(newDirectory), environment, timeLimit, input);
  }

  /** The same with this as its whole environment. */
  public Command withEnvironment(Map<String, String> newEnvironment) {
    return new Command(argv, directory, Optional.of(newEnvironment), timeLimit, input);
  }

  /** The same with a time limit. */
  public Command withTimeLimit(Duration newTimeLimit) {
    return new Command(argv, directory, environment, Optional.of(newTimeLimit), input);
  }

  /** The same reading what {@code newInput} writes. */
  public Command withInput(Input newInput) {
    return new Command(argv, directory, environment, timeLimit, Optional.of(newInput));
  }

  /**
   * Writes what a process reads. The stream is closed for it; a process that stops reading early is
   * no error, and one that ends interrupts it.
   */
  @FunctionalInterface
  public interface Input {
    /** Writes everything. */
    void writeTo(OutputStream stream) throws IOException, InterruptedException;
  }

  /** Takes a process's output piece by piece, on one thread, in order. */
  @FunctionalInterface
  public interface Output {
    /** Takes {@code length} bytes from the start of {@code buffer}, which is reused afterwards. */
    void write(byte[] buffer, int length) throws IOException;
  }

  /**
   * Runs the process with its error output merged into its output, and returns its exit status (128
   * + n after signal n).
   *
   * @throws ProcessException if it cannot be started, exceeds its time limit, or its input cannot
   *     be produced
   * @throws InterruptedException if the caller is interrupted; the process group is dead by then
   */
  public int run(Output output) throws IOException, InterruptedException {
    return execute(true, output, (_, _) -> {});
  }

  /**
   * Runs the process and returns its exit status, as {@link #run(Output)} does, with its error
   * output apart. The two are called by two threads.
   */
  public int run(Output output, Output errorOutput) throws IOException, InterruptedException {
    return execute(false, output, errorOutput);
  }

  /**
   * Runs the process and returns its output, decoded as UTF-8.
   *
   * @param bytesMax the most output it may print
   * @throws ProcessException if it cannot be started, fails, prints more, or exceeds its time limit
   */
  public String read(int bytesMax) throws IOException, InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status =
        execute(
            false,
            (buffer, length) -> {
              if (out.size() + length > bytesMax) {
                throw new ProcessException(
                    argv, "printed more than %d bytes".formatted(bytesMax), "");
              }
              out.write(buffer, 0, length);
            },
            (buffer, length) ->
                err.write(buffer, 0, Math.min(length, ERROR_OUTPUT_MAX - err.size())));
    if (status != 0) {
      throw new ProcessException(argv, describe(status), err.toString(StandardCharsets.UTF_8));
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  /**
   * What an exit status means, in words: {@code exited with status 2}, {@code was killed by signal
   * 9}.
   */
  public static String describe(int status) {
    if (status == 127) {
      return "exited with status 127 (is the program installed?)";
    }
    return status > 128 ? "was killed by signal " + (status - 128) : "exited with status " + status;
  }

  private int execute(boolean merge, Output output, Output errorOutput)
      throws IOException, InterruptedException {
    Process process = start(merge);
    Feed feed = new Feed(process);
    try (TaskScope scope = TaskScope.open("process " + argv.getFirst())) {
      // Inside the scope: its close waits for the readers, which end only when the whole group is
      // dead.
      try {
        scope.fork(() -> feed.write(input));
        scope.fork(() -> drain(process, process.getInputStream(), output));
        scope.fork(() -> drain(process, process.getErrorStream(), errorOutput));
        int status = awaitExit(process);
        ProcessGroup.kill(process.pid());
        feed.end();
        scope.join();
        return status;
      } finally {
        ProcessGroup.kill(process.pid());
        process.destroyForcibly();
      }
    } catch (TaskScope.TaskFailedException e) {
      if (e.failure() instanceof IOException io) {
        throw io;
      }
      throw e;
    }
  }

  private int awaitExit(Process process) throws ProcessException, InterruptedException {
    if (timeLimit.isPresent()
        && !process.waitFor(timeLimit.get().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new ProcessException(
          argv,
          "took longer than %d s and was killed".formatted(timeLimit.get().toSeconds()),
          "",
          true);
    }
    return process.waitFor();
  }

  private Process start(boolean merge) throws IOException {
    List<String> full = new ArrayList<>(List.of("setsid", "--"));
    full.addAll(argv);
    ProcessBuilder builder = new ProcessBuilder(full).redirectErrorStream(merge);
    directory.ifPresent(path -> builder.directory(path.toFile()));
    environment.ifPresent(
        map -> {
          builder.environment().clear();
          builder.environment().putAll(map);
        });
    try {
      return builder.start();
    } catch (IOException e) {
      throw new ProcessException(argv, "cannot be started: " + e.getMessage(), "");
    }
  }

  /** Writes to a process until it has ended; then who writes is interrupted. */
  private static final class Feed {
    private final Process process;
    private @Nullable Thread writer;
    private boolean over;

    Feed(Process process) {
      this.process = process;
    }

    void write(Optional<Input> input) throws InterruptedException {
      try (OutputStream stream = process.getOutputStream()) {
        if (input.isPresent() && begin()) {
          try {
            input.get().writeTo(stream);
          } finally {
            finish();
          }
        }
      } catch (BrokenInputException e) {
        throw e;
      } catch (InterruptedException e) {
        if (!isOver()) {
          throw e;
        }
      } catch (IOException e) {
        // The process has closed its input or ended: its exit status tells whether that was an
        // error.
      }
    }

    private synchronized boolean begin() {
      writer = Thread.currentThread();
      return !over;
    }

    private synchronized void finish() {
      writer = null;
      if (over) {
        boolean _ = Thread.interrupted();
      }
    }

    private synchronized boolean isOver() {
      return over;
    }

    /** The process has ended. */
    synchronized void end() {
      over = true;
      if (writer != null) {
        writer.interrupt();
      }
    }
  }

  /** The input of a process could not be produced (as opposed to: the process did not want it). */
  public static final class BrokenInputException extends RuntimeException {
    /** With the reason. */
    public BrokenInputException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private static void drain(Process process, InputStream stream, Output output) throws IOException {
    try {
      copy(stream, output);
    } catch (IOException e) {
      // Nobody takes its output any more: without this, a silent process would be waited for.
      ProcessGroup.kill(process.pid());
      throw e;
    }
  }

  private static void copy(InputStream stream, Output output) throws IOException {
    byte[] buffer = new byte[8192];
    try (stream) {
      while (true) {
        int length = stream.read(buffer);
        if (length < 0) {
          return;
        }
        output.write(buffer, length);
      }
    }
  }

  /** The command as a person would type it, with arguments quoted where needed. */
  @Override
  public String toString() {
    return render(argv);
  }

  static String render(List<String> argv) {
    StringBuilder text = new StringBuilder();
    for (String argument : argv) {
      if (!text.isEmpty()) {
        text.append(' ');
      }
      text.append(
          argument.matches("[A-Za-z0-9_@%+=:,./-]+")
              ? argument
              : "'" + argument.replace("'", "'\\''") + "'");
    }
    return text.toString();
  }
}
