package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ReducedMotion;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pipeline's page under a user's hands. */
@ExtendWith(Chromium.class)
class PipelinePageIT {
  /** The colours of what failed, in the light theme: of what counts, and of what does not. */
  private static final String SOLID = "rgb(201, 70, 4)";

  private static final String TINT = "rgb(253, 234, 224)";

  private final ScriptedEngine engine = TestObjects.engine();
  private final WebInterface web;
  private final String home;

  PipelinePageIT() throws IOException {
    web = Sites.start(engine, 0);
    home = "http://127.0.0.1:" + web.port();
  }

  @AfterEach
  void close() {
    web.close();
  }

  private static Locator node(Tab tab, String name) {
    return tab.page()
        .getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName(name).setExact(true))
        .and(tab.find("#diagram .node"));
  }

  /** What an icon is filled with. */
  private static Object filling(Locator icon) {
    return icon.evaluate("e => { e.style.color = 'var(--s)'; return getComputedStyle(e).color; }");
  }

  /** With the list of problems, which grows, in the window and above it. */
  @ParameterizedTest
  @ValueSource(ints = {150, 300})
  void aChangeShowsWithoutReloadAndLeavesFocusAndScrollAlone(int scrolled, Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withSize(1000, 400))) {
      tab.open(home + "/");
      tab.find("#n3").focus();
      tab.evaluate("() => { window.same = true; scrollTo(0, " + scrolled + "); }");
      assertThat((int) tab.evaluate("() => scrollY")).isEqualTo(scrolled);
      double place = tab.find("#n3").boundingBox().y;

      engine.setState(7, StageState.FAILED, Optional.of("No odoc"));
      engine.setResult(StageState.FAILED, true);

      assertThat(node(tab, "doc, Failed")).isVisible();
      assertThat(tab.find("#problems-h")).hasText("3 problems");
      assertThat(tab.find("#status .chip")).hasText("Failed");
      assertThat(tab.page()).hasTitle("✗ Pipeline · Millrace");
      assertThat(tab.find("#favicon")).hasAttribute("href", Pattern.compile(".*icon-failed.*svg"));
      assertThat(tab.find("#favicon-png"))
          .hasAttribute("href", Pattern.compile(".*icon-failed.*png"));
      assertThat(tab.focused()).isEqualTo("n3");
      assertThat(tab.find("#n3").boundingBox().y)
          .as("place in the window, though a problem was listed above it")
          .isCloseTo(place, within(1.0));
      assertThat((boolean) tab.evaluate("() => window.same === true")).isTrue();
    }
  }

  @Test
  void aStageThatAppearsIsDrawn(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      Diagram before = TestObjects.pipeline();
      List<Diagram.Node> nodes = new ArrayList<>(before.nodes());
      nodes.add(
          TestObjects.node(20, "new one", StageState.QUEUED, Optional.empty(), Optional.of("b")));
      List<Diagram.Edge> edges = new ArrayList<>(before.edges());
      edges.add(new Diagram.Edge(2, 20, false));

      engine.setDiagram(new Diagram(nodes, edges, before.groups()));

      assertThat(node(tab, "new one, Queued")).isVisible();
      assertThat(tab.find("#diagram .node:not(.group)")).hasCount(12);
    }
  }

  @Test
  void saysThatItIsCutOffAndGoesOnLater(Browser browser) throws Exception {
    int port = web.port();
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(home + "/");
      assertThat(tab.find("#live-word")).hasText("Live");

      web.close();
      assertThat(tab.find("#live-word")).hasText("⟳ Reconnecting");
      engine.setState(7, StageState.PASSED, Optional.empty());

      try (WebInterface again = Sites.start(engine, port)) {
        assertThat(again.port()).isEqualTo(port);
        assertThat(node(tab, "doc, Passed")).isVisible();
        assertThat(tab.find("#live-word")).hasText("Live");
      }
    }
  }

  @Test
  void aFailureThatDoesNotCountIsMarkedEverywhere(Browser browser) {
    engine.setDiagram(TestObjects.withAdvisory(TestObjects.pipeline(), 4));
    engine.updateJob(TestObjects.advisory(engine.findJob(TestObjects.FAILED).orElseThrow()));
    String mark = "Failed(does not count)";
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      assertThat(node(tab, "debian-12 ocaml 4.13, Failed (does not count)")).isVisible();
      assertThat(tab.find("#n4 .box")).not().hasCSS("fill", SOLID);
      assertThat(tab.find("#problems-h")).hasText("2 problems, of which 1 does not count");
      assertThat(tab.find("#problems li").last())
          .containsText("debian-12 ocaml 4.13 (does not count)");
      assertThat(filling(tab.find("#problems li .ico").last())).isEqualTo(TINT);
      engine.setState(5, StageState.FAILED, Optional.of("It counts"));
      assertThat(tab.find("#problems-h")).hasText("3 problems, of which 1 does not count");
      assertThat(tab.find("#n5 .box")).hasCSS("fill", SOLID);
      assertThat(filling(tab.find("#problems li:has-text('It counts') .ico"))).isEqualTo(SOLID);

      tab.open(home + "/?view=list");
      assertThat(tab.find("#s4 .chip")).hasText(mark);
      assertThat(tab.find("#s5 .chip")).hasText("Failed");
      tab.open(home + "/?view=timeline");
      assertThat(tab.find("#t4 .chip")).hasText(mark);
      tab.open(home + "/stage/4");
      assertThat(tab.find(".head .chip")).containsText(mark);
      tab.open(home + "/jobs?state=failed");
      assertThat(tab.find("tbody .chip")).containsText(mark);
      tab.open(home + "/job/" + TestObjects.FAILED);
      assertThat(tab.find("#job-what .chip")).containsText(mark);
      assertThat(filling(tab.find("#job-failure h2 .ico"))).isEqualTo(TINT);
    }
  }

  @Test
  void canBePaused(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      tab.page().getByText("Pause updates").click();
      assertThat(tab.find("#live-word")).hasText("Paused");

      engine.setState(7, StageState.PASSED, Optional.empty());
      tab.page().getByText("Resume updates").click();

      assertThat(node(tab, "doc, Passed")).isVisible();
    }
  }

  @Test
  void arrowsMoveInTheDiagram(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      tab.find("#n1").focus();

      tab.press("ArrowRight");
      assertThat(tab.focused()).isEqualTo("n2");
      tab.press("ArrowRight");
      assertThat(tab.focused()).isEqualTo("n3");
      tab.press("ArrowDown", "ArrowDown");
      assertThat(tab.focused()).isEqualTo("n5");
      tab.press("ArrowUp");
      assertThat(tab.focused()).isEqualTo("n4");
      assertThat(tab.find(".tipbox")).containsText("Build failed: dune exited with status 1");
      tab.press("ArrowLeft");
      assertThat(tab.focused()).isEqualTo("n2");
      tab.press("Enter");
      assertThat(tab.page()).hasURL(home + "/job/" + TestObjects.ANALYSE);
    }
  }

  @Test
  void keysZoom(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      tab.press("0");
      int full = width(tab);
      assertThat(full).isEqualTo((int) tab.evaluate("() => Math.round(diagram.dataset.w)"));
      tab.press("+");
      assertThat(width(tab)).isGreaterThan(full);
      tab.press("0");
      assertThat(width(tab)).isEqualTo(full);
      tab.press("-", "-");
      assertThat(width(tab)).isLessThan(full);
      tab.press("f");
      assertThat(width(tab)).isLessThanOrEqualTo(1280);
    }
  }

  private static int width(Tab tab) {
    return Integer.parseInt(tab.find("#diagram").getAttribute("width"));
  }

  @Test
  void stagesAreFilteredByNameAndByFailure(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      assertThat(tab.find("#shown")).hasText("11 stages");

      tab.find("#pq").fill("DEBIAN");
      assertThat(tab.find("#shown")).hasText("3 of 11 stages");
      assertThat(tab.page()).hasURL(home + "/?q=DEBIAN");
      assertThat(tab.find("#diagram .node:not(.group)")).hasCount(3);
      tab.find("text=Failing only").click();
      assertThat(tab.find("#shown")).hasText("1 of 11 stages");
      assertThat(tab.find("#diagram .node:not(.group)"))
          .hasAttribute("aria-label", "debian-12 ocaml 4.13, Failed");
      tab.find("#pq").fill("nothing like it");
      assertThat(tab.find("main .empty")).containsText("No stage matches this filter.");
      tab.find("text=Clear").click();
      assertThat(tab.find("#shown")).hasText("11 stages");
    }
  }

  /**
   * Method: 5,000 stages in groups and without; what the page shows is bounded, the rest is found
   * by opening, filtering and paging, all without script.
   */
  @Test
  void aVeryBigPipelineIsFoldedFilteredAndPagedWithoutScript(Browser browser) {
    engine.setDiagram(TestObjects.bigGrouped(5_000));
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/");
      int folded = tab.find("#diagram .node").count();
      org.assertj.core.api.Assertions.assertThat(folded).isBetween(300, 400);
      assertThat(tab.find("#shown")).hasText("5,011 stages");

      engine.setDiagram(TestObjects.big(5_000));
      tab.open(home + "/");
      assertThat(tab.find("main .note")).containsText("too many stages here for a diagram");
      assertThat(tab.find("#stages tbody tr")).hasCount(PipelineView.ROWS_PAGE);
      assertThat(tab.find("#diagram")).hasCount(0);
      tab.find("text=Next stages").click();
      assertThat(tab.page()).hasURL(home + "/?page=2");
      assertThat(tab.find("#stages tbody tr")).hasCount(PipelineView.ROWS_PAGE);

      tab.find("text=Failing only").click();
      tab.find(".filters .btn").first().click();
      assertThat(tab.page()).hasURL(home + "/?q=&only=failing");
      int failing = tab.find("#diagram .node").count();
      org.assertj.core.api.Assertions.assertThat(failing).isBetween(30, 60);
      assertThat(tab.find("#shown")).hasText(failing + " of 5,011 stages");
      tab.open(home + "/?view=graph&view=list&page=99999999999999999999");
      assertThat(tab.find("#stages tbody tr")).hasCount(PipelineView.ROWS_PAGE);
    }
  }

  @Test
  void keysLeadThroughTheSite(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      tab.press("j");
      assertThat(tab.focused()).isEqualTo("debian-12 ocaml 4.13");
      tab.press("j");
      assertThat(tab.focused()).isEqualTo("opam");
      tab.press("k", "Enter");
      assertThat(tab.page()).hasURL(home + "/job/" + TestObjects.FAILED + "#L21");
      tab.press("u");
      assertThat(tab.page()).hasURL(home + "/jobs");
      tab.press("g", "h");
      assertThat(tab.page()).hasURL(home + "/");
      tab.press("g", "j");
      assertThat(tab.page()).hasURL(home + "/jobs");
      tab.press("u");
      assertThat(tab.page()).hasURL(home + "/");
      tab.press("/");
      assertThat(tab.focused()).isEqualTo("pq");
      tab.press("Escape", "g", "j");
      assertThat(tab.page()).hasURL(home + "/jobs");
      tab.press("/");
      assertThat(tab.focused()).isEqualTo("q");
      tab.page().keyboard().type("gj?publish");
      assertThat(tab.page()).hasURL(home + "/jobs");
      tab.press("Control+A");
      tab.page().keyboard().type("publish");
      tab.press("Enter");
      assertThat(tab.page()).hasURL(home + "/jobs?q=publish");
    }
  }

  @Test
  void keysAreExplainedAndCanBeSwitchedOff(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      tab.press("?");
      Locator dialog = tab.page().getByRole(AriaRole.DIALOG);
      assertThat(dialog).containsText("First error of a job");
      tab.press("Escape");
      assertThat(tab.find("dialog")).hasCount(0);
      tab.find("#keys-help").click();
      tab.page().getByText("Switch shortcuts off").click();
      tab.press("/");
      assertThat(tab.focused()).isNotEqualTo("q");
    }
  }

  @Test
  void groupsFoldInPlace(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      tab.find(".node.group").first().click();

      assertThat(tab.page()).hasURL(home + "/?fold=b");
      assertThat(node(tab, "Builds, Failed, 1 failed, 1 running, 1 passed")).isVisible();
      assertThat(tab.find("#problems-h")).hasText("2 problems");
      node(tab, "Builds, Failed, 1 failed, 1 running, 1 passed").click();
      assertThat(node(tab, "debian-12 ocaml 4.13, Failed")).isVisible();
    }
  }

  @Test
  void narrowWindowsShowTheListAndTheDiagramOneTapAway(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withSize(390, 800))) {
      tab.open(home + "/");
      assertThat(tab.find("#stages")).isVisible();
      assertThat(tab.find("#canvas")).isHidden();
      assertThat(tab.find("[aria-label=Views] [aria-current]:visible")).hasText("List");

      tab.find("[aria-label=Views] a:visible").first().click();

      assertThat(tab.find("#canvas")).isVisible();
      assertThat(tab.find("[aria-label=Views] [aria-current]:visible")).hasText("Graph");
    }
  }

  @Test
  void theArcStandsStillForWhoAsksForIt(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");
      String arc = "() => getComputedStyle(document.querySelector('#running .arc')).animationName";

      assertThat(tab.evaluate(arc)).isEqualTo("none");
      tab.page()
          .emulateMedia(
              new Page.EmulateMediaOptions().setReducedMotion(ReducedMotion.NO_PREFERENCE));
      assertThat(tab.evaluate(arc)).isEqualTo("turn");
    }
  }

  @Test
  void failedStagesCanBeRead(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      for (String id : List.of("n4", "n8")) {
        assertThat(
                tab.evaluate(
                    "() => getComputedStyle(document.querySelector('#" + id + " .ring')).fill"))
            .as("what lies over the label of %s", id)
            .isEqualTo("none");
      }
    }
  }

  @Test
  void theLevelIsSetWithoutScript(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/");
      tab.find("#level").selectOption("dangerous");

      tab.page().getByText("Set approval level").click();

      assertThat(tab.find(".flash")).hasText("The approval level was set.");
      assertThat(tab.find("#level")).hasValue("dangerous");
      assertThat(engine.actions()).containsExactly("threshold dangerous local user");
    }
  }

  @Test
  void theThemeIsChosenWithoutScript(Browser browser) {
    try (Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      tab.open(home + "/jobs?q=x");

      tab.find(".theme button").click();
      assertThat(tab.page()).hasURL(home + "/jobs?q=x");
      assertThat(tab.find("html")).hasAttribute("data-theme", "light");
      tab.find(".theme button").click();
      assertThat(tab.find("html")).hasAttribute("data-theme", "dark");
      assertThat(tab.find("body")).hasCSS("background-color", "rgb(21, 23, 27)");
    }
  }

  /** Big, flat, without anything to fold: the worst that a program can describe. */
  @Test
  void aThousandStagesAreShown(Browser browser) {
    engine.setDiagram(TestObjects.big(1_000));
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/");

      assertThat(tab.find("#diagram .node").count()).isGreaterThanOrEqualTo(1_000);
      engine.setState(5, StageState.RUNNING, Optional.empty());
      assertThat(tab.find("#n5")).hasClass("node is-running");
    }
  }
}
