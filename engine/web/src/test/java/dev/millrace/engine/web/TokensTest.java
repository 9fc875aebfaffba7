package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** That the colours can be read and told apart, by everybody, in both themes. */
class TokensTest {
  private static final List<String> STATES =
      List.of("passed", "failed", "running", "queued", "approval", "blocked", "error");
  private static final List<String> SOLIDS =
      List.of("passed", "failed", "running", "approval", "blocked", "error");

  enum Theme {
    LIGHT(15.3),
    DARK(16.9);

    private final double leastDistance;

    Theme(double leastDistance) {
      this.leastDistance = leastDistance;
    }

    private Tokens tokens() {
      String css = Assets.read("tokens.css");
      return this == LIGHT ? Tokens.light(css) : Tokens.dark(css);
    }
  }

  private static void contrast(Tokens tokens, String one, String other, double least) {
    assertThat(ColourMath.contrast(tokens.value(one), tokens.value(other)))
        .as("contrast of --%s on --%s", one, other)
        .isGreaterThanOrEqualTo(least);
  }

  @ParameterizedTest
  @EnumSource
  void textCanBeReadOnWhatItStandsOn(Theme theme) {
    Tokens tokens = theme.tokens();

    for (String ground : List.of("bg", "sub")) {
      for (String ink : List.of("ink", "ink2", "accent")) {
        contrast(tokens, ink, ground, 4.5);
      }
      for (String colour : List.of("red", "green", "yellow", "blue", "magenta", "cyan", "grey")) {
        contrast(tokens, "log-" + colour, ground, 4.5);
      }
      for (String state : STATES) {
        contrast(tokens, state + "-fg", ground, 4.5);
      }
    }
    contrast(tokens, "ink", "sel", 4.5);
    contrast(tokens, "bg", "accent", 4.5);
    for (String state : STATES) {
      contrast(tokens, state + "-fg", state + "-tint", 4.5);
      contrast(tokens, "ink", state + "-tint", 4.5);
      contrast(tokens, state + "-on", state, 4.5);
    }
  }

  @ParameterizedTest
  @EnumSource
  void linesCanBeSeen(Theme theme) {
    Tokens tokens = theme.tokens();

    for (String ground : List.of("bg", "sub")) {
      contrast(tokens, "ctl", ground, 3);
      for (String state : STATES) {
        contrast(tokens, state + "-line", ground, 3);
      }
    }
  }

  /** The least distance is asserted too: were it another one, the reckoning would be wrong. */
  @ParameterizedTest
  @EnumSource
  void statesCanBeToldApartByAllEyes(Theme theme) {
    Tokens tokens = theme.tokens();

    double least = Double.MAX_VALUE;
    for (String one : SOLIDS) {
      for (String other : SOLIDS.subList(SOLIDS.indexOf(one) + 1, SOLIDS.size())) {
        for (var eyes : ColourMath.EYES.entrySet()) {
          double distance =
              ColourMath.distance(tokens.value(one), tokens.value(other), eyes.getValue());
          assertThat(distance)
              .as("%s and %s in %s eyes", one, other, eyes.getKey())
              .isGreaterThanOrEqualTo(15);
          least = Math.min(least, distance);
        }
      }
    }
    assertThat(least).isCloseTo(theme.leastDistance, within(0.05));
  }

  /** Pairs of the test data that Sharma, Wu and Dalal published with their notes on the formula. */
  @ParameterizedTest
  @CsvSource({
    "50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425",
    "50, 2.5, 0, 73, 25, -18, 27.1492",
    "60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644"
  })
  void distancesAreReckonedAsPublished(
      double l1, double a1, double b1, double l2, double a2, double b2, double expected) {
    assertThat(ColourMath.ciede2000(new double[] {l1, a1, b1}, new double[] {l2, a2, b2}))
        .isCloseTo(expected, within(0.0001));
  }

  @Test
  void bothThemesHaveTheSameNames() {
    assertThat(Theme.DARK.tokens().values().keySet())
        .containsExactlyElementsOf(Theme.LIGHT.tokens().values().keySet());
  }

  @Test
  void thereAreNoOtherColours() {
    Matcher colour =
        Pattern.compile("(?i)#[0-9a-f]{3,8}\\b(?=[^{]*;)|\\b(?:rgba?|hsla?|oklch|color-mix)\\(")
            .matcher(Assets.read("style.css"));

    assertThat(colour.results().map(java.util.regex.MatchResult::group)).isEmpty();
  }
}
