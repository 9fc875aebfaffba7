package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final AtomicLong now = new AtomicLong();
  private final RateLimit limit = new RateLimit(now::get);

  private long taken(String who, int wanted) {
    return IntStream.range(0, wanted).filter(_ -> limit.tryTake(who)).count();
  }

  @Test
  void soManyAtOnceAndSoManyASecond() {
    assertThat(taken("a", RateLimit.BURST + 1)).isEqualTo(RateLimit.BURST);
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(taken("a", RateLimit.BURST)).isEqualTo(RateLimit.PER_SECOND);
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    assertThat(taken("a", 10 * RateLimit.BURST)).isEqualTo(RateLimit.BURST);
  }

  @Test
  void oneVisitorTakesNothingFromAnother() {
    assertThat(taken("a", 2 * RateLimit.BURST)).isEqualTo(RateLimit.BURST);
    assertThat(taken("b", RateLimit.BURST)).isEqualTo(RateLimit.BURST);
  }

  @Test
  void whoeverStaysIsRememberedWhileMillionsPassBy() {
    assertThat(taken("a", RateLimit.BURST)).isEqualTo(RateLimit.BURST);
    for (int i = 0; i < 1_000_000; i++) {
      assertThat(limit.tryTake("passer-" + i)).isTrue();
      if (i % 1_000 == 0) {
        assertThat(limit.tryTake("a")).isFalse();
      }
    }
  }
}
