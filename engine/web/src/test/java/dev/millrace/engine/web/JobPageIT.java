package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A job's page and its log under a user's hands. */
@ExtendWith(Chromium.class)
class JobPageIT {
  private static final JobId BIG = TestObjects.job(50, "big");

  private static final String WIDTH = "() => document.documentElement.scrollWidth";

  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;

  JobPageIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  private String job(JobId id) {
    return home + "/job/" + id;
  }

  private ScriptedLog big(int lines) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= lines; i++) {
      text.append("line ").append(i).append(i % 50_000 == 0 ? " needle\n" : "\n");
    }
    ScriptedLog log = new ScriptedLog();
    log.write(text.toString());
    engine.addJob(TestObjects.summary(BIG, "build", "big", StageState.RUNNING), log);
    return log;
  }

  @Test
  void linesThatComeAreAddedAndFollowedAtTheEndOnly(Browser browser) {
    ScriptedLog log = big(400);
    try (Tab tab = new Tab(browser)) {
      tab.open(job(BIG));
      assertThat(tab.find("#live-word")).hasText("Live");

      log.write("quiet addition\n");
      assertThat(tab.find("#L401")).isAttached();
      assertThat((int) tab.evaluate("() => scrollY")).as("scrolled by itself").isZero();
      assertThat(tab.find("#follow")).hasText("1 new line");

      tab.press("G");
      log.write("followed\n");
      assertThat(tab.find("#L402")).isInViewport();
      assertThat(tab.find("#follow")).isHidden();
      tab.press("b");
      assertThat((int) tab.evaluate("() => scrollY")).isZero();
    }
  }

  @Test
  void theEndOfTheJobShowsInTheHead(Browser browser) {
    ScriptedLog log = big(3);
    try (Tab tab = new Tab(browser)) {
      tab.open(job(BIG));
      tab.find("#lq").focus();
      assertThat(tab.find("#job-what .chip")).containsText("Running");

      log.write("\u001b[1;31mError\u001b[0m: it broke\n");
      log.end();
      engine.updateJob(TestObjects.summary(BIG, "build", "big", StageState.FAILED));

      assertThat(tab.find("#job-what .chip")).containsText("Failed");
      assertThat(tab.find("#failure-h")).hasText("Build failed: dune exited with status 1");
      assertThat(tab.find("#first-error")).hasText("Go to line 4");
      assertThat(tab.page()).hasTitle("✗ big · Millrace");
      assertThat(tab.find("#live-word")).hasText("Finished");
      assertThat(tab.page().getByText("Cancel job")).hasCount(0);
      assertThat(tab.focused()).isEqualTo("lq");
    }
  }

  @Test
  void keysOfTheLog(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(job(TestObjects.FAILED));

      tab.press("e");
      assertThat(tab.page()).hasURL(job(TestObjects.FAILED) + "#L21");
      assertThat(tab.find(".l.picked")).containsText("This expression has type string");
      assertThat(tab.find("#L21")).isInViewport();
      tab.press("w");
      assertThat(tab.find("#wrap")).hasAttribute("aria-pressed", "true");
      assertThat(tab.find("#log")).hasClass("log wrap");
      tab.press("t");
      assertThat(tab.find(".stamp").first()).isHidden();
      tab.press("/");
      assertThat(tab.focused()).isEqualTo("lq");
      tab.page().keyboard().type("installed");
      tab.press("Enter");
      assertThat(tab.find("#hits")).hasText("1/5");
      assertThat(tab.find(".l.hit")).containsText("dune.1.2.0");
      tab.press("Escape", "n");
      assertThat(tab.find("#hits")).hasText("2/5");
      tab.press("N", "N");
      assertThat(tab.find("#hits")).hasText("5/5");
      assertThat(tab.find(".l.hit")).isInViewport();
    }
  }

  @Test
  void linesHaveAddressesAndRanges(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(job(TestObjects.FAILED) + "#L12-L14");
      assertThat(tab.find(".l.picked")).hasCount(3);
      assertThat(tab.find("#L12")).isVisible();

      tab.find("#L20").click();
      assertThat(tab.page()).hasURL(job(TestObjects.FAILED) + "#L20");
      assertThat(tab.find(".l.picked")).hasCount(1);
    }
  }

  @Test
  void theWholeKeyCanBeRead(Browser browser) {
    String middling = "1 /home/somebody/src/hello debian-13-5.3_opam-2.3 and so on to the end";
    String endless = middling.repeat(20);
    JobSummary failed = engine.findJob(TestObjects.FAILED).orElseThrow();
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withSize(390, 800))) {
      engine.updateJob(TestObjects.saying(failed, middling, "No"));
      tab.open(job(TestObjects.FAILED));
      assertThat(tab.find(".facts")).containsText(middling);
      assertThat((int) tab.evaluate(WIDTH)).isLessThanOrEqualTo(390);

      engine.updateJob(TestObjects.saying(failed, endless, "No"));
      tab.open(job(TestObjects.FAILED));
      assertThat(tab.find("#job-key summary")).hasText(LabelText.shorten(endless, 60));
      tab.find("#job-key summary").click();
      assertThat(tab.page().getByText(endless)).isInViewport();
      assertThat((int) tab.evaluate(WIDTH)).isLessThanOrEqualTo(390);
    }
  }

  /** A command with all its arguments, as builders quote them. */
  @ParameterizedTest
  @ValueSource(ints = {390, 1280})
  void longReasonsAreFolded(int width, Browser browser) {
    String script = "opam exec -- dune build @install @runtest && ".repeat(30) + "true";
    String argv = "\"/usr/bin/env\" \"bash\" \"-c\" \"" + script + "\" failed with exit status 1";
    String line =
        "\"/usr/bin/env\" \"bash\" \"-c\" \"opam exec -- dune build…\" failed with exit status 1";
    JobSummary failed = engine.findJob(TestObjects.FAILED).orElseThrow();
    engine.updateJob(TestObjects.saying(failed, "key", argv));
    engine.setState(4, StageState.FAILED, Optional.of(argv));
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withSize(width, 800))) {
      tab.open(home + "/jobs?state=failed");
      picture(tab, "long-reason-list-" + width);
      assertThat(tab.find("td.msg")).hasText(line);
      assertThat(tab.find("td.msg span")).hasAttribute("title", argv);
      assertThat(tab.find("tbody tr").boundingBox().height).isLessThan(width < 640 ? 140 : 40);
      assertThat((int) tab.evaluate(WIDTH)).isLessThanOrEqualTo(width);

      tab.open(home + "/");
      assertThat(tab.find("#problems .reason").first()).hasText(line);
      assertThat((int) tab.evaluate(WIDTH)).isLessThanOrEqualTo(width);

      tab.open(job(TestObjects.FAILED));
      assertThat(tab.find("#failure-h")).hasText(line);
      assertThat(tab.find("#failure-h").boundingBox().height).isLessThan(width < 640 ? 90 : 40);
      assertThat(tab.page().getByText(argv)).isHidden();
      picture(tab, "long-reason-folded-" + width);
      tab.page().getByText("Whole reason").click();
      assertThat(tab.page().getByText(argv)).isInViewport();
      assertThat((int) tab.evaluate(WIDTH)).isLessThanOrEqualTo(width);
    }
  }

  private static void picture(Tab tab, String name) {
    tab.page()
        .screenshot(
            new Page.ScreenshotOptions().setPath(Path.of("target", "pages", name + ".png")));
  }

  @Test
  void passedStepsAreClosedAndTheFailedOneOpen(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(job(TestObjects.FAILED));
      assertThat(tab.find("#log details[open] summary")).hasCount(1);
      assertThat(tab.find("#log details[open] .chip")).hasText("Failed");

      tab.page().getByText("Open all").click();

      assertThat(tab.find("#log details[open]")).hasCount(4);
    }
  }

  @Test
  void copiesTheCommandsToRunItHere(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.context()
          .grantPermissions(
              List.of("clipboard-read", "clipboard-write"),
              new BrowserContext.GrantPermissionsOptions().setOrigin(home));
      tab.open(job(TestObjects.FAILED));
      tab.page().getByText("Run this here").click();

      tab.page().getByText("Copy commands").click();

      assertThat(tab.page().getByText("Copied")).isVisible();
      assertThat(tab.evaluate("() => navigator.clipboard.readText()"))
          .isEqualTo(
              """
              git clone https://example.org/hello.git && cd hello
              git checkout 1b2c3d4
              millrace builder build --spec hello.spec .
              """);
    }
  }

  @Test
  void dangerousActionsAsk(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(job(TestObjects.RUNNING));

      tab.page().getByText("Cancel job").click();
      assertThat(tab.page().getByRole(AriaRole.DIALOG)).containsText("Cancel this job?");
      tab.page().getByText("Keep it").click();
      assertThat(engine.actions()).isEmpty();
      tab.find("#job-acts .danger").click();
      tab.find("dialog[open] .danger").click();

      assertThat(tab.find(".flash")).hasText("The job was asked to stop.");
      assertThat(engine.actions()).containsExactly("cancel " + TestObjects.RUNNING + " local user");
    }
  }

  @Test
  void whatNeedsApprovalSaysWhatWillHappen(Browser browser) {
    engine.setConfirmThreshold(
        java.util.Optional.of(dev.millrace.engine.core.Level.DANGEROUS), "local user");
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(job(TestObjects.WAITING));
      assertThat(tab.find("#job-approval"))
          .containsText("Jobs at the level “dangerous” and above wait for approval.");

      tab.page().getByText("Approve job").click();

      assertThat(tab.find(".flash")).hasText("The job was approved.");
      assertThat(engine.actions()).contains("approve " + TestObjects.WAITING + " local user");
    }
  }

  @Test
  void theLogIsSearchedWithoutScript(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(job(TestObjects.FAILED));
      tab.find("#lq").fill("installed");
      tab.page().getByText("Search", new Page.GetByTextOptions().setExact(true)).click();

      assertThat(tab.page()).hasURL(job(TestObjects.FAILED) + "?find=installed");
      assertThat(tab.page().getByText("5 lines with “installed”")).isVisible();
      tab.page().getByText("Raw").click();
      assertThat(tab.page()).hasURL(Pattern.compile(".*/log\\.txt"));
    }
  }

  /** Two hundred thousand lines: head and tail at once, the rest on demand. */
  @Test
  void aBigLogIsShownInParts(Browser browser) {
    big(200_000).end();
    try (Tab tab = new Tab(browser)) {
      tab.open(job(BIG));
      assertThat(tab.find(".gap")).hasCount(1);
      assertThat(tab.find("#log .l")).hasCount(12_000);

      tab.find("[data-fetch]").click();
      assertThat(tab.find("#L12000")).isAttached();
      assertThat(tab.find("#log .l")).hasCount(22_000);

      tab.find("#lq").fill("needle");
      tab.press("Enter");
      assertThat(tab.find("#hits")).hasText("1/4");
      assertThat(tab.find(".l.hit")).containsText("line 50000 needle");
      assertThat(tab.find("#L50000")).isInViewport();
      assertThat(tab.find("#log .l").count()).isLessThan(30_000);
    }
  }

  @Test
  void aBigLogIsReadInPartsWithoutScript(Browser browser) {
    big(200_000).end();
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(job(BIG));
      tab.find(".gap a").click();

      assertThat(tab.find("#log .l")).hasCount(10_000);
      assertThat(tab.find("#L2001")).isInViewport();
    }
  }
}
