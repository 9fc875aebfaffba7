package dev.millrace.engine.core;

import dev.millrace.base.Event;
import dev.millrace.base.History;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Lists for a {@link History} what an engine keeps: its jobs, and whether their logs are there. */
final class EngineInventory {
  private static final int PAGE = 1000;
  private static final String INTERRUPTED = "Interrupted: Millrace ended while this job was open";

  /** How the next engine ends a log that was not ended. */
  private static final Pattern CUT =
      Pattern.compile("(?s)(.*)\n(Interrupted: [^\n]*|Job cancelled: [^\n]*)\n");

  /** Millrace's own lines in a log. */
  private static final Pattern OWN =
      Pattern.compile("(?m)^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\\.\\d\\d: .*\n");

  private static final Pattern END =
      Pattern.compile(
          "(?s).*\n[-0-9]{10} [0-9:.]{8}: Job (succeeded|failed: |cancelled: |skipped: )[^\n]*\n");

  private EngineInventory() {}

  /**
   * Looks at everything, the logs too, and returns all jobs, the newest first.
   *
   * @param name of a job in the history
   */
  static List<JobSummary> take(
      EngineControl control, Function<JobSummary, String> name, History history)
      throws IOException {
    List<JobSummary> jobs = listJobs(control);
    history.add(new Event.Inventory());
    for (JobSummary job : jobs) {
      note(control, job, name.apply(job), history);
    }
    return jobs;
  }

  static List<JobSummary> listJobs(EngineControl control) {
    List<JobSummary> jobs = new ArrayList<>();
    List<JobSummary> page;
    do {
      page = control.listJobs(new JobQuery("", Set.of(), Optional.empty(), jobs.size(), PAGE));
      jobs.addAll(page);
    } while (page.size() == PAGE);
    return jobs;
  }

  /** Notes one job: that it needs a log, whether that is there and whole, and what is in it. */
  static void note(EngineControl control, JobSummary job, String name, History history)
      throws IOException {
    String log = "log " + job.id();
    history.add(new Event.Refers("job " + job.id(), log));
    if (!isInterrupted(job)) {
      history.add(new Event.Accepted(name, job.build(), result(job)));
    }
    Optional<String> text = readLog(control, job.id());
    if (text.isPresent()) {
      boolean cut = CUT.matcher(text.get()).matches();
      if (cut || END.matcher(text.get()).matches()) {
        history.add(new Event.Holds(log));
      }
      if (!cut) {
        history.add(new Event.Finished(log));
      }
      history.add(new Event.Read(log, output(text.get()), cut));
    }
  }

  /** Notes of one job only that it needs a log, and whether that is there. */
  static void noteReference(EngineControl control, JobSummary job, History history) {
    String log = "log " + job.id();
    history.add(new Event.Refers("job " + job.id(), log));
    if (control.findLog(job.id()).isPresent()) {
      history.add(new Event.Holds(log));
    }
  }

  /** What a job came to, as {@link Event.Offered} has it. */
  static String result(JobSummary job) {
    return job.state() + job.message().map(message -> ": " + message).orElse("");
  }

  /** Whether the engine ended while it was open. */
  static boolean isInterrupted(JobSummary job) {
    return job.message().filter(INTERRUPTED::equals).isPresent();
  }

  private static Optional<String> readLog(EngineControl control, JobId id) throws IOException {
    Optional<JobLog> log = control.findLog(id);
    return log.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new String(log.get().read(0, (int) log.get().size()), StandardCharsets.UTF_8));
  }

  /** What the job itself wrote. */
  private static String output(String log) {
    Matcher cut = CUT.matcher(log);
    return OWN.matcher(cut.matches() ? cut.group(1) : log).replaceAll("");
  }

  /**
   * The files below a directory: how many there are of each name, without what differs in names
   * from job to job and day to day.
   */
  static Map<String, Integer> countFiles(Path directory) throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> directory.relativize(file).toString())
          .map(name -> name.replaceAll("-[0-9a-f]{6}\\b", "-#").replaceAll("\\d+", "#"))
          .forEach(name -> counts.merge(name, 1, Integer::sum));
    }
    return counts;
  }
}
