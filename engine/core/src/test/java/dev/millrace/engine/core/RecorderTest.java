package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.engine.core.JobRecord.State;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: records are on the disk when they are said to be, and share what that costs. */
class RecorderTest {
  private static final int ROWS = 200;

  @TempDir Path directory;

  private Path database() {
    return directory.resolve("records.sqlite");
  }

  private interface Use {
    void apply(Recorder recorder) throws Exception;
  }

  private void withRecorder(Use use) throws Exception {
    AtomicReference<Optional<Throwable>> death = new AtomicReference<>(Optional.empty());
    try (JobStore store = JobStore.open(new SqliteFile(database(), directory))) {
      Recorder recorder =
          Recorder.start(
              store, store.openWriter(), directory, cause -> death.set(Optional.of(cause)));
      try {
        use.apply(recorder);
      } finally {
        assertThat(recorder.close(Deadline.in(Duration.ofSeconds(20)))).isTrue();
      }
    }
    assertThat(death.get()).isEmpty();
  }

  private static String pragma(Handle handle, String name) {
    return handle.createQuery("PRAGMA " + name).mapTo(String.class).one();
  }

  @Test
  void theConnectionThatWritesSyncsEachCommit() throws Exception {
    AtomicReference<String> synchronous = new AtomicReference<>("");
    AtomicReference<String> journal = new AtomicReference<>("");
    withRecorder(
        recorder -> {
          CountDownLatch done = new CountDownLatch(1);
          recorder.submit(
              (_, writer) -> {
                synchronous.set(pragma(writer.handle(), "synchronous"));
                journal.set(pragma(writer.handle(), "journal_mode"));
              },
              done::countDown);
          recorder.await(done);
        });

    // 2 is FULL; 1, NORMAL, loses what was acknowledged when the power fails.
    assertThat(synchronous.get()).isEqualTo("2");
    assertThat(journal.get()).isEqualTo("wal");
  }

  @Test
  void whatComesTogetherSharesACommit() throws Exception {
    withRecorder(
        recorder -> {
          CountDownLatch held = new CountDownLatch(1);
          CountDownLatch goOn = new CountDownLatch(1);
          CountDownLatch written = new CountDownLatch(ROWS);
          recorder.submit((_, _) -> awaitQuietly(held, goOn), () -> {});
          held.await();
          int before = commits();
          for (int i = 0; i < ROWS; i++) {
            JobRecord job = job(i);
            recorder.submit((store, writer) -> store.insert(writer, job), written::countDown);
          }
          goOn.countDown();
          recorder.await(written);

          // That of the work which was held, and one for all rows.
          assertThat(commits() - before).isEqualTo(2);
          CountDownLatch another = new CountDownLatch(1);
          JobRecord alone = job(ROWS);
          recorder.submit((store, writer) -> store.insert(writer, alone), another::countDown);
          recorder.await(another);
          assertThat(commits() - before).isEqualTo(3);
        });
  }

  private static void awaitQuietly(CountDownLatch held, CountDownLatch goOn) {
    held.countDown();
    try {
      goOn.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static JobRecord job(int number) {
    return new JobRecord(
        JobId.parse("2026-01-01/000000-op-%06x".formatted(number)),
        "op",
        "key " + number,
        "value",
        "op " + number,
        0,
        State.OPEN,
        Optional.empty(),
        Optional.empty(),
        false,
        Instant.EPOCH,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /**
   * How many commits the write-ahead log holds: frames that bear the size of the database. Its
   * format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
   */
  private int commits() throws IOException {
    ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(Path.of(database() + "-wal")));
    int pageSize = log.getInt(8);
    long salts = log.getLong(16);
    int commits = 0;
    for (int frame = 32; frame + 24 + pageSize <= log.limit(); frame += 24 + pageSize) {
      if (log.getLong(frame + 8) == salts && log.getInt(frame + 4) != 0) {
        commits++;
      }
    }
    return commits;
  }
}
