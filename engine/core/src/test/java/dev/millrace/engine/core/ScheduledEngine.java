package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;

/**
 * The program of {@link ScheduleIT}: fifty schedules, until it is killed. Arguments: the history, a
 * name, the state directory, a file with how far the clock is off, the seed of the schedules, the
 * longest of them in seconds, and whether the engine is to measure time by the clock: the planted
 * bug.
 */
final class ScheduledEngine {
  private static final int SCHEDULES = 50;

  private ScheduledEngine() {}

  public static void main(String[] arguments) throws Exception {
    OffsetClock clock = OffsetClock.of(Path.of(arguments[3]));
    LongSupplier ticker =
        Boolean.parseBoolean(arguments[6])
            ? () -> Duration.between(Instant.EPOCH, clock.instant()).toNanos()
            : System::nanoTime;
    EngineConfig config = EngineConfig.in(Path.of(arguments[2])).withClock(clock, ticker);
    Map<String, Duration> schedules =
        schedules(Long.parseLong(arguments[4]), Integer.parseInt(arguments[5]));
    try (History history = History.open(Path.of(arguments[0]), arguments[1]);
        Engine _ = Engine.start(config, engine -> pipeline(engine, schedules, history))) {
      history.add(new Event.Serving(arguments[1]));
      new CountDownLatch(1).await();
    }
  }

  /** How long the outcome of each is good for. */
  static Map<String, Duration> schedules(long seed, int longest) {
    Random random = new Random(seed);
    Map<String, Duration> schedules = new LinkedHashMap<>();
    for (int i = 0; i < SCHEDULES; i++) {
      schedules.put("schedule-" + i, Duration.ofSeconds(1 + random.nextInt(longest)));
    }
    return schedules;
  }

  private static Current<?> pipeline(
      Engine engine, Map<String, Duration> schedules, History history) {
    Doing work =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              String name = job.description().substring("doing ".length());
              job.record()
                  .reason()
                  .map(JobReason::sentence)
                  .filter(why -> why.contains("the clock had been set back"))
                  .ifPresent(why -> history.add(new Event.Missed(name, why)));
              history.add(new Event.Started(name, job.record().build()));
              history.add(new Event.Offered(name, job.record().build(), "done"));
              return "done";
            });
    List<Current<String>> all = new ArrayList<>();
    schedules.forEach(
        (name, validFor) ->
            all.add(engine.run(name, work, Current.of(name), Schedule.validFor(validFor))));
    return Current.allDone(all);
  }

  /** The system's clock, off by what a file says, which somebody else may change. */
  static final class OffsetClock implements InstantSource {
    private final java.nio.MappedByteBuffer offset;

    private OffsetClock(java.nio.MappedByteBuffer offset) {
      this.offset = offset;
    }

    static OffsetClock of(Path file) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        return new OffsetClock(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
      }
    }

    /** Sets it forward or back. */
    void set(Duration step) {
      offset.putLong(0, offset.getLong(0) + step.toMillis());
    }

    @Override
    public Instant instant() {
      return InstantSource.system().instant().plusMillis(offset.getLong(0));
    }
  }
}
