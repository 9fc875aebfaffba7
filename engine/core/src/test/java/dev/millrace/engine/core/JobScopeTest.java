package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.Command;
import dev.millrace.base.ManualTime;
import dev.millrace.base.RandomTest;
import dev.millrace.base.Secret;
import dev.millrace.engine.core.EngineControl.ActionResult;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: what a job was given is cleaned up and kept to itself. */
class JobScopeTest {
  private static final Secret TOKEN = Secret.of("ghp_0123456789");
  private static final Secret KEY = Secret.of("-----BEGIN KEY-----\nabcdefgh\nxy\n-----END-----\n");

  @TempDir Path state;

  private TestEngine doing(Doing.Work work) {
    return TestEngine.start(state, e -> e.run("doing", new Doing(work), Current.of("it")));
  }

  // Secrets.

  @Test
  void noSecretIsSeenInTheLogOrTheFailure() {
    try (TestEngine engine =
        doing(
            job -> {
              job.hide(TOKEN);
              job.hide(KEY);
              job.start(Level.HARMLESS);
              job.log("the token is " + TOKEN.reveal());
              job.run(
                  Command.of(
                      "sh",
                      "-c",
                      "printf 'a ghp_01234'; sleep 0.1; printf '56789 b\\nabcdefgh\\n'"));
              job.run(Command.of("sh", "-c", "echo -n ghp_012 && exit 3", TOKEN.reveal()));
              return "";
            })) {
      engine.awaitResult(
          StageState.FAILED,
          "Command \"sh -c 'echo -n ghp_012 && exit 3' ***\" exited with status 3");
      assertThat(engine.log(engine.job("doing").id()))
          .contains("the token is ***\n")
          .contains("a *** b\n***\n")
          // Only what is one whole is a secret; what was held back comes before the next line.
          .contains("\nghp_0122026-01-01 12:00.00: Job failed: Command \"sh -c")
          .doesNotContain("0123456789")
          .doesNotContain("abcdefgh");
    }
  }

  @Test
  void aBugShowsNoSecretInItsTrace() {
    try (TestEngine engine =
        doing(
            job -> {
              job.hide(TOKEN);
              job.start(Level.HARMLESS);
              throw new IllegalStateException("bad " + TOKEN.reveal());
            })) {
      engine.awaitResult(StageState.ERROR, "java.lang.IllegalStateException: bad ***");
      assertThat(engine.log(engine.job("doing").id()))
          .contains("java.lang.IllegalStateException: bad ***\n")
          .doesNotContain(TOKEN.reveal());
      assertThat(engine.control().diagram(Set.of(), Set.of()).nodes())
          .allSatisfy(node -> assertThat(node.message().orElse("")).doesNotContain(TOKEN.reveal()));
    }
  }

  @Test
  void secretsAreCoveredHoweverTheyArePrinted() {
    RandomTest.check(
        300,
        60,
        (random, size) -> {
          List<String> secrets = List.of("aab", "aabab", "ba", "bbbbbb");
          Mask mask = new Mask();
          List<String> hidden = secrets.subList(0, 1 + random.nextInt(4));
          hidden.forEach(secret -> mask.hide(Secret.of(secret)));
          ByteArrayOutputStream printed = new ByteArrayOutputStream();
          byte[] bytes = new byte[size];
          for (int i = 0; i < size; i++) {
            bytes[i] = (byte) "abc".charAt(random.nextInt(3));
          }
          int at = 0;
          while (at < size) {
            int length = Math.min(size - at, random.nextInt(5));
            printed.writeBytes(mask.next(bytes, at, length));
            at += length;
          }
          printed.writeBytes(mask.rest());

          String pieces = printed.toString(StandardCharsets.UTF_8);
          assertThat(pieces).isEqualTo(inOnePiece(mask, bytes));
          assertThat(hidden).noneMatch(pieces::contains);
        });
  }

  private static String inOnePiece(Mask mask, byte[] bytes) {
    String text = new String(mask.next(bytes, 0, bytes.length), StandardCharsets.UTF_8);
    return text + new String(mask.rest(), StandardCharsets.UTF_8);
  }

  // Resources.

  @Test
  void whatAJobOwnsIsClosedLastFirstHoweverItEnds() {
    List<String> closed = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch owned = new CountDownLatch(1);
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS);
              AutoCloseable _ = job.own(() -> closed.add("first"));
              AutoCloseable _ =
                  job.own(
                      () -> {
                        throw new IllegalStateException("cannot close");
                      });
              AutoCloseable _ = job.own(() -> closed.add("last"));
              owned.countDown();
              new CountDownLatch(1).await();
              return "";
            })) {
      engine.awaitResult(StageState.RUNNING);
      awaitQuietly(owned);
      JobId job = engine.job("doing").id();
      var _ = engine.control().cancel(job, "mia");
      engine.awaitResult(StageState.CANCELLED);

      assertThat(closed).containsExactly("last", "first");
      assertThat(engine.log(job))
          .contains("Cannot clean up: java.lang.IllegalStateException: cannot close");
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theOutputOfAChildProcessCanBeReadAndIsBounded() {
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS);
              String read = job.read(Command.of("sh", "-c", "echo out; echo err >&2"), 100);
              job.log("read " + read.strip());
              return job.read(Command.of("sh", "-c", "echo 12345678901"), 10);
            })) {
      engine.awaitResult(
          StageState.FAILED, "Command \"sh -c 'echo 12345678901'\" printed more than 10 bytes");
      assertThat(engine.log(engine.job("doing").id()))
          .contains("err\n")
          .contains("read out\n")
          .doesNotContain("\nout\n");
    }
  }

  // Places from elsewhere.

  @Test
  void placesCanComeFromElsewhereAndGoBackThere() {
    Semaphore machines = new Semaphore(0);
    Pool pool =
        Pool.of(
            "cluster",
            _ -> {
              machines.acquire();
              return machines::release;
            });
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS, pool);
              return "";
            })) {
      engine.await("a job that queues", _ -> pool.waiting() == 1);
      assertThat(pool.used()).isZero();

      machines.release();

      engine.awaitResult(StageState.PASSED);
      assertThat(machines.availablePermits()).isEqualTo(1);
      assertThat(pool.used() + pool.waiting()).isZero();
    }
  }

  @Test
  void aJobThatIsCancelledWhileItWaitsForAPlaceFromElsewhereTakesNone() {
    Semaphore machines = new Semaphore(0);
    Pool pool =
        Pool.of(
            "cluster",
            _ -> {
              machines.acquire();
              return machines::release;
            });
    try (TestEngine engine =
        doing(
            job -> {
              job.start(Level.HARMLESS, pool);
              return "";
            })) {
      engine.await("a job that queues", _ -> pool.waiting() == 1);
      var _ = engine.control().cancel(engine.job("doing").id(), "mia");
      engine.awaitResult(StageState.CANCELLED, "Cancelled by mia");
      assertThat(pool.used() + pool.waiting()).isZero();
    }
  }

  // Approval.

  @Test
  void aJobCanBeApprovedBeforeItAsksForIt() {
    CountDownLatch go = new CountDownLatch(1);
    try (TestEngine engine =
        TestEngine.start(
            state,
            ManualTime.atNoon(),
            config -> config.withConfirm(Level.HARMLESS),
            e ->
                e.run(
                    "doing",
                    new Doing(
                        job -> {
                          go.await();
                          job.start(Level.DANGEROUS);
                          return "";
                        }),
                    Current.of("it")))) {
      JobId job = engine.job("doing").id();
      assertThat(engine.control().approve(job, "mia")).isEqualTo(new ActionResult.Accepted(job));
      assertThat(engine.control().approve(job, "mia")).isInstanceOf(ActionResult.Refused.class);

      go.countDown();

      engine.awaitResult(StageState.PASSED);
      assertThat(engine.log(job)).contains("Start approved by mia");
    }
  }
}
