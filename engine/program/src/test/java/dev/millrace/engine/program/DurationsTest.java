package dev.millrace.engine.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({"PT0S,0s", "PT12.9S,12s", "PT62S,1m02s", "PT1H1M,1h01m", "PT24H,1d00h", "PT-1S,0s"})
  void readsLikeOnThePages(Duration duration, String expected) {
    assertThat(Durations.render(duration)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"45s,PT45S", "90m,PT1H30M", "12h,PT12H", "30d,PT720H", "0s,PT0S"})
  void readsWhatPeopleWrite(String text, Duration expected) {
    assertThat(Durations.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "30", "d", "-1d", "1.5h", "1w", "9999999999d"})
  void saysWhatItExpected(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Durations.parse(text))
        .withMessageContaining("Cannot read \"" + text + "\" as a time: expected");
  }
}
