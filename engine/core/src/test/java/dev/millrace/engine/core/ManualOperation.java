package dev.millrace.engine.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An operation on texts whose runs end when the test says so. Thread-safe.
 *
 * <p>A run is named {@code key} or, where there is a value, {@code key=value}.
 */
public class ManualOperation implements Operation<String, String, String> {
  private final String id;
  private final Traits traits;
  private final Map<String, Run> running = new LinkedHashMap<>();
  private final List<String> started = new ArrayList<>();

  /** What kind of operation it is. */
  public record Traits(
      boolean autoCancel,
      boolean latched,
      boolean stubborn,
      Level level,
      Optional<Pool> pool,
      Optional<Duration> timeLimit) {
    /**
     * Neither cancelled by itself nor latched nor stubborn, of average level, without a pool or
     * time limit.
     */
    public static final Traits PLAIN =
        new Traits(false, false, false, Level.AVERAGE, Optional.empty(), Optional.empty());

    /** The same but cancelled by itself. */
    public Traits withAutoCancel() {
      return new Traits(true, latched, stubborn, level, pool, timeLimit);
    }

    /** The same but latched. */
    public Traits withLatched() {
      return new Traits(autoCancel, true, stubborn, level, pool, timeLimit);
    }

    /** The same but going on, whoever stops it, until the test ends it. */
    public Traits withStubbornness() {
      return new Traits(autoCancel, latched, true, level, pool, timeLimit);
    }

    /** The same of another level. */
    public Traits withLevel(Level newLevel) {
      return new Traits(autoCancel, latched, stubborn, newLevel, pool, timeLimit);
    }

    /** The same in a pool. */
    public Traits withPool(Pool newPool) {
      return new Traits(autoCancel, latched, stubborn, level, Optional.of(newPool), timeLimit);
    }

    /** The same with a time limit. */
    public Traits withTimeLimit(Duration limit) {
      return new Traits(autoCancel, latched, stubborn, level, pool, Optional.of(limit));
    }
  }

  /** How a run ends. */
  private interface Ending {
    String end() throws Exception;
  }

  private static final class Run {
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable Ending ending;
  }

  /** A plain operation. */
  public ManualOperation(String id) {
    this(id, Traits.PLAIN);
  }

  /** An operation of a kind. */
  public ManualOperation(String id, Traits traits) {
    this.id = id;
    this.traits = traits;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String describe(String key, String value) {
    return id + " " + name(key, value);
  }

  private static String name(String key, String value) {
    return value.isEmpty() ? key : key + "=" + value;
  }

  @Override
  public String keyDigest(String key) {
    return key;
  }

  @Override
  public String valueDigest(String value) {
    return value;
  }

  @Override
  public String encode(String outcome) {
    return outcome;
  }

  @Override
  public String decode(String text) {
    if (text.equals("undecodable")) {
      throw new IllegalArgumentException("Cannot decode \"undecodable\"");
    }
    return text;
  }

  @Override
  public boolean autoCancel() {
    return traits.autoCancel;
  }

  @Override
  public boolean latched() {
    return traits.latched;
  }

  @Override
  public Optional<Duration> timeLimit() {
    return traits.timeLimit;
  }

  @Override
  public String run(Job job, String key, String value) throws Exception {
    job.start(traits.level, traits.pool);
    String name = name(key, value);
    Run run = new Run();
    synchronized (this) {
      if (running.putIfAbsent(name, run) != null) {
        throw new AssertionError("Two runs of " + name + " at once");
      }
      started.add(name);
      notifyAll();
    }
    try {
      awaitEnd(run);
      Ending ending = run.ending;
      if (ending == null) {
        throw new AssertionError("A run that has ended has an ending");
      }
      return ending.end();
    } finally {
      synchronized (this) {
        running.remove(name);
        notifyAll();
      }
    }
  }

  private void awaitEnd(Run run) throws InterruptedException {
    while (true) {
      try {
        run.ended.await();
        return;
      } catch (InterruptedException e) {
        if (!traits.stubborn) {
          throw e;
        }
      }
    }
  }

  /** Lets a run, which must begin soon, pass with this outcome. */
  public void pass(String name, String outcome) {
    end(name, () -> outcome);
  }

  /** Lets a run fail. */
  public void fail(String name, String message) {
    end(
        name,
        () -> {
          throw new JobFailedException(message);
        });
  }

  /** Lets a run be skipped. */
  public void skip(String name, String reason) {
    end(
        name,
        () -> {
          throw new JobSkippedException(reason);
        });
  }

  /** Lets a run break. */
  public void crash(String name, RuntimeException bug) {
    end(
        name,
        () -> {
          throw bug;
        });
  }

  private void end(String name, Ending ending) {
    Run run = awaitRun(name);
    run.ending = ending;
    run.ended.countDown();
    awaitGone(name, run);
  }

  private synchronized Run awaitRun(String name) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    Run run;
    while ((run = running.get(name)) == null) {
      pause(deadline, "No run of " + name + " has begun; running: " + running.keySet());
    }
    return run;
  }

  /** Waits until a run has begun. */
  public void awaitStart(String name) {
    Run _ = awaitRun(name);
  }

  private synchronized void awaitGone(String name, Run run) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (run.equals(running.get(name))) {
      pause(deadline, "The run of " + name + " does not end");
    }
  }

  @SuppressWarnings("WaitNotInLoop") // Its callers loop.
  private synchronized void pause(long deadline, String problem) {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      throw new AssertionError(problem);
    }
    try {
      wait(left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(problem, e);
    }
  }

  /** The names of all runs that have begun so far, in order. */
  public synchronized List<String> started() {
    return List.copyOf(started);
  }

  /** The names of the runs that have not ended. */
  public synchronized List<String> running() {
    return List.copyOf(running.keySet());
  }
}
