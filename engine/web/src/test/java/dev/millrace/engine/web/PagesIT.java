package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.playwright.AxeBuilder;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every page, whatever it shows. What each one does is in a class of its own. */
@ExtendWith(Chromium.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesIT {
  private static final Path PICTURES = Path.of("target", "pages");
  private static final List<String> WCAG =
      List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa");
  private static final List<Integer> WIDTHS = List.of(1280, 320);

  /** What of them depends on the theme. */
  private static final List<String> COLOURS = List.of("color-contrast");

  private static final String AXE =
      """
      async ([type, values]) => {
        const found = await axe.run({ runOnly: { type, values }, resultTypes: ['violations'] });
        if (found.passes.length < (type === 'tag' ? 5 : 1)) return ['nothing was checked'];
        return found.violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(' ')}`);
      }""";

  /** Where the focus is: nowhere, where it cannot be seen, or where it can. */
  private static final String FOCUS =
      """
      () => {
        if (document.activeElement === document.body) return 'end';
        const e = document.activeElement, box = e.getBoundingClientRect(), drawn = !!e.closest('svg');
        const style = getComputedStyle(drawn ? e.querySelector('.ring') : e);
        const ring = drawn ? style.stroke !== 'none'
          : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        const seen = ring && box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
          && box.top < innerHeight && box.left < innerWidth;
        return seen ? 'seen' : 'unseen: ' + (e.id || e.outerHTML);
      }""";

  private final Sites sites;

  PagesIT() throws IOException {
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

  private static void picture(Tab tab, Scene scene, String what) {
    tab.page()
        .screenshot(
            new Page.ScreenshotOptions()
                .setPath(
                    PICTURES.resolve(scene.name().toLowerCase(Locale.ROOT) + "-" + what + ".png"))
                .setFullPage(true));
  }

  /** WCAG 2.2 AA as far as a program can tell; nothing but tables and the like scrolls sideways. */
  @ParameterizedTest
  @EnumSource
  void saysItsStateAccessiblyInBothThemesAndWidths(Scene scene, Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(scene.address(sites));
      saysItsState(tab, scene);
      tab.evaluate(AxeBuilder.getAxeScript());
      for (int width : WIDTHS) {
        tab.page().setViewportSize(width, 800);
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          tab.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));

          // Whatever does not depend on the theme is checked once in each width.
          boolean first = (width == WIDTHS.getFirst()) == (theme == ColorScheme.LIGHT);
          assertThat(first ? violations(tab, "tag", WCAG) : violations(tab, "rule", COLOURS))
              .as("%s, %s, %d wide", scene, theme, width)
              .isEmpty();
          if (width == WIDTHS.getFirst()) {
            picture(tab, scene, theme.name().toLowerCase(Locale.ROOT));
          } else if (theme == ColorScheme.LIGHT) {
            picture(tab, scene, "narrow");
          }
        }
        assertThat((int) tab.evaluate("() => document.documentElement.scrollWidth"))
            .as("width of %s in a window of %d", scene, width)
            .isLessThanOrEqualTo(width);
      }
      pictureWithoutColours(tab, scene);
    }
  }

  /** The rules broken, as axe-core names them, with the elements that break them. */
  private static List<?> violations(Tab tab, String type, List<String> values) {
    return (List<?>) tab.page().evaluate(AXE, List.of(type, values));
  }

  /** The state is in the title, in the icon, and in words wherever there is a sign. */
  private static void saysItsState(Tab tab, Scene scene) {
    assertThat(tab.page().title()).startsWith(scene.title()).endsWith(" · Millrace");
    assertThat(tab.find("#favicon").getAttribute("href"))
        .matches("/assets/icon-" + scene.icon() + "\\.\\w+\\.svg");
    assertThat(tab.find("#favicon-png").getAttribute("href"))
        .matches("/assets/icon-" + scene.icon() + "\\.\\w+\\.png");
    assertThat(tab.find("h1").count()).isEqualTo(1);
    assertThat(tab.find("main h1").count()).isEqualTo(1);
    assertThat(
            tab.evaluate(
                """
                () => [...document.querySelectorAll('main .chip, main a.node:not(.group)')]
                  .filter(e => !/Passed|Failed|Running|Queued|Needs approval|Blocked|CI error|Cancelled|Skipped/
                    .test(e.getAttribute('aria-label') || e.textContent)).map(e => e.outerHTML)"""))
        .isEqualTo(List.of());
  }

  /** Kept for whoever wants to see what is left of the states without colours. */
  private static void pictureWithoutColours(Tab tab, Scene scene) {
    JsonObject grey = new JsonObject();
    grey.addProperty("type", "achromatopsia");
    tab.context().newCDPSession(tab.page()).send("Emulation.setEmulatedVisionDeficiency", grey);
    picture(tab, scene, "grey");
  }

  /** The first stop skips to the content; each stop can be seen, and has a ring around it. */
  @ParameterizedTest
  @EnumSource
  void canBeWalkedWithTheTabKey(Scene scene, Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      tab.open(scene.address(sites));

      tab.press("Tab");
      assertThat(tab.focused()).isEqualTo("Skip to content");
      tab.press("Enter");
      assertThat(tab.focused()).isEqualTo("main");
      tab.press("Tab");
      assertThat((boolean) tab.evaluate("() => !!document.activeElement.closest('main, .foot')"))
          .as("the next stop is behind the head, was %s", tab.focused())
          .isTrue();

      tab.open(scene.address(sites));
      List<String> unseen = new ArrayList<>();
      int stops = 0;
      while (stops < 200) {
        tab.press("Tab");
        String focus = String.valueOf(tab.evaluate(FOCUS));
        if (focus.equals("end")) {
          break;
        }
        stops++;
        if (!focus.equals("seen")) {
          unseen.add(focus);
        }
      }
      assertThat(stops).isGreaterThan(8).isLessThan(200);
      assertThat(unseen).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void canBeReadWithoutScript(Scene scene, Browser browser) {
    String[] shown = new String[2];
    for (boolean script : new boolean[] {true, false}) {
      Tab.Setup setup = script ? Tab.Setup.PLAIN : Tab.Setup.PLAIN.withoutScript();
      try (Tab tab = new Tab(browser, setup)) {
        tab.expectRefusals();
        tab.open(scene.address(sites));
        assertThat(tab.find(".js-only:visible").count() > 0).isEqualTo(script);
        shown[script ? 0 : 1] =
            tab.find(
                    "main h1, main .problems, main .log, main table, main .empty, main p:not(.reference), main .node")
                .allTextContents()
                .toString();
        if (scene == Scene.RUNNING_JOB && !script) {
          assertThat(tab.find(".foot").innerText()).contains("Refresh");
        }
      }
    }

    assertThat(shown[1]).isEqualTo(shown[0]);
  }

  /** Colours, links, names: nothing of what others wrote becomes part of the page. */
  @ParameterizedTest
  @EnumSource(
      names = {"PIPELINE", "PIPELINE_LIST", "JOBS", "HOSTILE_JOB", "FAILED_JOB", "PLAN", "ACTIONS"})
  void hostileTextStaysText(Scene scene, Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(scene.address(sites));

      assertThat(tab.find("main").innerText()).contains("<script>").contains("U+202E");
      assertThat(tab.page().content() + tab.page().title()).doesNotContain("\u202e");
      assertThat(tab.evaluate("() => String(window.pwned)")).isEqualTo("undefined");
      assertThat(tab.find("main script, main img, main iframe, main style").count()).isZero();
      assertThat(
              tab.evaluate(
                  "() => [...document.querySelectorAll('a')].map(a => a.href.baseVal ?? a.href)"
                      + ".filter(h => !/^(https?:|[#?\\/])/.test(h))"))
          .isEqualTo(List.of());
    }
  }

  /** The first view of whoever has never been here. */
  @ParameterizedTest
  @EnumSource
  void isSmall(Scene scene, Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.expectRefusals();
      List<Request> finished = new ArrayList<>();
      tab.page()
          .onRequestFinished(
              request -> {
                if (!request.url().contains("/live/")) {
                  finished.add(request);
                }
              });
      tab.open(scene.address(sites));
      tab.page().waitForLoadState();
      List<Request> requests = List.copyOf(finished);

      assertThat(requests).hasSizeBetween(3, 12);
      assertThat(requests.stream().mapToLong(r -> r.sizes().responseBodySize).sum())
          .as("bytes as sent of %s", requests.stream().map(Request::url).toList())
          .isBetween(5_000L, 100_000L);
      assertThat(requests.stream().filter(r -> r.url().contains(".css"))).hasSize(1);
      assertThat(
              requests.stream()
                  .filter(r -> r.resourceType().equals("script"))
                  .mapToLong(r -> r.sizes().responseBodySize)
                  .sum())
          .isBetween(1L, 40_000L);
      assertThat(
              requests.stream()
                  .filter(r -> r.url().contains("/assets/"))
                  .map(r -> r.response().headerValue("cache-control")))
          .allMatch(value -> value.contains("immutable"));
      assertThat(
              ((Number)
                      tab.evaluate(
                          """
                          () => new Promise(done => {
                            let sum = 0;
                            new PerformanceObserver(list => list.getEntries().forEach(e => { sum += e.value; }))
                              .observe({ type: 'layout-shift', buffered: true });
                            requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
                          })"""))
                  .doubleValue())
          .as("how much moved while it loaded")
          .isLessThanOrEqualTo(0.05);
    }
  }
}
