package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import dev.millrace.base.ManualTime;
import dev.millrace.engine.core.EngineControl.ActionResult;
import dev.millrace.engine.core.ManualOperation.Traits;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Goal: a job starts when it may, stops when it is told, and says in its log what happened. */
class JobTest {
  @TempDir Path state;

  private static Function<Engine, Current<?>> keys(ManualOperation op, String... keys) {
    return engine ->
        Current.allDone(
            List.of(keys).stream()
                .map(key -> engine.run(key, op, Current.of(key), Current.of("")))
                .toList());
  }

  private TestEngine doing(Doing.Work work) {
    return TestEngine.start(state, e -> e.run("doing", new Doing(work), Current.of("it")));
  }

  @Test
  void aPersonCancelsAndTheLogSaysSoLast() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, keys(op, "a"))) {
      op.awaitStart("a");
      JobId job = engine.job("op").id();
      engine.await("a job that can be cancelled", _ -> engine.job("op").canCancel());

      assertThat(engine.control().cancel(job, "mia")).isInstanceOf(ActionResult.Accepted.class);
      engine.awaitResult(StageState.CANCELLED, "Cancelled by mia");
      assertThat(engine.control().cancel(job, "mia"))
          .isEqualTo(new ActionResult.Refused("Job %s has ended".formatted(job)));
      assertThat(engine.log(job)).endsWith("Job cancelled: Cancelled by mia\n");
      assertThat(engine.job("op").message()).contains("Cancelled by mia");
      assertThat(engine.job("op").canRebuild()).isTrue();
    }
  }

  @Test
  void aJobThatSucceedsAfterItWasCancelledCountsAsCancelled() {
    List<String> hooks = new CopyOnWriteArrayList<>();
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS);
              AutoCloseable _ = job.onCancel(hooks::add);
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                return "never mind";
              }
              return "";
            })) {
      engine.awaitResult(StageState.RUNNING);
      engine.control().cancel(engine.job("doing").id(), "mia");

      engine.awaitResult(StageState.CANCELLED, "Cancelled by mia");
      assertThat(hooks).containsExactly("Cancelled by mia");
    }
  }

  @Test
  void aTimeLimitIsNoCancellation() {
    ManualOperation op =
        new ManualOperation("op", Traits.PLAIN.withTimeLimit(Duration.ofMinutes(50)));
    try (TestEngine engine = TestEngine.start(state, keys(op, "a"))) {
      op.awaitStart("a");
      engine.awaitResult(StageState.RUNNING);
      engine.advance(Duration.ofMinutes(49));
      assertThat(op.running()).containsExactly("a");
      engine.advance(Duration.ofMinutes(1));

      engine.awaitResult(StageState.FAILED, "Timed out: it took longer than 50 minutes");
    }
  }

  @Test
  void aPoolLetsInAsManyAsItHasPlacesForAndTheNextWhenOneLeaves() {
    Pool pool = Pool.of("two", 2);
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withPool(pool));
    try (TestEngine engine = TestEngine.start(state, keys(op, "a", "b", "c"))) {
      engine.await("two runs", _ -> op.running().size() == 2 && pool.waiting() == 1);
      engine.await("one in the queue", o -> o.counts().of(StageState.QUEUED) == 1);
      String first = op.running().getFirst();
      op.pass(first, "");
      engine.await("the third", _ -> op.started().size() == 3);
      op.running().forEach(key -> op.pass(key, ""));
      engine.awaitResult(StageState.PASSED);

      assertThat(pool.used()).isZero();
      String last = op.started().getLast();
      assertThat(engine.log(engine.job("op " + last).id()))
          .contains("Waiting for a place in pool \"two\"\n")
          .contains("Got a place in pool \"two\"\n");
    }
  }

  @Test
  void aJobThatIsCancelledInTheQueueLeavesIt() {
    Pool pool = Pool.of("one", 1);
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withPool(pool));
    try (TestEngine engine = TestEngine.start(state, keys(op, "a", "b"))) {
      engine.await("one run", _ -> op.running().size() == 1 && pool.waiting() == 1);
      String waiting = op.running().equals(List.of("a")) ? "b" : "a";
      engine.control().cancel(engine.job("op " + waiting).id(), "mia");
      engine.await("an empty queue", _ -> pool.waiting() == 0);
      engine.awaitResult(StageState.CANCELLED);
      op.pass(op.running().getFirst(), "");
      engine.awaitSettled();

      assertThat(pool.used()).isZero();
      assertThat(op.started()).hasSize(1);
    }
  }

  @Test
  void aDangerousJobWaitsForApproval() {
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withLevel(Level.DANGEROUS));
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config.withConfirm(Level.ABOVE_AVERAGE),
            keys(op, "a"))) {
      engine.awaitResult(StageState.APPROVAL);
      JobSummary job = engine.job("op");
      assertThat(job.canApprove()).isTrue();
      assertThat(engine.control().overview().settled()).isFalse();

      assertThat(engine.control().approve(job.id(), "mia"))
          .isEqualTo(new ActionResult.Accepted(job.id()));
      op.pass("a", "");

      engine.awaitResult(StageState.PASSED);
      assertThat(engine.log(job.id()))
          .contains("Waiting for approval: its level is \"dangerous\"")
          .contains("Start approved by mia");
    }
  }

  @Test
  void raisingTheThresholdLetsJobsStart() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config.withConfirm(Level.AVERAGE),
            keys(op, "a"))) {
      engine.awaitResult(StageState.APPROVAL);
      engine.control().setConfirmThreshold(Optional.of(Level.DANGEROUS), "mia");
      op.pass("a", "");
      engine.awaitResult(StageState.PASSED);
      assertThat(engine.control().confirmThreshold()).contains(Level.DANGEROUS);
    }
  }

  @Test
  void theThresholdGoesAwayByItself() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config ->
                config.withConfirm(Level.AVERAGE).withConfirmAutoRelease(Duration.ofMinutes(2)),
            keys(op, "a"))) {
      engine.awaitResult(StageState.APPROVAL);
      engine.advance(Duration.ofMinutes(2));
      op.pass("a", "");
      engine.awaitResult(StageState.PASSED);
      assertThat(engine.control().confirmThreshold()).isEmpty();
    }
  }

  @Test
  void aBugShowsItsStackTraceInTheLogAndHurtsNobodyElse() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, keys(op, "a", "b"))) {
      op.crash("a", new IllegalStateException("boom"));
      op.pass("b", "");

      engine.awaitResult(StageState.ERROR, "java.lang.IllegalStateException: boom");
      JobSummary job = engine.job("op a");
      assertThat(job.state()).isEqualTo(StageState.ERROR);
      assertThat(engine.log(job.id()))
          .contains("java.lang.IllegalStateException: boom")
          .contains("at dev.millrace.engine.core.JobTest.");
      assertThat(engine.awaitSettled().counts().of(StageState.PASSED)).isEqualTo(1);
    }
  }

  @Test
  void anOperationThatDoesNotStartIsABug() {
    try (TestEngine engine = doing(_ -> "done")) {
      assertThat(engine.awaitResult(StageState.ERROR).message().orElseThrow())
          .contains("Operation doing came to an end without calling Job.start");
    }
  }

  @Test
  void aChildProcessPrintsIntoTheLogAndItsStatusDecides() {
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS);
              job.run(Command.of("sh", "-c", "echo out; echo err >&2; exit 3"), "sh SECRET");
              return "";
            })) {
      engine.awaitResult(StageState.FAILED, "Command \"sh SECRET\" exited with status 3");
      assertThat(engine.log(engine.job("doing").id()))
          .contains("Exec: sh SECRET\nout\nerr\n")
          .doesNotContain("sh -c");
    }
  }

  @Test
  void cancellingKillsTheWholeProcessGroup() {
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS);
              job.run(Command.of("sh", "-c", "sleep 61.75 & echo ready; sleep 61.75"));
              return "";
            })) {
      engine.awaitResult(StageState.RUNNING);
      JobId job = engine.job("doing").id();
      engine.await("the process", _ -> engine.log(job).endsWith("ready\n"));
      engine.control().cancel(job, "mia");

      engine.awaitResult(StageState.CANCELLED);
      assertThat(
              ProcessHandle.allProcesses()
                  .map(process -> process.info().commandLine().orElse(""))
                  .filter(line -> line.contains("sleep 61.75")))
          .isEmpty();
    }
  }

  @Test
  void readersFollowALogUntilItIsComplete() throws Exception {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, keys(op, "a"))) {
      op.awaitStart("a");
      JobLog log = engine.control().findLog(engine.job("op").id()).orElseThrow();
      long before = log.size();
      assertThat(log.isComplete()).isFalse();
      Thread reader = Thread.ofVirtual().start(() -> follow(log));

      op.pass("a", "");

      reader.join();
      assertThat(log.isComplete()).isTrue();
      assertThat(new String(log.read(before, 1000), StandardCharsets.UTF_8))
          .isEqualTo("2026-01-01 12:00.00: Job succeeded\n");
    }
  }

  private static void follow(JobLog log) {
    try {
      long offset = 0;
      while (!log.isComplete() || offset < log.size()) {
        offset += log.read(offset, 100).length;
        log.awaitGrowth(offset, Duration.ofSeconds(20));
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("Cannot follow the log", e);
    }
  }

  @Test
  void jobsAreFoundByTheirTimeAndByWhetherTheirResultCounts() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine =
        TestEngine.start(state, ManualTime.atNoon(), config -> config, keys(op, "a"))) {
      op.pass("a", "");
      engine.awaitSettled();
      JobSummary first = engine.job("op");
      engine.advance(Duration.ofHours(1));
      var _ = engine.control().rebuild(first.id(), "mia");
      op.awaitStart("a");
      JobSummary second = engine.job("op");
      JobQuery all = JobQuery.newest(10);
      Optional<Instant> noon = Optional.of(first.created());
      Optional<Instant> later = Optional.of(second.created());

      assertThat(found(engine, all)).containsExactly(second.id(), first.id());
      assertThat(found(engine, all.withCreated(new JobQuery.Period(later, Optional.empty()))))
          .containsExactly(second.id());
      assertThat(found(engine, all.withCreated(new JobQuery.Period(noon, later))))
          .containsExactly(first.id());
      assertThat(found(engine, all.withOutdated(true))).containsExactly(first.id());
      assertThat(found(engine, all.withOutdated(false))).containsExactly(second.id());
      op.pass("a", "");
      engine.awaitSettled();
      assertThat(found(engine, all.withOutdated(false))).containsExactly(second.id());
      assertThat(found(engine, all.withCreated(new JobQuery.Period(later, Optional.empty()))))
          .containsExactly(second.id());
      assertThat(engine.control().countJobs(all.withCreated(new JobQuery.Period(noon, later))))
          .isEqualTo(1);
    }
  }

  private static List<JobId> found(TestEngine engine, JobQuery query) {
    return engine.control().listJobs(query).stream().map(JobSummary::id).toList();
  }

  @Test
  void jobsAreFoundByTextStateAndOperationNewestFirst() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, keys(op, "a", "b_1", "c"))) {
      op.pass("a", "");
      op.fail("b_1", "100% broken");
      op.awaitStart("c");
      awaitRunning(engine, 1);

      assertThat(count(engine, "", Set.of())).isEqualTo(3);
      assertThat(count(engine, "B_1", Set.of())).isEqualTo(1);
      assertThat(count(engine, "op 100%", Set.of())).isEqualTo(1);
      assertThat(count(engine, "b%1", Set.of())).isZero();
      assertThat(count(engine, "", Set.of(StageState.PASSED, StageState.FAILED))).isEqualTo(2);
      assertThat(count(engine, "op c", Set.of(StageState.RUNNING))).isEqualTo(1);
      assertThat(engine.control().listOperations()).containsExactly("op");
      assertThat(engine.control().listJobs(new JobQuery("", Set.of(), Optional.of("op"), 1, 1)))
          .hasSize(1);
      op.pass("c", "");
      engine.awaitSettled();
    }
  }

  @Test
  void jobsAreFoundByTheTimeTheyWereMade() {
    ManualOperation op = new ManualOperation("op");
    try (TestEngine engine = TestEngine.start(state, keys(op, "a"))) {
      op.pass("a", "");
      engine.awaitSettled();
      Instant noon = engine.job("op").created();
      engine.advance(Duration.ofHours(1));
      Instant one = noon.plus(Duration.ofHours(1));
      engine.control().rebuild(engine.job("op").id(), "mia");
      op.awaitStart("a");

      assertThat(builds(engine, Optional.empty(), Optional.empty())).containsExactly(1L, 0L);
      assertThat(builds(engine, Optional.of(noon), Optional.of(one))).containsExactly(0L);
      assertThat(builds(engine, Optional.of(one), Optional.empty())).containsExactly(1L);
      assertThat(builds(engine, Optional.empty(), Optional.of(noon))).isEmpty();
      assertThat(builds(engine, Optional.of(one.plusNanos(1000)), Optional.empty())).isEmpty();
      op.pass("a", "");
      engine.awaitSettled();
      assertThat(builds(engine, Optional.of(one), Optional.empty())).containsExactly(1L);
    }
  }

  private static List<Long> builds(
      TestEngine engine, Optional<Instant> from, Optional<Instant> to) {
    JobQuery query =
        new JobQuery(
            "",
            Set.of(),
            Optional.empty(),
            new JobQuery.Period(from, to),
            JobQuery.Order.NEWEST,
            0,
            10);
    List<Long> builds = engine.control().listJobs(query).stream().map(JobSummary::build).toList();
    assertThat(engine.control().countJobs(query)).isEqualTo(builds.size());
    return builds;
  }

  /** What runs is in memory and what has ended in the records: pages must not show the seam. */
  @ParameterizedTest
  @EnumSource
  void jobsAreListedInEachOrderAPageAtATime(JobQuery.Order order) {
    ManualOperation op = new ManualOperation("op");
    ManualOperation other = new ManualOperation("other");
    Function<Engine, Current<?>> pipeline =
        engine ->
            Current.allDone(
                Stream.of("b", "d", "a", "c", "e")
                    .map(
                        key ->
                            engine.run(
                                key,
                                "ce".contains(key) ? other : op,
                                Current.of(key),
                                Current.of("")))
                    .toList());
    try (TestEngine engine = TestEngine.start(state, pipeline)) {
      op.pass("b", "");
      other.fail("e", "broken");
      op.pass("a", "");
      op.awaitStart("d");
      other.awaitStart("c");
      awaitRunning(engine, 2);
      List<JobSummary> all = engine.control().listJobs(query(order, 0, 100));

      assertThat(all).hasSize(5).isSortedAccordingTo(query(order, 0, 1).comparator());
      assertThat(
              Stream.of(0, 2, 4)
                  .flatMap(page -> engine.control().listJobs(query(order, page, 2)).stream())
                  // Whether a job that has just ended can be rebuilt still changes.
                  .map(JobSummary::id))
          .isEqualTo(all.stream().map(JobSummary::id).toList());
      op.pass("d", "");
      other.pass("c", "");
      engine.awaitSettled();
    }
  }

  private static JobQuery query(JobQuery.Order order, int offset, int limit) {
    return new JobQuery("", Set.of(), Optional.empty(), order, offset, limit);
  }

  private static void awaitRunning(TestEngine engine, int number) {
    JobQuery running = new JobQuery("", Set.of(StageState.RUNNING), Optional.empty(), 0, 100);
    engine.await(number + " still running", _ -> engine.control().countJobs(running) == number);
  }

  /** While no job starts or ends. */
  private static int count(TestEngine engine, String text, Set<StageState> states) {
    JobQuery query = new JobQuery(text, states, Optional.empty(), 0, 100);
    assertThat(engine.control().countJobs(query))
        .isEqualTo(engine.control().listJobs(query).size());
    assertThat(
            engine.control().countJobsByState(query).entrySet().stream()
                .filter(e -> states.isEmpty() || states.contains(e.getKey()))
                .mapToInt(Map.Entry::getValue)
                .sum())
        .isEqualTo(engine.control().countJobs(query));
    return engine.control().countJobs(query);
  }

  @Test
  void reportsUnderTheOriginalsNames() {
    PrometheusRegistry registry = new PrometheusRegistry();
    Pool pool = Pool.of("one", 1);
    ManualOperation op = new ManualOperation("op", Traits.PLAIN.withPool(pool));
    try (TestEngine engine =
        TestEngine.start(
            state, ManualTime.atNoon(), config -> config.withMetrics(registry), keys(op, "a"))) {
      op.pass("a", "");
      engine.awaitSettled();

      List<String> names = new ArrayList<>();
      for (MetricSnapshot snapshot : registry.scrape()) {
        names.add(snapshot.getMetadata().getName());
      }
      assertThat(names)
          .containsExactlyInAnyOrder(
              "ocurrent_core_evaluation_time_seconds",
              "ocurrent_core_pipeline_stage_total",
              "ocurrent_core_active_jobs",
              "ocurrent_cache_memory_cache_items",
              "ocurrent_cache_evaluations",
              "ocurrent_pool_qlen",
              "ocurrent_pool_resources_in_use",
              "ocurrent_pool_capacity",
              "ocurrent_pool_wait_time_seconds",
              "ocurrent_pool_use_time_seconds");
    }
    assertThat(registry.scrape().size()).isZero();
  }
}
