package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the engine knows of itself: why jobs ran, what stages wait for, plans, actions, exports. */
@ExtendWith(Chromium.class)
class EnginePagesIT {
  private final ScriptedEngine engine = TestObjects.engine();
  private WebInterface web;
  private String site;

  EnginePagesIT() throws IOException {
    TestObjects.addKnowledge(engine);
    web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0),
            engine,
            InstantSource.fixed(TestObjects.NOW),
            List.of());
    site = "http://127.0.0.1:" + web.port();
  }

  @BeforeEach
  void isUp() {
    assertThat(web.port()).isPositive();
  }

  @AfterEach
  void close() {
    web.close();
  }

  @Test
  void aJobSaysWhyItRanAndLeadsToWhatChanged(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(site + "/job/" + TestObjects.FAILED);

      assertThat(tab.find("#job-why"))
          .containsText("another value is wanted; before it was \"1a1a1a1\"");
      assertThat(tab.find("#job-why li").first())
          .hasText("head of main changed from 1a1a1a1 to 1b2c3d4, by this job");
      tab.find("#job-why a").click();
      assertThat(tab.find("h1")).hasText("Fetch hello at main");
      tab.open(site + "/job/" + TestObjects.FAILED);
      tab.find("text=in the pipeline").first().click();
      assertThat(tab.find("h1")).hasText("debian-12 ocaml 4.13");
      assertThat(tab.find("#job-why")).containsText("another value is wanted");
    }
  }

  @Test
  void aBlockedStageNamesAllThatItWaitsForAndHearsWhenThatIsOver(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(site + "/?view=list");
      tab.find("text=notify the maintainers of all packages").first().click();

      assertThat(tab.find("h1")).hasText("notify the maintainers of all packages");
      assertThat(tab.find("section:has(#waits-h) tbody th")).hasText(new String[] {"publish"});
      assertThat(tab.find("section:has(#reads-h) tbody th")).hasText(new String[] {"publish"});
      engine.setState(10, StageState.BLOCKED, Optional.empty());
      assertThat(tab.find("section:has(#waits-h) tbody th"))
          .hasText(new String[] {"debian-12 ocaml 4.13", "debian-13 (lower bounds)"});
      tab.find("section:has(#waits-h) a").first().click();
      assertThat(tab.find("section:has(#readby-h) tbody th")).hasText(new String[] {"all passed"});
    }
  }

  @Test
  void aStageThatIsNotThereIsSaidToBeGone(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      for (String id : List.of("999", "-1", "x", "12345678901")) {
        assertThat(tab.open(site + "/stage/" + id).status()).isEqualTo(404);
        assertThat(tab.find("main")).containsText("has no stage " + id);
      }
    }
  }

  @Test
  void thePlanSaysWhatIsToBeDoneAndHowLongThatTook(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(site + "/plan");

      assertThat(tab.find("section:has(#runs-h)")).containsText("To run (2)");
      assertThat(tab.find("section:has(#runs-h)"))
          .containsText("this is 1m00s of work, and 1 without a time");
      assertThat(tab.find("section:has(#runs-h) tr").nth(1))
          .hasText(
              Pattern.compile(
                  "Needs approval\\s*Publish hello 1.0publish1m00sit had never been run"));
      assertThat(tab.find("section:has(#unknown-h) li")).hasCount(2);
      assertThat(tab.find("section:has(#fails-h)")).containsText("opam of hello");
      assertThat(tab.find("#cached")).containsText("Known, and not run again (1)");
    }
  }

  @Test
  void theActionsArePagedAndLeadToTheirJobs(Browser browser) {
    engine.setActions(
        IntStream.range(0, EnginePages.ACTIONS_PAGE + 1)
            .mapToObj(
                i ->
                    new ActionRecord(
                        TestObjects.NOW.minusSeconds(i),
                        "user " + i,
                        ActionRecord.What.CANCEL,
                        TestObjects.FAILED.value(),
                        Optional.empty()))
            .toList());
    try (Tab tab = new Tab(browser)) {
      tab.open(site + "/");
      tab.find(".bar > .nav", "Actions").click();

      assertThat(tab.find("tbody tr")).hasCount(EnginePages.ACTIONS_PAGE);
      tab.find("text=Older").click();
      assertThat(tab.find("tbody tr")).hasCount(1);
      assertThat(tab.find("tbody tr")).containsText("user 100");
      tab.find("tbody a").click();
      assertThat(tab.find("h1")).hasText("hello on debian-12, ocaml 4.13");
    }
  }

  @Test
  void thePipelineIsExportedAsItIsSeen(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      String dot = tab.open(site + "/pipeline.dot?fold=b").text();
      assertThat(dot)
          .startsWith("digraph pipeline {")
          .contains("\"+ Builds ✗\"")
          .contains("URL=\"/?unfold=b\"")
          .contains("URL=\"/job/" + TestObjects.SKIPPED + "\"")
          .doesNotContain("debian-12");
      assertThat(tab.open(site + "/pipeline.dot?only=failing&q=debian").text())
          .contains("debian-12")
          .doesNotContain("debian-13");
      assertThat(tab.open(site + "/pipeline.txt").text()).startsWith("head of main >>= analyse");
      assertThat(tab.open(site + "/pipeline.svg?fold=b").text())
          .contains("Builds, Failed")
          .doesNotContain("debian-12");
    }
  }
}
