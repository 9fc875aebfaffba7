package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.ManualTime;
import dev.millrace.base.Secret;
import dev.millrace.base.TaskScope;
import dev.millrace.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The step engine, on a real store, with commands that do what the test says. */
class BuilderTest {
  @TempDir Path temporary;

  private final ManualTime time = ManualTime.atNoon();
  private final ScriptedSandbox sandbox = new ScriptedSandbox();
  private final AtomicInteger fetches = new AtomicInteger();
  private StepTrees trees;
  private Store store;
  private Builder builder;
  private BuildContext context;

  @BeforeEach
  void open() throws IOException, InterruptedException {
    trees = StepTrees.ofThisUser();
    store = CopyStore.open(temporary.resolve("store"), trees);
    builder = openBuilder();
    context = BuildContext.of(Files.createDirectory(temporary.resolve("src")));
  }

  private Builder openBuilder() throws IOException, InterruptedException {
    return Builder.open(
        BuilderConfig.in(temporary.resolve("state")).withTime(time), store, sandbox, this::fetch);
  }

  private List<Sandbox.Variable> fetch(String base, Path rootfs, BuildLog log) throws IOException {
    fetches.incrementAndGet();
    if (base.equals("missing")) {
      throw new BuilderException("Cannot fetch \"missing\": there is no such base", null);
    }
    log.note("fetched " + base);
    Files.writeString(rootfs.resolve("base"), base);
    return List.of(new Sandbox.Variable("PATH", "/bin"));
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    builder.close();
    assertThat(StoreFolders.children(temporary.resolve("store/draft"))).isEmpty();
    store.close();
    trees.delete(temporary.resolve("store"));
  }

  private static Spec spec(String ops) {
    return Spec.parse("((from base) " + ops + ")");
  }

  private static Spec runs(String... commands) {
    StringBuilder ops = new StringBuilder();
    for (String command : commands) {
      ops.append("(run (shell \"%s\"))".formatted(command));
    }
    return spec(ops.toString());
  }

  private static SnapshotId id(BuildResult result) {
    assertThat(result).isInstanceOf(BuildResult.Built.class);
    return ((BuildResult.Built) result).id();
  }

  private String read(SnapshotId id, String file) throws IOException, InterruptedException {
    try (Store.View view = builder.openSnapshot(id)) {
      return Files.readString(view.rootfs().resolve(file));
    }
  }

  /** A command that appends to the file {@code f}. */
  private void appends(String command) {
    sandbox.on(
        command,
        (run, output) -> {
          ScriptedSandbox.print(output, "out " + command + "\n");
          Path file = run.rootfs().resolve("f");
          Files.writeString(file, (Files.exists(file) ? Files.readString(file) : "") + command);
          return 0;
        });
  }

  /** A command that waits for the test. */
  private final class Gate {
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);

    Gate(String command, int status) {
      sandbox.on(
          command,
          (run, output) -> {
            ScriptedSandbox.print(output, "begin " + command + "\n");
            started.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              interrupted.countDown();
              throw e;
            }
            ScriptedSandbox.print(output, "end " + command + "\n");
            Files.writeString(run.rootfs().resolve(command), command);
            return status;
          });
    }
  }

  /** A build on a thread of its own. */
  private final class Client {
    private final RecordingLog log = new RecordingLog();
    private final Thread thread;
    private volatile Object outcome = "none";

    Client(Spec spec) {
      thread = Thread.ofVirtual().start(() -> outcome = run(spec));
    }

    private Object run(Spec spec) {
      try {
        return builder.build(spec, context, log);
      } catch (InterruptedException e) {
        return "cancelled";
      } catch (BuilderException e) {
        return e;
      }
    }

    Object outcome() throws InterruptedException {
      thread.join();
      return outcome;
    }

    void cancel() {
      thread.interrupt();
    }
  }

  @Test
  void refusesASpecWithAUserThatTheSandboxCannotRunBeforeItDoesAnything() throws Exception {
    sandbox.knowsRootOnly();
    Spec spec =
        Spec.parse(
            "((build inner ((from base) (user (uid 0) (gid 0)) (user (uid 1000) (gid 1000)))) (from base))");

    assertThatThrownBy(() -> builder.build(spec, context, new RecordingLog()))
        .isInstanceOf(BuilderException.class)
        .hasMessage(
            "Cannot build this spec because of its (user (uid 1000) (gid 1000)): There is root only");
    assertThat(fetches).hasValue(0);
  }

  @Test
  void buildsOnceAndReplaysTheLog() throws Exception {
    appends("A");
    RecordingLog first = new RecordingLog();
    RecordingLog second = new RecordingLog();

    SnapshotId id = id(builder.build(runs("A"), context, first));
    SnapshotId again = id(builder.build(runs("A"), context, second));

    SnapshotId base = new StepIds(new byte[0]).base("base");
    assertThat(again).isEqualTo(id);
    assertThat(read(id, "f")).isEqualTo("A");
    assertThat(sandbox.count("A")).isEqualTo(1);
    assertThat(fetches).hasValue(1);
    String expected =
        """
        (from base)
        fetched base
        ---> saved as "%s"
        /: (run (shell A))
        out A
        ---> saved as "%s"
        """
            .formatted(base, id);
    assertThat(first.toString()).isEqualTo(expected);
    assertThat(second.toString())
        .isEqualTo(expected.replaceAll("---> saved as (.*)", "---> using $1 from cache"));
    assertThat(builder.statistics()).isEqualTo(new Builder.CacheStatistics(2, 2));
  }

  @Test
  void operationsChangeWhatFollows() throws Exception {
    sandbox.prints("env", "");
    context =
        new BuildContext(context.sources(), List.of(new Sandbox.Variable("CALLER", "1")), Map.of());

    builder.build(
        spec(
            "(env K v) (env PATH /x) (workdir a) (workdir b) (user (uid 7) (gid 8)) (shell /bin/sh -c)"
                + "(run (network host) (shell env))"),
        context,
        new RecordingLog());

    Sandbox.Run run = sandbox.runs().getFirst();
    assertThat(run.argv()).containsExactly("/bin/sh", "-c", "env");
    assertThat(run.directory()).isEqualTo("//a/b");
    assertThat(run.user()).isEqualTo(new User(7, 8));
    assertThat(run.network()).isTrue();
    assertThat(run.environment())
        .containsExactly(
            new Sandbox.Variable("PATH", "/x"),
            new Sandbox.Variable("K", "v"),
            new Sandbox.Variable("CALLER", "1"));
  }

  @Test
  void aFailureIsToldAndNotKept() throws Exception {
    sandbox.on(
        "bad",
        (_, output) -> {
          ScriptedSandbox.print(output, "oops\n");
          return 3;
        });
    RecordingLog log = new RecordingLog();

    BuildResult result = builder.build(runs("bad"), context, log);
    builder.build(runs("bad"), context, new RecordingLog());

    assertThat(result)
        .isEqualTo(
            new BuildResult.Failed(
                "\"/usr/bin/env\" \"bash\" \"-c\" \"bad\" failed with exit status 3"));
    assertThat(log.toString()).endsWith("/: (run (shell bad))\noops\n");
    assertThat(sandbox.count("bad")).isEqualTo(2);
    assertThat(builder.list()).hasSize(1);
  }

  @Test
  void aBaseThatCannotBeHadIsNoFailedBuild() {
    assertThatThrownBy(
            () -> builder.build(Spec.parse("((from missing))"), context, new RecordingLog()))
        .isInstanceOf(BuilderException.class)
        .hasMessage("Cannot fetch \"missing\": there is no such base");
  }

  @Test
  void buildsShareAStepThatRuns() throws Exception {
    Gate gate = new Gate("A", 0);
    appends("B");
    appends("C");
    Client one = new Client(runs("A", "B"));
    gate.started.await();
    Client two = new Client(runs("A", "C"));
    two.log.await("begin A");

    gate.go.countDown();

    assertThat(one.outcome()).isInstanceOf(BuildResult.Built.class);
    assertThat(two.outcome()).isInstanceOf(BuildResult.Built.class);
    assertThat(sandbox.count("A")).isEqualTo(1);
    assertThat(two.log.toString()).contains("from cache").contains("begin A\nend A\n---> saved as");
  }

  @Test
  void buildsShareAFailureThatRuns() throws Exception {
    Gate gate = new Gate("A", 1);
    Client one = new Client(runs("A"));
    gate.started.await();
    Client two = new Client(runs("A"));
    two.log.await("begin A");

    gate.go.countDown();

    assertThat(one.outcome()).isInstanceOf(BuildResult.Failed.class).isEqualTo(two.outcome());
    assertThat(two.log.toString()).endsWith("begin A\nend A\n");
  }

  @Test
  void cancel1TheOnlyClientEndsTheStep() throws Exception {
    Gate gate = new Gate("A", 0);
    Client one = new Client(runs("A"));
    one.log.await("begin A");

    one.cancel();

    assertThat(one.outcome()).isEqualTo("cancelled");
    gate.interrupted.await();
    assertThat(one.log.toString()).endsWith("begin A\n");
  }

  @Test
  void cancel2OneOfTwoLeavesAtOnceAndTheOtherGoesOn() throws Exception {
    Gate gate = new Gate("A", 0);
    Client one = new Client(runs("A"));
    one.log.await("begin A");
    Client two = new Client(runs("A"));
    two.log.await("begin A");

    one.cancel();
    assertThat(one.outcome()).isEqualTo("cancelled");
    gate.go.countDown();

    assertThat(two.outcome()).isInstanceOf(BuildResult.Built.class);
    assertThat(gate.interrupted.getCount()).isEqualTo(1);
  }

  @Test
  void cancel3TheLastOfTwoEndsTheStep() throws Exception {
    Gate gate = new Gate("A", 0);
    Client one = new Client(runs("A"));
    one.log.await("begin A");
    Client two = new Client(runs("A"));
    two.log.await("begin A");

    one.cancel();
    two.cancel();

    assertThat(one.outcome()).isEqualTo("cancelled");
    assertThat(two.outcome()).isEqualTo("cancelled");
    gate.interrupted.await();
  }

  @Test
  void cancel4AClientThatHasFailedCannotDisturbTheNext() throws Exception {
    Gate failing = new Gate("A", 1);
    failing.go.countDown();
    Client one = new Client(runs("A"));
    assertThat(one.outcome()).isInstanceOf(BuildResult.Failed.class);
    Gate gate = new Gate("A", 0);
    Client two = new Client(runs("A"));
    two.log.await("begin A");

    one.cancel();
    Client three = new Client(runs("A"));
    three.log.await("begin A");
    gate.go.countDown();

    assertThat(two.outcome()).isInstanceOf(BuildResult.Built.class);
    assertThat(three.outcome()).isEqualTo(two.outcome());
    assertThat(sandbox.count("A")).isEqualTo(2);
  }

  @Test
  void cancel5WhoComesWhileAStepIsCancelledWaitsAndStartsAfresh() throws Exception {
    CountDownLatch dying = new CountDownLatch(1);
    CountDownLatch dead = new CountDownLatch(1);
    sandbox.on(
        "A",
        (_, output) -> {
          ScriptedSandbox.print(output, "first\n");
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            dying.countDown();
            dead.await();
            throw e;
          }
          return 0;
        });
    Client one = new Client(runs("A"));
    one.log.await("first");
    one.cancel();
    assertThat(one.outcome()).isEqualTo("cancelled");
    dying.await();
    Client two = new Client(runs("A"));
    two.log.await("Waiting for previous build to finish cancelling");
    sandbox.prints("A", "second\n");

    dead.countDown();

    assertThat(two.outcome()).isInstanceOf(BuildResult.Built.class);
    assertThat(two.log.toString()).contains("second").doesNotContain("first");
  }

  @Test
  void theImportOfABaseIsSharedAndCanBeCancelled() throws Exception {
    CountDownLatch fetching = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    builder.close();
    builder =
        Builder.open(
            BuilderConfig.in(temporary.resolve("state")).withTime(time),
            store,
            sandbox,
            (base, _, log) -> {
              log.note("fetching " + base);
              fetching.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                stopped.countDown();
                throw e;
              }
              return List.of();
            });
    Client one = new Client(runs());
    Client two = new Client(runs());
    one.log.await("fetching base");
    two.log.await("fetching base");

    one.cancel();
    two.cancel();

    assertThat(one.outcome()).isEqualTo("cancelled");
    assertThat(two.outcome()).isEqualTo("cancelled");
    stopped.await();
  }

  @Test
  void closingCancelsWhatRuns() throws Exception {
    new Gate("A", 0);
    Client one = new Client(runs("A"));
    one.log.await("begin A");

    builder.close();

    assertThat(one.outcome()).isEqualTo("cancelled");
    builder = openBuilder();
  }

  @Test
  void secretsAreGivenToTheStepAndHiddenInTheLog() throws Exception {
    context =
        new BuildContext(
            context.sources(),
            List.of(),
            Map.of("password", Secret.of("hunter22"), "empty", Secret.of("")));
    sandbox.on(
        "show",
        (run, output) -> {
          String value = run.secrets().getFirst().value().reveal();
          ScriptedSandbox.print(output, "it is " + value.substring(0, 5));
          ScriptedSandbox.print(output, value.substring(5) + ", hunter\n");
          return 0;
        });
    Spec spec =
        spec(
            "(run (secrets (password (target /a)) (empty (target /run/secrets/empty))) (shell show))");
    RecordingLog log = new RecordingLog();

    SnapshotId id = id(builder.build(spec, context, log));

    assertThat(log.toString()).contains("it is ********, hunter\n").doesNotContain("hunter22");
    assertThat(builder.findLog(id).orElseThrow()).content().doesNotContain("hunter22");
    assertThat(sandbox.runs().getFirst().secrets())
        .extracting(Sandbox.SecretFile::target)
        .containsExactly("/a", "/run/secrets/empty");
    assertThat(builder.build(spec, BuildContext.of(context.sources()), log))
        .isEqualTo(new BuildResult.Failed("Couldn't find value for requested secret 'password'"));
  }

  @Test
  void cachesOutliveStepsButNotInTheId() throws Exception {
    sandbox.on(
        "count",
        (run, output) -> {
          Path file = run.mounts().getFirst().source().resolve("n");
          int count = Files.exists(file) ? Integer.parseInt(Files.readString(file)) : 0;
          Files.writeString(file, Integer.toString(count + 1));
          ScriptedSandbox.print(output, "count " + (count + 1) + "\n");
          return 0;
        });
    String run = "(run (cache (c (target /c))) (shell count))";
    RecordingLog log = new RecordingLog();

    builder.build(spec(run + "(env A b)" + run), context, log);

    assertThat(log.toString()).contains("count 1").contains("count 2");
    assertThat(sandbox.runs().getFirst().mounts().getFirst().target()).isEqualTo("/c");
  }

  @Test
  void copiesFromTheContextAndFromOtherBuilds() throws Exception {
    Path src = context.sources();
    Files.createDirectories(src.resolve("d/e"));
    Files.writeString(src.resolve("d/e/f"), "content");
    Files.writeString(src.resolve("d/skip"), "no");
    Files.createSymbolicLink(src.resolve("d/link"), Path.of("e/f"));
    appends("A");
    Spec spec =
        Spec.parse(
            """
            ((build other ((from base) (run (shell A))))
             (from base)
             (copy (src d) (dst /x/) (exclude skip))
             (copy (src .) (dst /y/))
             (copy (from (build other)) (src base f) (dst /o/))
             (copy (from (build other)) (src f) (dst /one)))
            """);
    RecordingLog log = new RecordingLog();

    SnapshotId id = id(builder.build(spec, context, log));

    assertThat(read(id, "x/d/e/f")).isEqualTo("content");
    assertThat(read(id, "x/d/link")).isEqualTo("content");
    assertThat(read(id, "y/d/skip")).isEqualTo("no");
    assertThat(read(id, "o/base")).isEqualTo("base");
    assertThat(read(id, "one")).isEqualTo("A");
    try (Store.View view = builder.openSnapshot(id)) {
      assertThat(view.rootfs().resolve("x/d/skip")).doesNotExist();
    }
    assertThat(log.toString())
        .startsWith("(build \"other\" ...)\n(from base)\n")
        .contains("--> finished \"other\"\n");
    int runs = sandbox.runs().size();
    assertThat(id(builder.build(spec, context, new RecordingLog()))).isEqualTo(id);
    assertThat(sandbox.runs()).hasSize(runs);
    Files.writeString(src.resolve("d/e/f"), "changed");
    assertThat(id(builder.build(spec, context, new RecordingLog()))).isNotEqualTo(id);
  }

  @Test
  void saysWhyACopyFails() throws Exception {
    Path src = context.sources();
    Files.createDirectory(src.resolve("d"));
    Files.writeString(src.resolve("f"), "x");
    Files.createSymbolicLink(src.resolve("l"), Path.of("/etc"));
    String[][] cases = {
      {"(src none) (dst /x)", "Source path \"none\" not found"},
      {"(src d/none) (dst /x)", "Source path \"d/none\" not found"},
      {"(src ../f) (dst /x)", "Can't use .. in source paths! (in \"../f\")"},
      {"(src f/g) (dst /x)", "Not a directory: f (in \"f/g\")"},
      {"(src l/passwd) (dst /x)", "Not a regular file: l (in \"l/passwd\")"},
      {"(src) (dst /x)", "No source items for copy!"},
      {"(src f d) (dst /x)", "When copying multiple items, the destination must end with '/'"},
    };
    for (String[] each : cases) {
      assertThat(builder.build(spec("(copy " + each[0] + ")"), context, new RecordingLog()))
          .isEqualTo(new BuildResult.Failed(each[1]));
    }
  }

  @Test
  void aStepThatPrintsTooMuchIsStopped() throws Exception {
    builder.close();
    builder =
        Builder.open(
            BuilderConfig.in(temporary.resolve("state")).withTime(time).withLogBytesMax(1000),
            store,
            sandbox,
            this::fetch);
    sandbox.prints("A", "x".repeat(1001));

    assertThat(builder.build(runs("A"), context, new RecordingLog()))
        .isEqualTo(
            new BuildResult.Failed("The step was stopped: the step printed more than 1000 bytes"));
  }

  @Test
  void deletesWithAllThatStandsOnIt() throws Exception {
    appends("A");
    appends("B");
    SnapshotId a = id(builder.build(runs("A"), context, new RecordingLog()));
    SnapshotId b = id(builder.build(runs("A", "B"), context, new RecordingLog()));
    List<SnapshotId> deleted = new ArrayList<>();

    builder.delete(a, deleted::add);

    assertThat(deleted).containsExactly(b, a);
    assertThat(id(builder.build(runs("A", "B"), context, new RecordingLog()))).isEqualTo(b);
    assertThat(sandbox.count("A")).isEqualTo(2);
  }

  @Test
  void prunesTheLongestUnusedLeavesFirst() throws Exception {
    appends("A");
    appends("B");
    SnapshotId a = id(builder.build(runs("A"), context, new RecordingLog()));
    time.advance(Duration.ofHours(1));
    SnapshotId b = id(builder.build(runs("B"), context, new RecordingLog()));
    List<SnapshotId> pruned = new ArrayList<>();

    assertThat(builder.prune(Instant.EPOCH, 10, pruned::add)).isZero();
    assertThat(builder.prune(time.instant().plusSeconds(1), 1, pruned::add)).isEqualTo(1);
    assertThat(pruned).containsExactly(a);
    assertThat(builder.prune(time.instant().plusSeconds(1), 10, pruned::add)).isEqualTo(2);
    assertThat(pruned).hasSize(3).startsWith(a, b);
    assertThat(builder.list()).isEmpty();
  }

  @Test
  void whatWasUsedAtOnceIsListedFromTheBaseOn() throws Exception {
    List<String> names = List.of("A", "B", "C", "D", "E");
    names.forEach(this::appends);
    SnapshotId last =
        id(builder.build(runs(names.toArray(String[]::new)), context, new RecordingLog()));

    List<StoredResult> all = builder.list();

    assertThat(all).hasSize(6);
    assertThat(all.getLast().id()).isEqualTo(last);
    for (int i = 1; i < all.size(); i++) {
      assertThat(all.get(i).base()).contains(all.get(i - 1).id());
    }
  }

  @Test
  void neverPrunesWhatABuildNeeds() throws Exception {
    appends("A");
    Gate gate = new Gate("B", 0);
    Client one = new Client(runs("A", "B"));
    gate.started.await();

    assertThat(builder.prune(time.instant().plusSeconds(1), 10, _ -> {})).isZero();
    SnapshotId base = new StepIds(new byte[0]).base("base");
    assertThatThrownBy(() -> builder.delete(base, _ -> {}))
        .isInstanceOf(BuilderException.class)
        .hasMessageContaining("a build needs it");
    gate.go.countDown();

    assertThat(one.outcome()).isInstanceOf(BuildResult.Built.class);
  }

  @Test
  void recordsAndStoreAgreeAfterACrash() throws Exception {
    appends("A");
    SnapshotId a = id(builder.build(runs("A"), context, new RecordingLog()));
    builder.close();
    // As if killed between commit and record, and between deletion and record.
    SnapshotId orphan = StoreContract.id('e');
    try (Store.Draft draft = store.begin(Optional.of(a), orphan)) {
      draft.commit();
    }
    SnapshotId unfounded = StoreContract.id('f');
    try (Store.Draft draft = store.begin(Optional.of(orphan), unfounded)) {
      draft.commit();
    }
    SnapshotId base = new StepIds(new byte[0]).base("base");

    builder = openBuilder();
    assertThat(builder.list())
        .extracting(StoredResult::id)
        .containsExactlyInAnyOrder(base, a, orphan, unfounded);

    builder.close();
    store.delete(orphan);
    builder = openBuilder();
    assertThat(builder.list()).extracting(StoredResult::id).containsExactlyInAnyOrder(base, a);
    assertThat(store.contains(unfounded)).isFalse();
  }

  @Test
  void theStateIsForOneAtATime() {
    assertThatThrownBy(this::openBuilder)
        .isInstanceOf(BuilderException.class)
        .hasMessageContaining("uses it; stop that one");
  }

  @Test
  void manyBuildsAtOnceAllComeOutRight() throws Exception {
    for (int i = 0; i < 4; i++) {
      for (char c = 'a'; c < 'd'; c++) {
        appends("%c%d".formatted(c, i));
      }
    }
    AtomicInteger right = new AtomicInteger();
    try (TaskScope scope = TaskScope.open("builds", 10)) {
      for (int n = 0; n < 40; n++) {
        Random random = new Random(n);
        scope.fork(
            () -> {
              String[] commands = new String[4];
              for (int i = 0; i < 4; i++) {
                commands[i] = "%c%d".formatted('a' + random.nextInt(3), i);
              }
              SnapshotId id = id(builder.build(runs(commands), context, new RecordingLog()));
              assertThat(read(id, "f")).isEqualTo(String.join("", commands));
              right.incrementAndGet();
            });
      }
      scope.join();
    }

    assertThat(right).hasValue(40);
    for (int i = 0; i < 3; i++) {
      assertThat(sandbox.count("%c0".formatted('a' + i))).isLessThanOrEqualTo(1);
    }
  }
}
