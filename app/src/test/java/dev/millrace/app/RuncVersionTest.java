package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuncVersionTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"1.2.8", "1.2.10", "1.3.3", "1.3.3+ds1", "1.4.0-rc.3", "1.4.0", "1.10.0", "2.0.0"})
  void isMended(String version) {
    assertThat(RuncVersion.isMended(version)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.5+ds1",
        "1.1.15",
        "1.2.7",
        "1.3.2",
        "1.3.0-rc.5",
        "1.4.0-rc.2",
        "0.9.9",
        "1.4",
        "",
        "unknown",
        "99999999999999999999.1.1"
      })
  void isNotKnownToBeMended(String version) {
    assertThat(RuncVersion.isMended(version)).isFalse();
  }
}
