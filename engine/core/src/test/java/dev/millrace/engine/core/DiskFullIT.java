package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.millrace.base.Command;
import dev.millrace.base.FullDisk;
import dev.millrace.engine.core.EngineControl.Health;
import dev.millrace.engine.core.EngineControl.Overview;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a full disk loses nothing that was shown, blames nobody's work, stops neither the engine
 * nor its end, and all goes on by itself (D4). Method: a state directory on a small file system of
 * its own, which the test fills and empties.
 */
class DiskFullIT {
  /** Promised in {@link Health}: "within seconds". */
  private static final Duration RESUMED = Duration.ofSeconds(15);

  private static final int OUTPUT = 2 << 20;

  @TempDir Path directory;

  private final List<Path> mounts = new ArrayList<>();
  private final AtomicReference<Variable<String>> key = new AtomicReference<>();

  @AfterEach
  void unmount() throws Exception {
    for (Path mount : mounts) {
      run("umount", mount.toString());
    }
  }

  private static void run(String... argv) throws Exception {
    StringBuilder output = new StringBuilder();
    int status =
        Command.of(argv)
            .withTimeLimit(Duration.ofSeconds(60))
            .run(
                (buffer, length) ->
                    output.append(new String(buffer, 0, length, StandardCharsets.UTF_8)));
    if (status != 0) {
      throw new IOException("%s: %s".formatted(List.of(argv), output));
    }
  }

  private Path mount(String... argv) throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root"), "NOT TESTED: a full disk: needs root");
    Path mount = Files.createDirectory(directory.resolve("small"));
    List<String> command = new ArrayList<>(List.of("mount"));
    command.addAll(Arrays.asList(argv));
    command.add(mount.toString());
    try {
      run(command.toArray(String[]::new));
    } catch (IOException e) {
      assumeTrue(false, "NOT TESTED: a full disk: cannot mount: " + e.getMessage());
    }
    mounts.add(mount);
    return mount;
  }

  @Test
  void aFullTmpfsIsWaitedOut() throws Exception {
    Path disk = mount("-t", "tmpfs", "-o", "size=16m", "none");

    assertThatAFullDiskIsWaitedOut(disk);
  }

  @Test
  void aFullExt4IsWaitedOut() throws Exception {
    Path image = directory.resolve("disk.img");
    run("truncate", "--size=24M", image.toString());
    try {
      run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    } catch (IOException e) {
      assumeTrue(false, "NOT TESTED: a full disk: cannot make an ext4: " + e.getMessage());
    }
    Path disk = mount("-o", "loop", image.toString());

    assertThatAFullDiskIsWaitedOut(disk);
  }

  private Current<?> pipeline(Engine engine, ManualOperation op) {
    key.set(engine.variable("key", Outcome.ok("a")));
    return engine.run("op", op, key.get().current(), Current.of(""));
  }

  private void assertThatAFullDiskIsWaitedOut(Path disk) throws Exception {
    Path state = disk.resolve("state");
    Path filler = disk.resolve("filler");
    ManualOperation op =
        new ManualOperation("op") {
          @Override
          public String run(Job job, String name, String value) throws Exception {
            String outcome = super.run(job, name, value);
            if (outcome.startsWith("loud")) {
              job.write(new byte[OUTPUT], 0, OUTPUT);
            }
            return outcome;
          }
        };
    long closing;
    try (TestEngine engine = TestEngine.start(state, e -> pipeline(e, op))) {
      op.pass("a", "A");
      engine.awaitSettled();
      JobId first = engine.job("op a").id();
      key.get().set("b");
      op.awaitStart("b");
      JobId second = engine.job("op b").id();

      fill(filler);
      op.pass("b", "loud B");

      Health.Impaired health = awaitImpaired(engine);
      assertThat(health.reason()).contains(state.toString()).contains("full", "make room");
      // What is not on the disk is not shown.
      Overview full = engine.control().overview();
      assertThat(full.result()).isEqualTo(StageState.RUNNING);
      assertThat(full.settled()).isFalse();
      // What is known can be seen.
      assertThat(engine.log(first)).endsWith("Job succeeded\n");
      key.get().set("a");
      engine.awaitResult(StageState.PASSED);
      assertThat(stage(engine)).isEqualTo(StageState.PASSED);
      // Nothing new runs, and waiting costs nothing.
      key.get().set("c");
      engine.await("the new job", _ -> stage(engine) == StageState.QUEUED);
      assertThat(cpuOf("millrace-recorder", Duration.ofSeconds(5)))
          .isLessThan(Duration.ofSeconds(1));
      assertThat(op.started()).containsExactly("a", "b");
      assertThat(engine.control().health()).isInstanceOf(Health.Impaired.class);

      Files.delete(filler);
      await()
          .atMost(RESUMED)
          .untilAsserted(
              () -> {
                assertThat(engine.control().health()).isEqualTo(new Health.Good());
                assertThat(op.running()).containsExactly("c");
              });
      op.pass("c", "C");
      engine.awaitSettled();
      assertThat(engine.control().findJob(second).orElseThrow().state())
          .isEqualTo(StageState.PASSED);
      assertThat(engine.log(second))
          .containsPattern("\n\\[\\d+ bytes are missing here: the log could not be written: .*]\n");

      key.get().set("d");
      op.awaitStart("d");
      fill(filler);
      op.pass("d", "loud D");
      awaitImpaired(engine);
      closing = System.nanoTime();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - closing)).isLessThan(Duration.ofSeconds(60));
    // On a full disk it starts, or says why not.
    Throwable refusal =
        catchThrowable(
            () -> {
              try (TestEngine engine = TestEngine.start(state, e -> pipeline(e, op))) {
                engine.awaitResult(StageState.PASSED);
              }
            });
    if (refusal != null) {
      assertThat(refusal)
          .isInstanceOf(EngineException.class)
          .hasMessageContaining(state.toString());
    }

    Files.delete(filler);
    try (TestEngine engine = TestEngine.start(state, e -> pipeline(e, op))) {
      for (String known : List.of("a", "b", "c")) {
        key.get().set(known);
        engine.awaitSettled();
      }
      assertThat(op.started()).containsExactly("a", "b", "c", "d");
      // It was never shown as done.
      key.get().set("d");
      op.pass("d", "D");
      engine.awaitSettled();
    }
  }

  private static Health.Impaired awaitImpaired(TestEngine engine) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> engine.control().health() instanceof Health.Impaired);
    return (Health.Impaired) engine.control().health();
  }

  private static StageState stage(TestEngine engine) {
    return engine.control().diagram(java.util.Set.of(), java.util.Set.of()).nodes().stream()
        .filter(node -> node.label().equals("op"))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static Duration cpuOf(String thread, Duration over) throws InterruptedException {
    long id =
        Thread.getAllStackTraces().keySet().stream()
            .filter(candidate -> candidate.getName().equals(thread))
            .findFirst()
            .orElseThrow()
            .threadId();
    long before = ManagementFactory.getThreadMXBean().getThreadCpuTime(id);
    boolean _ =
        new java.util.concurrent.CountDownLatch(1)
            .await(over.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
    return Duration.ofNanos(ManagementFactory.getThreadMXBean().getThreadCpuTime(id) - before);
  }

  /** Leaves no byte free. */
  private static void fill(Path filler) throws IOException {
    for (int size = 1 << 20; size > 0; size /= 4) {
      byte[] chunk = new byte[size];
      try (OutputStream stream = new FileOutputStream(filler.toFile(), true)) {
        while (true) {
          stream.write(chunk);
        }
      } catch (IOException e) {
        assertThat(FullDisk.isCauseOf(e)).as(e.toString()).isTrue();
      }
    }
  }
}
