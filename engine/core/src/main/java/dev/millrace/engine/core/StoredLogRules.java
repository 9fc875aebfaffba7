package dev.millrace.engine.core;

import com.google.re2j.Pattern;
import dev.millrace.engine.core.LogAnalysis.Found;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rules in the engine's records, ready to match. Thread-safe: what is in use is replaced, on
 * the recorder's thread, once the change is on the disk.
 */
final class StoredLogRules implements LogRules {
  private static final Logger LOG = LoggerFactory.getLogger(StoredLogRules.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How much longer it looks for rules that cannot decide any more. */
  private static final Duration CURIOSITY = Duration.ofSeconds(2);

  private static final Comparator<LogRule> BEST_FIRST =
      Comparator.comparingInt(LogRule::score).reversed().thenComparing(LogRule::pattern);

  private final Recorder recorder;
  private final AtomicReference<List<Ready>> rules;

  /** Jobs that are analysed at a time: it costs the processor, which jobs and pages need too. */
  private final Semaphore analysts =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

  private record Ready(LogRule rule, Pattern pattern) {
    static Ready of(LogRule rule) {
      return new Ready(rule, LogRule.compile(rule.pattern()));
    }
  }

  private StoredLogRules(Recorder recorder, List<Ready> rules) {
    this.recorder = recorder;
    this.rules = new AtomicReference<>(rules);
  }

  /** Reads the rules; one that is none any more is left out, which the program's log says. */
  static StoredLogRules load(JobStore store, Recorder recorder) {
    List<Ready> rules =
        store
            .read(
                handle ->
                    handle
                        .createQuery("SELECT pattern, report, score FROM log_rule")
                        .map(
                            (row, _) ->
                                read(
                                    StoredText.read(row.getString("pattern")),
                                    StoredText.read(row.getString("report")),
                                    row.getInt("score")))
                        .list())
            .stream()
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(Ready::rule, BEST_FIRST))
            .toList();
    return new StoredLogRules(recorder, rules);
  }

  private static Optional<Ready> read(String pattern, String report, int score) {
    List<String> problems = LogRule.problems(pattern, report);
    if (problems.isEmpty()) {
      return Optional.of(Ready.of(new LogRule(pattern, report, score)));
    }
    LOG.error("A log rule cannot be used: {}", String.join(" ", problems));
    return Optional.empty();
  }

  @Override
  public List<LogRule> list() {
    return rules.get().stream().map(Ready::rule).toList();
  }

  @Override
  public void put(List<LogRule> added, String who) throws InterruptedException {
    SequencedMap<String, Ready> ready = new LinkedHashMap<>();
    added.forEach(rule -> ready.put(rule.pattern(), Ready.of(rule)));
    int all = with(rules.get(), ready).size();
    if (all > RULES_MAX) {
      throw new IllegalArgumentException(
          "There may be at most %d log rules; with these there would be %d."
              .formatted(RULES_MAX, all));
    }
    recorder.write(
        "Log rules",
        handle -> ready.values().forEach(each -> insert(handle, each.rule)),
        () -> rules.updateAndGet(known -> with(known, ready)));
    LOG.info("{} log rules were stored by {}", ready.size(), who);
  }

  private static List<Ready> with(List<Ready> known, SequencedMap<String, Ready> added) {
    TreeMap<String, Ready> all = new TreeMap<>();
    known.forEach(each -> all.put(each.rule.pattern(), each));
    all.putAll(added);
    return all.values().stream().sorted(Comparator.comparing(Ready::rule, BEST_FIRST)).toList();
  }

  private static void insert(Handle handle, LogRule rule) {
    delete(handle, rule.pattern());
    handle
        .createUpdate(
            "INSERT INTO log_rule (pattern, report, score) VALUES (:pattern, :report, :score)")
        .bind("pattern", StoredText.of(rule.pattern()))
        .bind("report", StoredText.of(rule.report()))
        .bind("score", rule.score())
        .execute();
  }

  private static void delete(Handle handle, String pattern) {
    handle
        .createUpdate("DELETE FROM log_rule WHERE pattern = :pattern")
        .bind("pattern", StoredText.of(pattern))
        .execute();
  }

  @Override
  public boolean remove(String pattern, String who) throws InterruptedException {
    if (rules.get().stream().noneMatch(each -> each.rule.pattern().equals(pattern))) {
      return false;
    }
    recorder.write(
        "Log rules",
        handle -> delete(handle, pattern),
        () ->
            rules.updateAndGet(
                known ->
                    known.stream().filter(each -> !each.rule.pattern().equals(pattern)).toList()));
    LOG.info("The log rule with the pattern \"{}\" was removed by {}", pattern, who);
    return true;
  }

  /**
   * Looks in the log of a job that has failed for the reason, and writes into it what it found.
   *
   * @param failure what the job itself gave as the reason
   * @return what the best rule that matches reports, if one does
   */
  Optional<String> explain(Job job, String failure) {
    List<Ready> current = rules.get();
    if (current.isEmpty()) {
      return Optional.empty();
    }
    analysts.acquireUninterruptibly();
    try {
      Optional<Finding> best = analyse(LogAnalysis.of(job.logFile()), current, job, failure);
      return best.map(finding -> finding.found.match().report());
    } catch (IOException e) {
      LOG.warn("The log of job {} cannot be read for its analysis", job.id(), e);
      return Optional.empty();
    } finally {
      analysts.release();
    }
  }

  private record Finding(LogRule rule, Found found) {}

  /** Rules with the highest scores first, so that what time is too short for matters least. */
  private static Optional<Finding> analyse(
      LogAnalysis log, List<Ready> rules, Job job, String failure) {
    Deadline deadline = Deadline.in(PATIENCE);
    Deadline curiosity = Deadline.in(CURIOSITY);
    List<Finding> findings = new ArrayList<>();
    for (Ready each : rules) {
      boolean decided = !findings.isEmpty() && findings.getFirst().rule.score() > each.rule.score();
      log.find(each.rule, each.pattern, decided ? curiosity : deadline)
          .ifPresent(found -> findings.add(new Finding(each.rule, found)));
    }
    if (findings.isEmpty()) {
      return Optional.empty();
    }
    // Of equal scores the earliest place decides.
    findings.sort(
        Comparator.comparingInt((Finding finding) -> finding.rule.score())
            .reversed()
            .thenComparingLong(finding -> finding.found.at()));
    job.log("Work failed: " + failure);
    job.log("Log analysis:");
    findings.forEach(finding -> job.log(describe(finding)));
    return Optional.of(findings.getFirst());
  }

  /** On one line: who reads the log looks here for the line that says what went wrong. */
  private static String describe(Finding finding) {
    LogMatch match = finding.found.match();
    return ">>> %s (score = %d%s)"
        .formatted(
            match.text().replace("\n", " ⏎ "),
            finding.rule.score(),
            match.line().map(line -> ", line " + line).orElse(""));
  }
}
