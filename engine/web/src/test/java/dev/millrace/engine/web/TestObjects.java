package dev.millrace.engine.web;

import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobReason;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pipelines, jobs and logs that look like those of a CI service. */
final class TestObjects {
  /** When everything in them happened. */
  static final Instant NOW = Instant.parse("2026-03-04T10:30:00Z");

  static final JobId FETCH = job(1, "git-fetch");
  static final JobId ANALYSE = job(2, "analyse");
  static final JobId PASSED = job(3, "build");
  static final JobId FAILED = job(4, "build");
  static final JobId RUNNING = job(5, "build");
  static final JobId WAITING = job(6, "publish");
  static final JobId SKIPPED = job(7, "fmt");

  /** Described and logged by somebody who means harm. */
  static final JobId HOSTILE = job(8, "build");

  static final String HOSTILE_TEXT =
      "<script>window.pwned=1</script><img src=x onerror=window.pwned=2>\"'\u202e]8;;javascript:alert(1)";

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private TestObjects() {}

  static JobId job(int number, String label) {
    return JobId.parse("2026-03-04/10%04d-%s-%06x".formatted(number % 6000, label, number));
  }

  static JobSummary summary(JobId id, String operation, String description, StageState state) {
    boolean ended =
        switch (state) {
          case PASSED, FAILED, ERROR, CANCELLED, SKIPPED -> true;
          case RUNNING, QUEUED, APPROVAL, BLOCKED -> false;
        };
    boolean failed = state == StageState.FAILED;
    return new JobSummary(
        id,
        operation,
        description,
        "4f2a9c" + operation,
        2,
        state,
        failed ? Optional.of("Build failed: dune exited with status 1") : Optional.empty(),
        NOW.minusSeconds(400),
        state == StageState.APPROVAL || state == StageState.QUEUED
            ? Optional.empty()
            : Optional.of(NOW.minusSeconds(395)),
        ended ? Optional.of(NOW.minusSeconds(333)) : Optional.empty(),
        true,
        !ended,
        ended,
        state == StageState.APPROVAL,
        false);
  }

  /** The same job with this key and this reason. */
  static JobSummary saying(JobSummary job, String key, String reason) {
    return new JobSummary(
        job.id(),
        job.operation(),
        job.description(),
        key,
        job.build(),
        job.state(),
        Optional.of(reason),
        job.created(),
        job.started(),
        job.finished(),
        job.live(),
        job.canCancel(),
        job.canRebuild(),
        job.canApprove(),
        job.advisory());
  }

  /** The same job, if its failure does not count. */
  static JobSummary advisory(JobSummary job) {
    return new JobSummary(
        job.id(),
        job.operation(),
        job.description(),
        job.key(),
        job.build(),
        job.state(),
        job.message(),
        job.created(),
        job.started(),
        job.finished(),
        job.live(),
        job.canCancel(),
        job.canRebuild(),
        job.canApprove(),
        true);
  }

  /** The same diagram with one stage whose failure does not count. */
  static Diagram withAdvisory(Diagram diagram, int id) {
    return new Diagram(
        diagram.nodes().stream()
            .map(
                n ->
                    new Diagram.Node(
                        n.id(),
                        n.kind(),
                        n.label(),
                        n.state(),
                        n.rebuilding(),
                        n.job(),
                        n.message(),
                        n.group(),
                        n.since(),
                        n.advisory() || n.id() == id))
            .toList(),
        diagram.edges(),
        diagram.groups());
  }

  /** A log as the builder writes it: steps, colours, the block that repeats it by hand. */
  static String buildLog(boolean failing) {
    String stamp = "2026-03-04 10:24.0";
    StringBuilder log = new StringBuilder();
    log.append(stamp).append("1: New job: build hello on debian-13 with ocaml 5.3\n");
    log.append(stamp).append("1: Waiting for resource in pool builders\n");
    log.append(stamp).append("2: Got resource from pool builders\n");
    log.append("To reproduce locally:\n");
    log.append("git clone https://example.org/hello.git && cd hello\n");
    log.append("git checkout 1b2c3d4\n");
    log.append("millrace builder build --spec hello.spec .\n");
    log.append("END-REPRO-BLOCK\n");
    log.append("\u001b[01;34m(from debian:13)\u001b[0m\n");
    log.append("---> saved as \"6fb7a1c5\"\n");
    log.append(
        "\u001b[01;34m/src: (run (network host) (shell \"opam install . --deps-only\"))\u001b[0m\n");
    for (String name : List.of("dune", "fmt", "logs", "cmdliner", "alcotest")) {
      log.append("\u001b[32m∗\u001b[0m installed ").append(name).append(".1.2.0\n");
    }
    log.append("\u001b[01;34m/src: (copy (src .) (dst /src))\u001b[0m\n");
    log.append(
        "\u001b[01;34m/src: (run (shell \"opam exec -- dune build @install @runtest\"))\u001b[0m\n");
    if (failing) {
      log.append("File \"\u001b[1mtest/test_hello.ml\u001b[0m\", line 7, characters 12-19:\n");
      log.append("7 |   assert (greet \u001b[7m<\"world\">\u001b[27m = 3)\n");
      log.append(
          "\u001b[1;31mError\u001b[0m: This expression has type string but int was expected\n");
      log.append(
          "       (see \u001b]8;;https://example.org/types\u0007the manual\u001b]8;;\u0007)\n");
      log.append(stamp).append("9: Job failed: dune exited with status 1\n");
    } else {
      log.append("Test Successful in 0.002s. 4 tests run.\n");
      log.append(stamp).append("9: Job succeeded\n");
    }
    return log.toString();
  }

  /** A pipeline in all states, with two groups and a gate. */
  static ScriptedEngine engine() {
    ScriptedEngine engine = new ScriptedEngine();
    engine.addJob(
        summary(FETCH, "git-fetch", "Fetch hello at main", StageState.PASSED),
        ScriptedLog.of("2026-03-04 10:23.59: Fetched 1b2c3d4\n"));
    engine.addJob(
        summary(ANALYSE, "analyse", "Analyse hello 1b2c3d4", StageState.PASSED),
        ScriptedLog.of("2026-03-04 10:24.00: 2 packages\n"));
    engine.addJob(
        summary(PASSED, "build", "hello on debian-13, ocaml 5.3", StageState.PASSED),
        ScriptedLog.of(buildLog(false)));
    engine.addJob(
        summary(FAILED, "build", "hello on debian-12, ocaml 4.13", StageState.FAILED),
        ScriptedLog.of(buildLog(true)));
    ScriptedLog growing = new ScriptedLog();
    growing.write(buildLog(false).lines().limit(14).reduce("", (a, b) -> a + b + "\n"));
    engine.addJob(
        summary(RUNNING, "build", "hello (lower bounds) on debian-13", StageState.RUNNING),
        growing);
    engine.addJob(
        summary(WAITING, "publish", "Publish hello 1.0", StageState.APPROVAL), new ScriptedLog());
    engine.addJob(
        summary(SKIPPED, "fmt", "Formatting of hello", StageState.SKIPPED),
        ScriptedLog.of("2026-03-04 10:24.03: ocamlformat 0.26 is not packaged for debian-13\n"));
    engine.setDiagram(pipeline());
    return engine;
  }

  /** Why jobs ran, what is to be done, and what people did. */
  static void addKnowledge(ScriptedEngine engine) {
    engine.setReason(
        FAILED,
        new JobReason(
            JobReason.Kind.VALUE,
            "1a1a1a1",
            List.of(
                new JobReason.Cause("head of main", "1a1a1a1", "1b2c3d4", Optional.of(FETCH)),
                new JobReason.Cause(HOSTILE_TEXT, "", HOSTILE_TEXT, Optional.empty()))));
    engine.setReason(HOSTILE, new JobReason(JobReason.Kind.REBUILD, HOSTILE_TEXT, List.of()));
    engine.setPlan(
        new RunPlan(
            List.of(
                work(RunPlan.Fate.RUNS, "publish", "Publish hello 1.0", Optional.of(MINUTE)),
                work(RunPlan.Fate.RUNS, "build", HOSTILE_TEXT, Optional.empty()),
                work(RunPlan.Fate.FAILS, "lint", "opam of hello", Optional.empty()),
                work(RunPlan.Fate.SKIPPED, "fmt", "Formatting of hello", Optional.empty()),
                work(RunPlan.Fate.CACHED, "analyse", "Analyse hello", Optional.empty())),
            List.of("notify the maintainers", HOSTILE_TEXT)));
    engine.setActions(
        List.of(
            action("github:12345", ActionRecord.What.CANCEL, RUNNING.value(), "It has ended"),
            action("local user", ActionRecord.What.REBUILD, FAILED.value(), ""),
            action(HOSTILE_TEXT, ActionRecord.What.APPROVE, HOSTILE_TEXT, HOSTILE_TEXT),
            action("github:12345", ActionRecord.What.STORE_LOG_RULE, HOSTILE_TEXT, ""),
            action("github:12345", ActionRecord.What.SET_CONFIRM, "dangerous", "")));
  }

  private static RunPlan.Work work(
      RunPlan.Fate fate, String operation, String description, Optional<Duration> expected) {
    return new RunPlan.Work(
        operation,
        "4f2a9c" + operation,
        description,
        fate,
        expected,
        fate == RunPlan.Fate.RUNS
            ? Optional.of(new JobReason(JobReason.Kind.FIRST, "", List.of()))
            : Optional.empty());
  }

  private static ActionRecord action(
      String who, ActionRecord.What what, String target, String refusal) {
    return new ActionRecord(
        NOW.minusSeconds(60),
        who,
        what,
        target,
        Optional.of(refusal).filter(text -> !text.isEmpty()));
  }

  /** Adds a job, a stage and a group whose every text is hostile. */
  static void addHostile(ScriptedEngine engine) {
    JobSummary good = summary(HOSTILE, "build", HOSTILE_TEXT, StageState.FAILED);
    engine.addJob(
        saying(good, HOSTILE_TEXT, HOSTILE_TEXT),
        ScriptedLog.of(
            "\u001b[01;34m(run (shell \""
                + HOSTILE_TEXT
                + "\"))\u001b[0m\n"
                + HOSTILE_TEXT
                + "\n\u001b]8;;javascript:window.pwned=3\u0007click\u001b]8;;\u0007"
                + "\u001b]8;;data:text/html,<script>1</script>\u0007data\u001b]8;;\u0007\n"
                + "\u001b[31munclosed \u001b]8;;https://example.org/\n</pre></span></div>\u2066error: x\n"
                + "To reproduce locally:\n</pre>"
                + HOSTILE_TEXT
                + "\nEND-REPRO-BLOCK\n"));
    Diagram diagram = pipeline();
    List<Diagram.Node> nodes = new ArrayList<>(diagram.nodes());
    nodes.add(
        new Diagram.Node(
            12,
            Diagram.Kind.STAGE,
            HOSTILE_TEXT,
            StageState.FAILED,
            Optional.of(StageState.RUNNING),
            Optional.of(HOSTILE),
            Optional.of(HOSTILE_TEXT),
            Optional.of("x"),
            Optional.of(NOW),
            false));
    List<Diagram.Edge> edges = new ArrayList<>(diagram.edges());
    edges.add(new Diagram.Edge(2, 12, false));
    List<Diagram.Group> groups = new ArrayList<>(diagram.groups());
    groups.add(
        new Diagram.Group("x", HOSTILE_TEXT, Optional.empty(), false, new StageCounts(Map.of())));
    engine.setDiagram(new Diagram(nodes, edges, groups));
  }

  static Diagram pipeline() {
    List<Diagram.Node> nodes = new ArrayList<>();
    nodes.add(node(1, "head of main", StageState.PASSED, Optional.of(FETCH), Optional.empty()));
    nodes.add(node(2, "analyse", StageState.PASSED, Optional.of(ANALYSE), Optional.empty()));
    nodes.add(
        node(3, "debian-13 ocaml 5.3", StageState.PASSED, Optional.of(PASSED), Optional.of("b")));
    nodes.add(
        node(4, "debian-12 ocaml 4.13", StageState.FAILED, Optional.of(FAILED), Optional.of("b")));
    nodes.add(
        node(
            5,
            "debian-13 (lower bounds)",
            StageState.RUNNING,
            Optional.of(RUNNING),
            Optional.of("b")));
    nodes.add(node(6, "fmt", StageState.SKIPPED, Optional.of(SKIPPED), Optional.of("l")));
    nodes.add(node(7, "doc", StageState.QUEUED, Optional.empty(), Optional.of("l")));
    nodes.add(node(8, "opam", StageState.ERROR, Optional.empty(), Optional.of("l")));
    nodes.add(
        new Diagram.Node(
            9,
            Diagram.Kind.GATE,
            "all passed",
            StageState.BLOCKED,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false));
    nodes.add(node(10, "publish", StageState.APPROVAL, Optional.of(WAITING), Optional.empty()));
    nodes.add(
        node(
            11,
            "notify the maintainers of all packages",
            StageState.BLOCKED,
            Optional.empty(),
            Optional.empty()));
    List<Diagram.Edge> edges = new ArrayList<>();
    edges.add(new Diagram.Edge(1, 2, false));
    for (int build : new int[] {3, 4, 5, 6, 7, 8}) {
      edges.add(new Diagram.Edge(2, build, false));
    }
    for (int build : new int[] {3, 4, 5}) {
      edges.add(new Diagram.Edge(build, 9, true));
    }
    edges.add(new Diagram.Edge(2, 9, false));
    edges.add(new Diagram.Edge(9, 10, false));
    edges.add(new Diagram.Edge(10, 11, false));
    List<Diagram.Group> groups =
        List.of(
            new Diagram.Group("b", "Builds", Optional.empty(), false, new StageCounts(Map.of())),
            new Diagram.Group("l", "Lint", Optional.empty(), false, new StageCounts(Map.of())));
    return new Diagram(nodes, edges, groups);
  }

  static Diagram.Node node(
      int id, String label, StageState state, Optional<JobId> job, Optional<String> group) {
    Optional<String> message =
        switch (state) {
          case FAILED -> Optional.of("Build failed: dune exited with status 1");
          case ERROR -> Optional.of("No space left on device while unpacking the base image");
          default -> Optional.empty();
        };
    return new Diagram.Node(
        id,
        Diagram.Kind.STAGE,
        label,
        state,
        Optional.empty(),
        job,
        message,
        group,
        Optional.of(NOW.minusSeconds(72)),
        false);
  }

  /** Commits, each with builds and lint in groups: shaped like a CI service's pipeline. */
  static Diagram big(int count) {
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Edge> edges = new ArrayList<>();
    nodes.add(node(0, "repositories", StageState.PASSED, Optional.empty(), Optional.empty()));
    int id = 1;
    while (nodes.size() < count) {
      int head = id;
      nodes.add(
          node(id++, "branch-" + head, StageState.PASSED, Optional.empty(), Optional.empty()));
      edges.add(new Diagram.Edge(0, head, false));
      int analyse = id;
      nodes.add(node(id++, "analyse", StageState.PASSED, Optional.empty(), Optional.empty()));
      edges.add(new Diagram.Edge(head, analyse, false));
      int summary = id++;
      for (int i = 0; i < 12; i++) {
        StageState state = (id % 97) == 0 ? StageState.FAILED : StageState.PASSED;
        int build = id++;
        nodes.add(node(build, "build " + i, state, Optional.empty(), Optional.empty()));
        edges.add(new Diagram.Edge(analyse, build, false));
        edges.add(new Diagram.Edge(build, summary, false));
      }
      nodes.add(node(summary, "summary", StageState.PASSED, Optional.empty(), Optional.empty()));
    }
    return new Diagram(nodes, edges, List.of());
  }

  /** The same with a group around each commit's builds. */
  static Diagram bigGrouped(int count) {
    Diagram flat = big(count);
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Group> groups = new ArrayList<>();
    int commit = 0;
    for (Diagram.Node node : flat.nodes()) {
      if (node.label().startsWith("branch-")) {
        commit++;
        groups.add(
            new Diagram.Group(
                "c" + commit,
                "commit " + commit,
                Optional.empty(),
                false,
                new StageCounts(Map.of())));
      }
      boolean inside = commit > 0;
      nodes.add(
          new Diagram.Node(
              node.id(),
              node.kind(),
              node.label(),
              node.state(),
              node.rebuilding(),
              node.job(),
              node.message(),
              inside ? Optional.of("c" + commit) : Optional.empty(),
              node.since(),
              node.advisory()));
    }
    return new Diagram(nodes, flat.edges(), groups);
  }
}
