package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UninterruptedTest {
  @Test
  void endsWhatItBegan() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();

    InterruptedAgainAndAgain.whileDoing(
        () ->
            Uninterrupted.run(
                () -> {
                  assertThat(new CountDownLatch(1).await(50, TimeUnit.MILLISECONDS)).isFalse();
                  ended.set(true);
                }));

    assertThat(ended).isTrue();
  }

  @Test
  void channelsStayOpenToo(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("f");

    InterruptedAgainAndAgain.whileDoing(
        () -> Uninterrupted.run(() -> Files.writeString(file, "text".repeat(100_000))));

    assertThat(file).hasSize(400_000);
  }

  @Test
  void failuresComeOutAsTheyAre() {
    IOException failure = new IOException("disk on fire");
    BuilderException refusal = new BuilderException("no", null);

    assertThatThrownBy(
            () ->
                Uninterrupted.run(
                    () -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThatThrownBy(
            () ->
                Uninterrupted.run(
                    () -> {
                      throw refusal;
                    }))
        .isSameAs(refusal);
  }
}
