package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({"PT0S,0s", "PT12.9S,12s", "PT62S,1m02s", "PT1H1M,1h01m", "PT24H,1d00h", "PT-1S,0s"})
  void readsLikeOnThePages(Duration duration, String expected) {
    assertThat(Durations.render(duration)).isEqualTo(expected);
  }
}
