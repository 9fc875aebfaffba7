package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All pages say what the site is about at this moment. */
@ExtendWith(Chromium.class)
class SubjectIT {
  private static final String FIRST = "hello at 1b2c3d4: Greet the world";

  private final ScriptedEngine engine = TestObjects.engine();
  private final AtomicReference<Optional<String>> subject =
      new AtomicReference<>(Optional.of(FIRST));
  private final WebInterface web;
  private final String home;

  SubjectIT() throws IOException {
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0).withSubject(subject::get),
            engine,
            InstantSource.fixed(TestObjects.NOW),
            List.of());
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/?view=list", "/jobs", "/job/2026-03-04/100005-build-000005"})
  void showsItAndItsChanges(String path, Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + path);
      assertThat(tab.find("#subject")).hasText(FIRST);
      assertThat(tab.find("#subject")).isInViewport();
      assertThat(tab.page().title()).endsWith(" · " + FIRST + " · Millrace");

      subject.set(Optional.of("hello at 5e6f7a8: <b>Greet</b> nobody\u202e"));
      engine.publish();

      String shown = "hello at 5e6f7a8: <b>Greet</b> nobodyU+202E";
      assertThat(tab.find("#subject")).hasText(shown);
      tab.page()
          .waitForFunction("end => document.title.endsWith(end)", " · " + shown + " · Millrace");
    }
  }

  @Test
  void showsItWhereThereIsNothing(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(home + "/nowhere");

      assertThat(tab.find("#subject")).hasText(FIRST);
    }
  }

  @Test
  void longOnesFitIntoNarrowWindows(Browser browser) {
    subject.set(Optional.of("hello at 1b2c3d4: " + "Unbreakable".repeat(100)));
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withSize(390, 800))) {
      tab.open(home + "/jobs");

      assertThat(tab.find("#subject")).isVisible();
      assertThat((int) tab.evaluate("() => document.documentElement.scrollWidth"))
          .isLessThanOrEqualTo(390);
      assertThat(tab.page().title()).hasSizeLessThan(90).contains("Unbreakable");
    }
  }

  @Test
  void showsNothingWhileThereIsNothingToSay(Browser browser) {
    subject.set(Optional.empty());
    engine.setResult(StageState.PASSED, true);
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      assertThat(tab.find("#subject")).isHidden();
      assertThat(tab.page()).hasTitle("✓ Pipeline · Millrace");
    }
  }
}
