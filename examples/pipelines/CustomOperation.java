// An operation of one's own, with types: counts the words of files, at most two at a time.
//
//   ./millrace run examples/pipelines/CustomOperation.java --once --port 0
//
// A second run reads nothing: what is counted is known, until a file's size or time changes.

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Monitor;
import dev.millrace.engine.core.Operation;
import dev.millrace.engine.core.Pool;
import dev.millrace.engine.program.PipelineProgram;

/** What a file looked like: another one of these is another content. */
record Stamp(long size, long modified) {}

/** The outcome. */
record Count(long lines, long words) {}

/** The key is the file, the value what it looked like: the count is brought up to that. */
record CountWords(Pool readers) implements Operation<Path, Stamp, Count> {
  @Override
  public String id() {
    return "count-words";
  }

  @Override
  public String describe(Path file, Stamp stamp) {
    return "count the words of " + file;
  }

  // What makes a file the same one tomorrow, and its content the same: these go to the records.

  @Override
  public String keyDigest(Path file) {
    return file.toString();
  }

  @Override
  public String valueDigest(Stamp stamp) {
    return stamp.size + "@" + stamp.modified;
  }

  @Override
  public String encode(Count count) {
    return count.lines + " " + count.words;
  }

  /** An exception here would not be an error: the work would be done again. */
  @Override
  public Count decode(String text) {
    String[] numbers = text.split(" ");
    return new Count(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
  }

  /** A count that nobody wants any more is stopped: the engine interrupts this thread. */
  @Override
  public boolean autoCancel() {
    return true;
  }

  @Override
  public Optional<Duration> timeLimit() {
    return Optional.of(Duration.ofMinutes(5));
  }

  @Override
  public Count run(Job job, Path file, Stamp stamp) throws Exception {
    job.start(Level.HARMLESS, readers);
    if (stamp.size > 10_000_000) {
      throw new JobFailedException("%s is too long: %d bytes".formatted(file, stamp.size));
    }
    List<String> lines = Files.readAllLines(file);
    long words = lines.stream().flatMap(line -> Stream.of(line.split("\\W+"))).count();
    job.log("%d lines, %d words".formatted(lines.size(), words));
    return new Count(lines.size(), words);
  }
}

/** A monitor of one's own: the stamp of a file, looked at every second. */
record StampMonitor(Path file) implements Monitor<Stamp> {
  @Override
  public Stamp read() throws IOException {
    return new Stamp(Files.size(file), Files.getLastModifiedTime(file).toMillis());
  }

  @Override
  public AutoCloseable watch(Runnable refresh) {
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    var _ = timer.scheduleAtFixedRate(refresh, 1, 1, TimeUnit.SECONDS);
    return timer::shutdownNow;
  }
}

Current<?> pipeline(Engine engine) {
  CountWords count = new CountWords(Pool.of("readers", 2));
  List<Current<Count>> counts =
      Stream.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
          .map(Path::of)
          .map(
              file ->
                  engine.run(
                      "count",
                      count,
                      Current.of(file.toString(), file),
                      engine.monitor(file.toString(), new StampMonitor(file))))
          .toList();
  return Current.all(counts)
      .map(all -> all.stream().mapToLong(Count::words).sum());
}

void main(String[] args) {
  PipelineProgram.of("custom-operation", this::pipeline).main(args);
}
