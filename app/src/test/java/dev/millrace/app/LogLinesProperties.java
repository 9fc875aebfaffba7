package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.LoggingEvent;
import dev.millrace.base.RandomTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/**
 * Goal: nobody writes lines of their own into the program's log. Method: events made of hostile
 * texts are laid out by the pattern of the program's own configuration.
 */
class LogLinesProperties {
  private static final List<String> PIECES =
      List.of(
          "\n",
          "\r",
          "\r\n",
          "\u001b[2J",
          "\u001b]0;x\u0007",
          "\u2028",
          "\u2029",
          "\u0085",
          "\u0000",
          "12:00:00 ERROR Engine: all is lost",
          "\b\b\b",
          "\u009b31m",
          "{}",
          "%msg",
          "mia",
          " ");

  private static String pattern() throws IOException {
    try (var file = LogLinesProperties.class.getResourceAsStream("/logback.xml")) {
      String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
      Matcher pattern = Pattern.compile("<pattern>(.*)</pattern>").matcher(text);
      assertThat(pattern.find()).isTrue();
      return pattern.group(1);
    }
  }

  @Test
  void oneEventIsOneLine() throws IOException {
    LoggerContext context = new LoggerContext();
    PatternLayout layout = new PatternLayout();
    layout.setContext(context);
    layout.setPattern(pattern());
    layout.start();

    RandomTest.check(
        1_000,
        12,
        (random, size) -> {
          StringBuilder text = new StringBuilder();
          for (int i = random.nextInt(size); i >= 0; i--) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
          }
          LoggingEvent event =
              new LoggingEvent(
                  "x", context.getLogger("web"), Level.WARN, text.toString(), null, null);
          event.setKeyValuePairs(List.of(new KeyValuePair("path", text.toString())));
          String line = layout.doLayout(event);

          assertThat(line).endsWith("\n");
          assertThat(line.substring(0, line.length() - 1))
              .matches("\\d\\d:\\d\\d:\\d\\d WARN  web: [^\\p{Cntrl}\u0080-\u009f\u2028\u2029]*");
        });
  }
}
