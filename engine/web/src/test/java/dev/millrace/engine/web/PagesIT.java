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
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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

  /** What of them depends on the width. */
  private static final List<String> LAYOUT =
      List.of("color-contrast", "target-size", "scrollable-region-focusable");

  /** Together they have whatever only a narrow window shows. */
  private static final Set<Scene> NARROW =
      EnumSet.of(Scene.PIPELINE, Scene.JOBS, Scene.FAILED_JOB, Scene.LOG_RULES);

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

  /**
   * Small at first, the same without script, its state told in every way, WCAG 2.2 AA as far as a
   * program can tell in both themes and widths; nothing but tables and the like scrolls sideways.
   */
  @ParameterizedTest
  @EnumSource
  void isQuickToReadForEverybody(Scene scene, Browser browser) {
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
      isSmall(tab, List.copyOf(finished));
      saysItsState(tab, scene);
      canBeReadWithoutScript(tab, scene, browser);
      tab.evaluate(AxeBuilder.getAxeScript());
      for (int width : WIDTHS) {
        tab.page().setViewportSize(width, 800);
        for (ColorScheme theme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          tab.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(theme));

          assertThat(violations(tab, scene, theme, width))
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

  /**
   * The rules broken, as axe-core names them, with the elements that break them. What the theme or
   * the width cannot change is looked at once.
   */
  private static List<?> violations(Tab tab, Scene scene, ColorScheme theme, int width) {
    boolean light = theme == ColorScheme.LIGHT;
    if (light && (width == WIDTHS.getFirst() || NARROW.contains(scene))) {
      return violations(tab, "tag", WCAG);
    }
    return violations(tab, "rule", light ? LAYOUT : COLOURS);
  }

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

      tab.press("Tab");
      assertThat(tab.focused()).isEqualTo("Skip to content");
      tab.press("Enter");
      assertThat(tab.focused()).isEqualTo("main");
      tab.press("Tab");
      assertThat((boolean) tab.evaluate("() => !!document.activeElement.closest('main, .foot')"))
          .as("the next stop is behind the head, was %s", tab.focused())
          .isTrue();
    }
  }

  /** What there is to read, the same with script and without. */
  private void canBeReadWithoutScript(Tab tab, Scene scene, Browser browser) {
    String shown = read(tab);
    assertThat(tab.find(".js-only:visible").count()).isPositive();
    try (Tab plain = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      plain.expectRefusals();
      plain.open(scene.address(sites));

      assertThat(read(plain)).isEqualTo(shown);
      assertThat(plain.find(".js-only:visible").count()).isZero();
      if (scene == Scene.RUNNING_JOB) {
        assertThat(plain.find(".foot").innerText()).contains("Refresh");
      }
    }
  }

  private static String read(Tab tab) {
    return tab.find(
            "main h1, main .problems, main .log, main table, main .empty, main p:not(.reference), main .node")
        .allTextContents()
        .toString();
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
  private static void isSmall(Tab tab, List<Request> requests) {
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
