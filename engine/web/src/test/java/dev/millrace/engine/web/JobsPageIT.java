package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The list of jobs under a user's hands. */
@ExtendWith(Chromium.class)
class JobsPageIT {
  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;

  JobsPageIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  @Test
  void rowsChangeInPlaceAndNewJobsAreAnnounced(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/jobs");
      assertThat(tab.find("tbody tr")).hasCount(7);
      tab.press("j", "j", "j");
      assertThat(tab.focused()).isEqualTo("hello (lower bounds) on debian-13");

      engine.updateJob(
          TestObjects.summary(
              TestObjects.RUNNING,
              "build",
              "hello (lower bounds) on debian-13",
              StageState.CANCELLED));
      engine.addJob(
          TestObjects.summary(TestObjects.job(20, "late"), "build", "late", StageState.PASSED),
          ScriptedLog.of(""));

      assertThat(tab.find("tbody tr").nth(2).locator(".chip")).containsText("Cancelled");
      assertThat(tab.find("#job-news")).hasText("Show 1 new job");
      assertThat(tab.find("tbody tr")).hasCount(7);
      assertThat(tab.focused()).isEqualTo("hello (lower bounds) on debian-13");
      tab.find("#job-news a").click();
      assertThat(tab.find("tbody tr")).hasCount(8);
    }
  }

  @Test
  void filtersAsOneTypes(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/jobs");
      tab.find("#jq").focus();
      tab.evaluate("() => { window.same = true; }");

      tab.page().keyboard().type("debian");

      assertThat(tab.find("#job-count")).hasText("3 jobs");
      assertThat(tab.find("tbody tr")).hasCount(3);
      assertThat(tab.page()).hasURL(home + "/jobs?q=debian");
      assertThat(tab.focused()).isEqualTo("jq");
      tab.find("input[value=failed]").check();
      assertThat(tab.find("#job-count")).hasText("1 job");
      assertThat(tab.page()).hasURL(home + "/jobs?q=debian&state=failed");
      assertThat((boolean) tab.evaluate("() => window.same === true")).isTrue();

      engine.updateJob(
          TestObjects.summary(
              TestObjects.FAILED, "build", "hello on debian-12", StageState.RUNNING));
      assertThat(tab.find("tbody .chip")).containsText("Running");
    }
  }

  @Test
  void filtersWithoutScript(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/jobs");
      tab.find("#jq").fill("hello");
      tab.find("input[value=passed]").check();
      tab.find("#jop").selectOption("build");
      tab.page()
          .getByText("Filter", new com.microsoft.playwright.Page.GetByTextOptions().setExact(true))
          .click();

      assertThat(tab.page()).hasURL(Pattern.compile(".*q=hello&op=build&from=&to=&state=passed"));
      assertThat(tab.find("tbody tr")).hasCount(1);
      tab.page().getByText("Clear").click();
      assertThat(tab.find("tbody tr")).hasCount(7);
    }
  }

  @Test
  void theHeadsOfTheTableSortIt(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/jobs?op=build");
      assertThat(tab.find("th[aria-sort]")).hasText("Created ▼");
      assertThat(tab.find("th[aria-sort]")).hasAttribute("aria-sort", "descending");

      tab.find("thead a").getByText("Job").click();
      assertThat(tab.page()).hasURL(home + "/jobs?op=build&sort=job");
      assertThat(tab.find("th[aria-sort]")).hasAttribute("aria-sort", "ascending");
      assertThat(tab.find("tbody tr").first()).containsText("hello (lower bounds)");
      tab.find("thead a").getByText("Job").click();
      assertThat(tab.page()).hasURL(home + "/jobs?op=build&sort=-job");
      assertThat(tab.find("tbody tr").first()).containsText("hello on debian-13");
      tab.find("#jq").fill("debian-12");
      tab.page()
          .getByText("Filter", new com.microsoft.playwright.Page.GetByTextOptions().setExact(true))
          .click();
      assertThat(tab.page()).hasURL(home + "/jobs?q=debian-12&op=build&from=&to=&sort=-job");
      tab.find("thead a").getByText("Build").click();
      assertThat(tab.page()).hasURL(home + "/jobs?q=debian-12&op=build&sort=-build");
    }
  }

  @Test
  void selectedJobsAreRebuiltTogether(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/jobs");
      assertThat(tab.find("#picked")).hasText("None selected");

      tab.find("[name=job]").nth(3).check();
      tab.page().getByLabel("Select hello on debian-13, ocaml 5.3, build #2").check();
      assertThat(tab.find("#picked")).hasText("2 selected");
      engine.updateJob(
          TestObjects.summary(TestObjects.WAITING, "publish", "Publish", StageState.CANCELLED));
      assertThat(tab.find("tbody tr").nth(1).locator(".chip")).containsText("Cancelled");
      assertThat(tab.find("[name=job]:checked")).hasCount(2);
      tab.page().getByText("Rebuild selected jobs").click();

      assertThat(tab.find(".flash")).hasText("The selected jobs are rebuilt.");
      assertThat(engine.actions())
          .containsExactly(
              "rebuild " + TestObjects.FAILED + " local user",
              "rebuild " + TestObjects.PASSED + " local user");
    }
  }

  @Test
  void theFilterStaysAfterActing(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.expectRefusals();
      String filtered = home + "/jobs?q=hello&op=build&from=2026-03-04&sort=job";
      tab.open(filtered);
      tab.find("[name=job]").nth(1).check();
      tab.page().getByText("Rebuild selected jobs").click();

      assertThat(tab.page()).hasURL(filtered + "&done=rebuilds");
      assertThat(tab.find(".flash")).hasText("The selected jobs are rebuilt.");
      assertThat(tab.find("tbody tr")).hasCount(3);
      tab.find("[name=job]").nth(1).check();
      tab.page().getByText("Cancel selected jobs").click();

      assertThat(tab.find("[role=alert] p")).hasText("0 of 1 jobs were asked to stop. The others:");
      assertThat(tab.find("tbody tr")).hasCount(3);
      assertThat(tab.find("#jfrom")).hasValue("2026-03-04");
    }
  }

  @Test
  void filtersByTheDay(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/jobs?to=2026-03-03");
      assertThat(tab.find("#job-count")).hasText("0 jobs");

      tab.find("#jto").fill("2026-03-04");

      assertThat(tab.find("tbody tr")).hasCount(7);
      assertThat(tab.page()).hasURL(home + "/jobs?to=2026-03-04");
      tab.find("#jfrom").fill("2026-03-05");
      assertThat(tab.find("#job-count")).hasText("0 jobs");
    }
  }

  @Test
  void whichOfTheSelectedJobsCouldNotBeCancelledIsSaid(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(home + "/jobs");

      tab.find("#pick-all").check();
      assertThat(tab.find("#picked")).hasText("7 selected");
      tab.page().getByText("Cancel selected jobs").click();
      assertThat(tab.find("dialog[open] h2")).containsText("Cancel the selected jobs?");
      assertThat(engine.actions()).isEmpty();
      tab.find("dialog[open] .danger").click();

      assertThat(tab.find("[role=alert] p")).hasText("2 of 7 jobs were asked to stop. The others:");
      assertThat(tab.find("[role=alert] li")).hasCount(5);
      assertThat(tab.find("[role=alert]"))
          .containsText("Job " + TestObjects.FAILED + " cannot be asked to cancel now.");
      assertThat(tab.find("tbody tr")).hasCount(7);
      assertThat(engine.actions()).hasSize(2);
    }
  }

  @Test
  void theListIsReadOnlyWhereNobodyMayAct(Browser browser) throws IOException {
    try (WebInterface readOnly =
            WebInterface.start(
                WebConfig.defaults()
                    .withAddress("127.0.0.1", 0)
                    .withActions(WebConfig.Actions.NONE),
                engine,
                InstantSource.fixed(TestObjects.NOW),
                List.of());
        Tab tab = new Tab(browser)) {
      tab.open("http://127.0.0.1:" + readOnly.port() + "/jobs");

      assertThat(tab.page().getByText("Rebuild selected jobs")).isDisabled();
      assertThat(tab.find("#picks")).containsText("This site is read-only.");
    }
  }

  @Test
  void keysMoveOpenAndReturn(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/jobs");

      tab.press("j", "j", "k");
      assertThat(tab.focused()).isEqualTo("Formatting of hello");
      tab.press("Enter");
      assertThat(tab.page()).hasURL(home + "/job/" + TestObjects.SKIPPED);
      tab.press("u");
      assertThat(tab.page()).hasURL(home + "/jobs");
    }
  }

  @Test
  void pagesThroughMany(Browser browser) {
    for (int i = 100; i < 160; i++) {
      engine.addJob(
          TestObjects.summary(TestObjects.job(i, "many"), "build", "many " + i, StageState.PASSED),
          ScriptedLog.of(""));
    }
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/jobs?q=many");
      assertThat(tab.find("#job-count")).hasText("60 jobs, 1–50 shown");

      tab.find("[rel=next]").click();

      assertThat(tab.find("#job-count")).hasText("60 jobs, 51–60 shown");
      assertThat(tab.find("tbody tr")).hasCount(10);
      tab.find("[rel=prev]").click();
      assertThat(tab.page()).hasURL(home + "/jobs?q=many");
    }
  }
}
