package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.millrace.base.Limit;
import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.JobReason.Cause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: what {@link EngineLimits} says is so (O1): as much as a limit allows is taken; one more,
 * and ten times as much, come to what is said there, with a message that names the limit and its
 * option where somebody is to be told. A limit that is not tried here fails the test.
 */
class EngineLimitsTest {
  private static final int MEBIBYTE = 1 << 20;

  @TempDir Path state;

  private Map<String, Executable> trials() {
    Map<String, Executable> trials = new LinkedHashMap<>();
    trials.put("the log of a job", this::logs);
    trials.put(
        "a log that is kept with the records, of a job that was quick and passed", this::shortLogs);
    trials.put("retries of work that failed in a way which may pass", this::retries);
    trials.put("messages that wait for a pipeline's evaluation", this::messages);
    trials.put("what an engine waits for the end of its work when it is stopped", this::closing);
    trials.put("log rules", this::logRules);
    trials.put("the pattern or report of a log rule", this::charactersOfLogRules);
    trials.put("causes kept of why a job ran", this::causes);
    trials.put("what people did, if history is limited", this::actions);
    return trials;
  }

  @TestFactory
  Stream<DynamicTest> eachHoldsAtItAndBeyondIt() {
    return trials().entrySet().stream()
        .map(trial -> DynamicTest.dynamicTest(trial.getKey(), trial.getValue()));
  }

  @Test
  void allAreTried() {
    assertThat(EngineLimits.list().stream().map(Limit::what))
        .containsExactlyElementsOf(trials().keySet());
  }

  private void logs() throws IOException {
    int limit = MEBIBYTE;
    String end = "\n[The log ends here: it reached its limit of 1 MiB (--log-size-max)]\n";

    assertThat(logOf(limit)).isEqualTo("x".repeat(limit));
    assertThat(logOf(limit + 1)).isEqualTo("x".repeat(limit) + end);
    assertThat(logOf(10 * limit)).isEqualTo("x".repeat(limit) + end);
  }

  /** What is in the file of a log with a limit of 1 MiB after so many bytes, and some more. */
  private String logOf(int length) throws IOException {
    Path file = state.resolve("day").resolve(length + ".log");
    LogFile log = new LogFile(file, MEBIBYTE);
    log.open();
    print(log, length);
    print(log, Math.max(0, length - MEBIBYTE));
    log.close();
    return Files.readString(file);
  }

  private static void print(LogFile log, int length) {
    log.append("x".repeat(length).getBytes(StandardCharsets.UTF_8), 0, length);
  }

  private void shortLogs() throws IOException {
    int limit = LogFile.SHORT_MAX;

    assertThat(isShort(limit)).isTrue();
    assertThat(isShort(limit + 1)).isFalse();
    assertThat(isShort(10 * limit)).isFalse();
  }

  private boolean isShort(int length) throws IOException {
    Path file = state.resolve("short").resolve(length + ".log");
    LogFile log = new LogFile(file, EngineConfig.LOG_SIZE_MAX_DEFAULT);
    log.open();
    for (int i = 0; i < length; i++) {
      print(log, 1);
    }
    Optional<byte[]> whole = log.closeShort();
    log.close();
    assertThat(whole.isPresent()).isNotEqualTo(Files.exists(file));
    return whole.isPresent();
  }

  /** That the failure stays then is in {@link RetryTest}. */
  private void retries() {
    assertThat(Retries.pauseAfter(Retries.MAX - 1, "a")).isPresent();
    assertThat(Retries.pauseAfter(Retries.MAX, "a")).isEmpty();
    assertThat(Retries.pauseAfter(10 * Retries.MAX, "a")).isEmpty();
  }

  /** A stage holds the evaluation up while messages come. */
  private void messages() throws InterruptedException {
    int limit = Evaluation.MAILBOX_MAX;
    CountDownLatch heldUp = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicReference<Variable<Integer>> number = new AtomicReference<>();
    AtomicReference<Current<Integer>> last = new AtomicReference<>();
    try (TestEngine engine =
        TestEngine.start(
            state.resolve("messages"),
            made -> {
              number.set(made.variable("number", Outcome.ok(0)));
              last.set(number.get().current().map(n -> n < 0 ? holdUp(heldUp, goOn) : n));
              return last.get();
            })) {
      number.get().set(-1);
      heldUp.await();
      AtomicInteger sent = new AtomicInteger();
      Thread sender =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= 10 * limit; i++) {
                      number.get().set(i);
                      sent.set(i);
                    }
                  });

      await().until(() -> sender.getState() == Thread.State.TIMED_WAITING);
      assertThat(sent).hasValue(limit);
      goOn.countDown();
      sender.join();

      engine.await(
          "the last",
          _ -> engine.engine().observe(last.get()).outcome().equals(Outcome.ok(10 * limit)));
    }
  }

  private static int holdUp(CountDownLatch heldUp, CountDownLatch goOn) {
    heldUp.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return 0;
  }

  /** With less patience, as nobody has the real one here. */
  private void closing() throws InterruptedException {
    close("quick", Duration.ofSeconds(10), Duration.ofMillis(100));
    close("slow", Duration.ofMillis(100), Duration.ofSeconds(1));

    TestEngine.start(state.resolve("quick"), _ -> Current.of("")).close();
    assertThatThrownBy(() -> TestEngine.start(state.resolve("slow"), _ -> Current.of("")))
        .hasMessageContaining("is in use by another Millrace");
  }

  /** Closes an engine whose work goes on for a while after it was told to end. */
  private void close(String name, Duration patience, Duration goesOn) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Doing work =
        new Doing(
            job -> {
              job.start(Level.HARMLESS);
              begun.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                boolean _ = new CountDownLatch(1).await(goesOn.toMillis(), TimeUnit.MILLISECONDS);
              }
              return "";
            });
    Engine engine =
        Engine.start(
            EngineConfig.in(state.resolve(name)), made -> made.run(name, work, Current.of("it")));
    begun.await();
    engine.close(patience);
  }

  private void logRules() throws InterruptedException {
    int limit = LogRules.RULES_MAX;
    try (TestEngine engine = TestEngine.start(state.resolve("rules"), _ -> Current.of(""))) {
      LogRules rules = engine.control().logRules();

      assertThatThrownBy(() -> rules.put(rules(10 * limit), "mia"))
          .hasMessage("There may be at most 500 log rules; with these there would be 5000.");
      assertThat(rules.list()).isEmpty();
      rules.put(rules(limit), "mia");
      // In place of those that are there.
      rules.put(rules(limit), "mia");
      assertThatThrownBy(() -> rules.put(rules(limit + 1), "mia"))
          .hasMessage("There may be at most 500 log rules; with these there would be 501.");
      assertThat(rules.list()).hasSize(limit);
    }
  }

  private static List<LogRule> rules(int count) {
    return IntStream.range(0, count).mapToObj(i -> new LogRule("p" + i, "r", 0)).toList();
  }

  private void charactersOfLogRules() {
    int limit = LogRule.CHARS_MAX;
    for (String rest : List.of("a", "a".repeat(9 * limit))) {
      String text = "a".repeat(limit) + rest;
      int length = text.length();
      assertThat(LogRule.problems(text, "r"))
          .containsExactly(
              "The pattern must have 1 to 1000 characters, but has %d.".formatted(length));
      assertThat(LogRule.problems("p", text))
          .containsExactly(
              "The report must have 1 to 1000 characters, but has %d.".formatted(length));
    }
    assertThat(LogRule.problems("a".repeat(limit), "a".repeat(limit))).isEmpty();
  }

  private void causes() {
    int limit = JobReason.CAUSES_MAX;
    for (int count : List.of(limit, limit + 1, 10 * limit)) {
      assertThat(reason(Collections.nCopies(count, cause("x"))).causes()).hasSize(limit);
    }

    // Of longer and longer ones all are kept as long as they are no more than a thousand bytes.
    List<Cause> causes = new ArrayList<>(Collections.nCopies(limit, cause("\u00e9".repeat(54))));
    int encoded = encode(causes);
    while (kept(causes) == limit) {
      encoded = encode(causes);
      causes.set(0, longer(causes.getFirst()));
    }
    assertThat(encoded).isEqualTo(JobReason.BYTES_MAX);
    assertThat(kept(causes)).isEqualTo(limit - 1);
    assertThat(encode(Collections.nCopies(limit, cause("\u20ac".repeat(10_000)))))
        .isLessThanOrEqualTo(JobReason.BYTES_MAX);
  }

  private static Cause cause(String text) {
    return new Cause(text, text, text, Optional.empty());
  }

  private static Cause longer(Cause cause) {
    return new Cause(cause.stage() + "x", cause.before(), cause.after(), cause.job());
  }

  private static JobReason reason(List<Cause> causes) {
    return new JobReason(JobReason.Kind.VALUE, "1", causes);
  }

  private static int encode(List<Cause> causes) {
    return reason(causes).encode().getBytes(StandardCharsets.UTF_8).length;
  }

  private static int kept(List<Cause> causes) {
    return JobReason.decode(reason(causes).encode()).orElseThrow().causes().size();
  }

  private void actions() throws Exception {
    try (TestEngine engine =
        TestEngine.start(
            state.resolve("actions"),
            ManualTime.atNoon(),
            config -> config.withKeepHistory(1),
            _ -> Current.of(""))) {
      assertThat(actionsAfter(Retention.ACTIONS_MIN, engine)).isEqualTo(1);
      assertThat(actionsAfter(Duration.ofMillis(1), engine)).isEqualTo(1);
      assertThat(actionsAfter(Retention.ACTIONS_MIN.multipliedBy(10), engine)).isZero();
    }
  }

  /** Does something, lets time pass, and says how much is known of what was done. */
  private static int actionsAfter(Duration time, TestEngine engine) throws Exception {
    engine.control().setConfirmThreshold(Optional.of(Level.DANGEROUS), "noa");
    engine.advance(time);
    engine.engine().retain();
    return engine.control().listActions(9).size();
  }
}
