package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Pages are there within a second and answer within a fifth of one, on a fourth of this processor
 * and 1.6 Mbit/s. The best of some attempts counts: other work on the machine can only add to it.
 */
@ExtendWith(Chromium.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BudgetsIT {
  private static final int ATTEMPTS = 6;
  private static final double PAINT_MAX = 1_000;
  private static final double ANSWER_MAX = 200;

  private static final String LARGEST_PAINT =
      """
      () => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
        .observe({ type: 'largest-contentful-paint', buffered: true }))""";

  /** From the key to the next paint, as the browser has measured it. */
  private static final String FIRST_INPUT =
      """
      () => new Promise(done => new PerformanceObserver(list => done(list.getEntries()[0].duration))
        .observe({ type: 'first-input', buffered: true }))""";

  private final Sites sites;

  BudgetsIT() throws IOException {
    sites = new Sites();
  }

  @BeforeAll
  void isUp() {
    assertThat(sites.full()).isNotEqualTo(sites.empty());
  }

  @AfterAll
  void close() {
    sites.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"PIPELINE", "PIPELINE_LIST", "JOBS", "RUNNING_JOB", "FAILED_JOB"})
  void isThereAndAnswersInTime(Scene scene, Browser browser) {
    List<Double> paints = new ArrayList<>();
    List<Double> answers = new ArrayList<>();
    for (int i = 0; i < ATTEMPTS && !(isIn(paints, PAINT_MAX) && isIn(answers, ANSWER_MAX)); i++) {
      try (Tab tab = new Tab(browser)) {
        slowDown(tab);
        tab.open(scene.address(sites));
        paints.add(measured(tab, LARGEST_PAINT));
        tab.press("j");
        answers.add(measured(tab, FIRST_INPUT));
      }
    }

    assertThat(paints)
        .as("largest paints, ms")
        .allMatch(ms -> ms > 0)
        .anyMatch(ms -> ms <= PAINT_MAX);
    assertThat(answers)
        .as("key to paint, ms")
        .allMatch(ms -> ms > 0)
        .anyMatch(ms -> ms <= ANSWER_MAX);
  }

  private static boolean isIn(List<Double> all, double max) {
    return all.stream().anyMatch(ms -> ms <= max);
  }

  private static double measured(Tab tab, String script) {
    return ((Number) tab.evaluate(script)).doubleValue();
  }

  private static void slowDown(Tab tab) {
    CDPSession session = tab.context().newCDPSession(tab.page());
    JsonObject quarter = new JsonObject();
    quarter.addProperty("rate", 4);
    session.send("Emulation.setCPUThrottlingRate", quarter);
    session.send("Network.enable");
    JsonObject line = new JsonObject();
    line.addProperty("offline", false);
    line.addProperty("latency", 20);
    line.addProperty("downloadThroughput", 1_600_000 / 8);
    line.addProperty("uploadThroughput", 750_000 / 8);
    session.send("Network.emulateNetworkConditions", line);
  }
}
