package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
  private static final Instant NOW = Instant.parse("2026-03-04T10:30:00.123Z");

  @ParameterizedTest
  @CsvSource({
    "-5, 0s",
    "0, 0s",
    "59, 59s",
    "60, 1m00s",
    "62, 1m02s",
    "3599, 59m59s",
    "3600, 1h00m",
    "3660, 1h01m",
    "86399, 23h59m",
    "86400, 1d00h",
    "273600, 3d04h"
  })
  void durationsAreShort(long seconds, String words) {
    assertThat(Times.duration(Duration.ofSeconds(seconds))).isEqualTo(words);
  }

  @ParameterizedTest
  @CsvSource({
    "-5, just now",
    "9, just now",
    "10, 10 s ago",
    "60, 1 min ago",
    "3599, 59 min ago",
    "3600, 1 h ago",
    "86400, 1 day ago",
    "172800, 2 days ago"
  })
  void agesAreRelative(long seconds, String words) {
    assertThat(Times.ago(NOW.minusSeconds(seconds), NOW)).isEqualTo(words);
  }

  @Test
  void exactTimesAreUtcToTheSecond() {
    assertThat(Times.exact(NOW)).isEqualTo("2026-03-04 10:30:00 UTC");
    assertThat(Times.iso(NOW)).isEqualTo("2026-03-04T10:30:00Z");
  }
}
