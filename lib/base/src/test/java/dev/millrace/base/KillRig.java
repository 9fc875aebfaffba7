package dev.millrace.base;

import dev.millrace.base.History.Line;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Starts a program again and again, and kills it at random moments: some while it starts, most at
 * work. The program writes its history to the file that is its first argument, under the name that
 * is its second, {@link Event.Serving} as soon as it does its work; and it ends with status 0 once
 * nothing is left to do. One thread at a time.
 */
public final class KillRig {
  /** Within this a program that was killed serves again. */
  public static final Duration SERVES_AGAIN = Duration.ofSeconds(5);

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration NAP_MAX = Duration.ofMillis(15);

  /** How long a program is thought to take until it serves, as long as none has. */
  private static final Duration START = Duration.ofMillis(500);

  private static final int EARLY_OF = 5;

  /** The status of who was ended by SIGKILL. */
  private static final int KILLED = 128 + 9;

  private static final int POLL_MILLIS = 2;

  private final JavaProgram program;
  private final List<String> arguments;
  private final Path directory;
  private final Random random;
  private int starts;
  private long launched;

  /** How long the program took until it served, when it last did. */
  private Duration start = START;

  /**
   * A rig.
   *
   * @param arguments what follows the two that every program is given
   * @param directory where the history and the program's output are kept
   */
  public KillRig(JavaProgram program, List<String> arguments, Path directory, Random random) {
    this.program = program;
    this.arguments = arguments;
    this.directory = directory;
    this.random = random;
  }

  /** The history. */
  public Path history() {
    return directory.resolve("history");
  }

  /** What the program has printed. */
  public String output() throws IOException {
    Path output = directory.resolve("output");
    return Files.exists(output) ? Files.readString(output) : "";
  }

  /**
   * Kills the program until so many are dead or one has ended by itself; says how many were killed.
   *
   * @param events how many events, at most, a life has from when it serves to when it is killed
   */
  public int kill(int kills, int events) throws IOException, InterruptedException {
    int killed = 0;
    while (killed < kills && startAndKill(events)) {
      killed++;
    }
    return killed;
  }

  /** Lets a program that kills itself do so, until it ends well; says how often it did. */
  public int awaitDeaths() throws IOException, InterruptedException {
    int deaths = 0;
    while (hasDied(start())) {
      deaths++;
    }
    return deaths;
  }

  private boolean hasDied(Process process) throws IOException, InterruptedException {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("The program does not end: " + output());
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    return noteEnd(process);
  }

  /**
   * Lets the program live to its end.
   *
   * @throws IOException if it does not end, or not well
   */
  public void settle() throws IOException, InterruptedException {
    Process process = start();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new IOException("The program does not settle: " + output());
    }
    if (process.exitValue() != 0) {
      throw new IOException("The program ended badly: " + output());
    }
  }

  private String name() {
    return "life-" + starts;
  }

  private Process start() throws IOException {
    starts++;
    try (History history = History.open(history(), "rig")) {
      history.add(new Event.Launched(name()));
    }
    launched = System.nanoTime();
    List<String> all = new ArrayList<>(List.of(history().toString(), name()));
    all.addAll(arguments);
    return program.start(List.of(), directory.resolve("output"), all);
  }

  /** False if it had ended before. */
  private boolean startAndKill(int events) throws IOException, InterruptedException {
    // All chances are taken before anything is waited for.
    boolean early = random.nextInt(EARLY_OF) == 0;
    double sooner = random.nextDouble();
    int until = random.nextInt(events);
    long nap = random.nextLong(NAP_MAX.toNanos());
    Process process = start();
    try {
      if (early) {
        boolean _ = process.waitFor((long) (sooner * start.toNanos()), TimeUnit.NANOSECONDS);
      } else {
        awaitEvents(process, until);
        boolean _ = process.waitFor(nap, TimeUnit.NANOSECONDS);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    return noteEnd(process);
  }

  /** False if it ended by itself. */
  private boolean noteEnd(Process process) throws IOException {
    if (process.exitValue() != 0 && process.exitValue() != KILLED) {
      throw new IOException("The program ended badly: " + output());
    }
    noteDeath();
    return process.exitValue() == KILLED;
  }

  private void awaitEvents(Process process, int until) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    History.Tail tail = new History.Tail(history());
    boolean serving = false;
    int seen = 0;
    while (process.isAlive() && (!serving || seen < until)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("The program makes no progress: " + output());
      }
      for (Line line : tail.next()) {
        seen += serving ? 1 : 0;
        if (line.event().equals(new Event.Serving(name()))) {
          serving = true;
          start = Duration.ofNanos(System.nanoTime() - launched);
        }
      }
      boolean _ = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void noteDeath() throws IOException {
    List<Event> lost = History.leases(name(), History.read(history()));
    try (History history = History.open(history(), "rig")) {
      history.add(new Event.Killed(name()));
      lost.forEach(history::add);
    }
  }

  /** How long the program took, each time, from its launch until it served; the longest last. */
  public List<Duration> starts() {
    List<Duration> taken = new ArrayList<>();
    Duration launched = Duration.ZERO;
    for (Line line : History.read(history())) {
      switch (line.event()) {
        case Event.Launched _ -> launched = line.at();
        case Event.Serving _ -> taken.add(line.at().minus(launched));
        case Event _ -> {}
      }
    }
    return taken.stream().sorted().toList();
  }
}
