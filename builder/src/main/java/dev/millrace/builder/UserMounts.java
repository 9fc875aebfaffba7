package dev.millrace.builder;

import static java.util.Objects.requireNonNullElse;

import dev.millrace.base.Command;
import dev.millrace.base.TaskScope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A user namespace and a mount namespace of an ordinary user, kept by a process of ours that does
 * nothing else. It ends when this one does, however, and all mounts with it.
 *
 * <p>What is mounted there has the name {@code /proc/PID/root/…}, by which this process reads and
 * writes it as the user. Who must be somebody else, or mount it again, has to be in there: {@link
 * UserNamespace} sends commands with such names in, wherever the name came from.
 *
 * <p>The host's own mounts are followed, theirs are passed on to namespaces of steps: so what is
 * unmounted is unmounted for everyone. Thread-safe; closed by its owner, who opened it.
 */
final class UserMounts implements AutoCloseable {
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
  private static final Pattern NAME = Pattern.compile("/proc/(\\d+)/root(/.*)");

  private final TaskScope scope;
  private final long keeper;

  private UserMounts(TaskScope scope, long keeper) {
    this.scope = scope;
    this.keeper = keeper;
  }

  static UserMounts open(SubordinateIds subordinates) throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(UserNamespace.enter(subordinates));
    argv.addAll(List.of("unshare", "--mount", "--propagation", "slave", "--"));
    argv.addAll(List.of("perl", "-e", SeccompProfile.resource("mounts.pl"), "--"));
    argv.add(Integer.toString(Machine.current().mountCall()));
    BlockingQueue<String> said = new LinkedBlockingQueue<>();
    TaskScope scope = TaskScope.open("mounts of a user");
    boolean opened = false;
    try {
      scope.fork(() -> keep(argv, said));
      String first =
          requireNonNullElse(said.poll(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS), "").strip();
      if (!first.matches("\\d+")) {
        throw new IOException("no namespace can be kept" + (first.isEmpty() ? "" : ": " + first));
      }
      opened = true;
      return new UserMounts(scope, Long.parseLong(first));
    } finally {
      if (!opened) {
        scope.close();
      }
    }
  }

  /** Runs the keeper until the scope is closed. Its first word is its number, or a complaint. */
  private static void keep(List<String> argv, BlockingQueue<String> said)
      throws IOException, InterruptedException {
    try {
      int _ =
          Command.of(argv)
              .withInput(_ -> new CountDownLatch(1).await())
              .run((b, length) -> said.add(new String(b, 0, length, StandardCharsets.UTF_8)));
    } finally {
      said.add("");
    }
  }

  /** What stands before a command that is to be run in there. */
  List<String> enter() {
    return enter(keeper);
  }

  private static List<String> enter(long keeper) {
    return List.of(
        "nsenter",
        "--target",
        Long.toString(keeper),
        "--user",
        "--mount",
        "--preserve-credentials",
        "--");
  }

  /** The name by which this process sees what is mounted on a directory. */
  Path seen(Path inside) {
    return Path.of("/proc/" + keeper + "/root" + inside);
  }

  /**
   * What must stand before a command that has such a name among its words; empty if none has one.
   */
  static Optional<List<String>> enter(List<String> words) {
    for (String word : words) {
      Matcher matcher = NAME.matcher(word);
      if (matcher.matches()) {
        return Optional.of(enter(Long.parseLong(matcher.group(1))));
      }
    }
    return Optional.empty();
  }

  /** The word as it must be in there. */
  static String inside(String word) {
    Matcher matcher = NAME.matcher(word);
    return matcher.matches() ? matcher.group(2) : word;
  }

  @Override
  public void close() {
    scope.close();
  }
}
