package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.millrace.engine.core.LogRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Log rules under a user's hands. */
@ExtendWith(Chromium.class)
class LogRulesPageIT {
  private static final LogRule TYPES = new LogRule("Error: .*type (\\S+) but", "Not a \\1", 10);

  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;

  LogRulesPageIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  private static void button(Tab tab, String name) {
    tab.page().getByText(name, new Page.GetByTextOptions().setExact(true)).click();
  }

  @Test
  void aRuleIsWrittenTestedStoredEditedAndRemoved(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/job/" + TestObjects.FAILED);
      button(tab, "Write log rule");
      assertThat(tab.page().getByLabel("Test on job")).hasValue(TestObjects.FAILED.value());

      tab.page().getByLabel("Pattern").fill(TYPES.pattern());
      button(tab, "Test rule");
      assertThat(tab.find("#trial")).hasText("1 of 1 log matches");
      assertThat(tab.find("main tbody tr")).containsText("Error: This expression has type string");
      assertThat(tab.find("main tbody tr a"))
          .hasAttribute("href", "/job/" + TestObjects.FAILED + "#L21");
      tab.page().getByLabel("Test on job").fill("");
      button(tab, "Test rule");
      assertThat(tab.find("#trial")).hasText("1 of 4 logs matches");
      assertThat(engine.logRules().list()).isEmpty();

      tab.page().getByLabel("Report").fill("Not a \\1");
      tab.page().getByLabel("Score").fill("10");
      button(tab, "Store rule");
      assertThat(tab.find(".flash")).containsText("The log rule was stored.");
      assertThat(engine.logRules().list()).containsExactly(TYPES);

      button(tab, "Edit");
      assertThat(tab.page().getByLabel("Report")).hasValue("Not a \\1");
      tab.page().getByLabel("Score").fill("11");
      button(tab, "Store rule");
      assertThat(tab.find("main tbody tr .num")).hasText("11");

      button(tab, "Edit");
      button(tab, "Remove rule");
      assertThat(tab.find("dialog[open] h2")).containsText("Remove this rule?");
      tab.find("dialog[open] .danger").click();
      assertThat(tab.find(".flash")).hasText("The log rule was removed.");
      assertThat(engine.logRules().list()).isEmpty();
      assertThat(engine.logRules().changes()).allMatch(change -> change.endsWith(" local user"));
    }
  }

  @Test
  void whatIsWrongWithARuleIsSaidAndKept(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.expectRefusals();
      tab.open(home + "/log-rules");
      tab.page().getByLabel("Pattern").fill("(a");
      tab.page().getByLabel("Report").fill("r");
      tab.page().getByLabel("Score").fill("high");
      button(tab, "Store rule");

      assertThat(tab.find("[role=alert] li"))
          .containsText(
              new String[] {
                "The pattern \"(a\" is no regular expression of RE2: missing closing ).",
                "The score must be a whole number of at most 9 digits, but is \"high\"."
              });
      assertThat(tab.page().getByLabel("Pattern")).hasValue("(a");
      assertThat(engine.logRules().list()).isEmpty();
    }
  }

  @Test
  void tablesGoInAndOutAsAWhole(Browser browser) throws IOException {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(home + "/log-rules");
      choose(tab, "pattern,report,score\na,b,1\n(,b,1\n");
      assertThat(tab.find("[role=alert] li")).containsText("Line 3: The pattern \"(\"");
      assertThat(engine.logRules().list()).isEmpty();

      choose(tab, "pattern,report,score\n\"" + TYPES.pattern() + "\",Not a \\1,10\nb,é,1\n");
      assertThat(tab.find(".flash")).hasText("The log rules of the file were stored.");
      assertThat(engine.logRules().list()).containsExactly(TYPES, new LogRule("b", "é", 1));

      Download table = tab.page().waitForDownload(() -> button(tab, "Export rules"));
      assertThat(table.suggestedFilename()).isEqualTo("rules.csv");
      assertThat(RuleTable.read(Files.readString(table.path())).rules())
          .isEqualTo(engine.logRules().list());
    }
  }

  private static void choose(Tab tab, String table) {
    tab.page()
        .getByLabel("Table")
        .setInputFiles(
            new FilePayload("r.csv", "text/csv", table.getBytes(StandardCharsets.UTF_8)));
    tab.page().getByText("Import rules").last().click();
  }

  @Test
  void whereNobodyMayActRulesAreReadOnly(Browser browser) throws IOException {
    engine.logRules().put(List.of(TYPES), "mia");
    try (WebInterface readOnly =
            WebInterface.start(
                WebConfig.defaults()
                    .withAddress("127.0.0.1", 0)
                    .withActions(WebConfig.Actions.NONE),
                engine,
                InstantSource.fixed(TestObjects.NOW),
                List.of());
        Tab tab = new Tab(browser)) {
      tab.open("http://127.0.0.1:" + readOnly.port() + "/log-rules");

      assertThat(tab.find("main tbody tr")).containsText("Not a \\1");
      for (String name : List.of("Test rule", "Store rule")) {
        assertThat(tab.page().getByText(name)).isDisabled();
      }
    }
  }
}
