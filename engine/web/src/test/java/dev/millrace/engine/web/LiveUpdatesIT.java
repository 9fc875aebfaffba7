package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Clock;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How open pages hear of changes, and what they say of them. */
@ExtendWith(Chromium.class)
class LiveUpdatesIT {
  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;

  LiveUpdatesIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  /** The page's clock stands still and is moved by the test. */
  private Tab stopped(Browser browser) {
    Tab tab = new Tab(browser);
    tab.context()
        .clock()
        .install(new Clock.InstallOptions().setTime(TestObjects.NOW.toEpochMilli()));
    tab.open(home + "/");
    assertThat(tab.find("#live-word")).hasText("Live");
    tab.context().clock().pauseAt(TestObjects.NOW.plusSeconds(60).toEpochMilli());
    return tab;
  }

  @Test
  void statesAreAnnouncedAtMostOnceInFiveSeconds(Browser browser) {
    try (Tab tab = stopped(browser)) {
      assertThat(tab.find("#announce")).hasText("");

      engine.setResult(StageState.FAILED, false);
      assertThat(tab.find("#announce")).hasText("Failed");
      engine.setResult(StageState.ERROR, false);
      assertThat(tab.find("#status .chip")).hasText("CI error");
      engine.setResult(StageState.PASSED, true);
      assertThat(tab.find("#status .chip")).hasText("Passed");
      tab.context().clock().runFor(4_900);
      assertThat(tab.find("#announce").textContent()).isEqualTo("Failed");
      tab.context().clock().runFor(200);

      assertThat(tab.find("#announce").textContent())
          .as("the last, not the one between")
          .isEqualTo("Passed");
    }
  }

  @Test
  void whatDoesNotChangeIsNotAnnounced(Browser browser) {
    try (Tab tab = stopped(browser)) {
      engine.setState(7, StageState.PASSED, Optional.empty());
      assertThat(tab.find("#n7")).hasAttribute("aria-label", "doc, Passed");
      tab.context().clock().runFor(20_000);

      assertThat(tab.find("#announce").textContent()).isEmpty();
    }
  }

  @Test
  void saysHowOldWhatIsShownIs(Browser browser) {
    try (Tab tab = stopped(browser)) {
      engine.setState(7, StageState.RUNNING, Optional.empty());
      assertThat(tab.find("#updated")).hasText("just now");
      tab.context().clock().runFor(30_000);
      assertThat(tab.find("#updated")).hasText("30 s ago");

      engine.setState(7, StageState.PASSED, Optional.empty());

      assertThat(tab.find("#updated")).hasText("just now");
    }
  }

  @Test
  void hiddenTabsListenToNothing(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.context()
          .addInitScript(
              """
              window.sources = [];
              const Real = EventSource;
              window.EventSource = class extends Real {
                constructor(url) { super(url); window.sources.push(this); }
              };""");
      tab.open(home + "/");
      assertThat(tab.find("#live-word")).hasText("Live");

      setHidden(tab, true);
      assertThat(tab.evaluate("() => sources.map(s => s.readyState)")).isEqualTo(List.of(2));
      engine.setState(7, StageState.PASSED, Optional.empty());
      setHidden(tab, false);

      assertThat(tab.find("#n7")).hasAttribute("aria-label", "doc, Passed");
      assertThat(tab.evaluate("() => sources.map(s => s.readyState)")).isEqualTo(List.of(2, 1));
    }
  }

  private static void setHidden(Tab tab, boolean hidden) {
    tab.page()
        .evaluate(
            """
            hidden => {
              Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });
              document.dispatchEvent(new Event('visibilitychange'));
            }""",
            hidden);
  }
}
