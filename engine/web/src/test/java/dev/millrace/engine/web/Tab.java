package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ReducedMotion;
import java.util.ArrayList;
import java.util.List;

/**
 * A tab of a browser, with cookies and storage of its own, at the time of {@link TestObjects#NOW}.
 * Closing it fails if the page complained: errors and warnings of the console, violations of the
 * content policy among them, and exceptions of the script.
 */
final class Tab implements AutoCloseable {
  private final BrowserContext context;
  private final Page page;
  private final List<String> complaints = new ArrayList<>();
  private boolean refusalsExpected;

  /** How a tab is set up. */
  record Setup(ColorScheme theme, int width, int height, boolean script) {
    static final Setup PLAIN = new Setup(ColorScheme.LIGHT, 1280, 800, true);

    Setup withTheme(ColorScheme other) {
      return new Setup(other, width, height, script);
    }

    Setup withSize(int newWidth, int newHeight) {
      return new Setup(theme, newWidth, newHeight, script);
    }

    Setup withoutScript() {
      return new Setup(theme, width, height, false);
    }
  }

  Tab(Browser browser, Setup setup) {
    context =
        browser.newContext(
            new Browser.NewContextOptions()
                .setColorScheme(setup.theme())
                .setViewportSize(setup.width(), setup.height())
                // Turning arcs would keep the processor busy drawing.
                .setReducedMotion(ReducedMotion.REDUCE)
                .setJavaScriptEnabled(setup.script()));
    context.setDefaultTimeout(15_000);
    if (setup.script()) {
      context.clock().setFixedTime(TestObjects.NOW.toEpochMilli());
    }
    page = context.newPage();
    page.onConsoleMessage(
        message -> {
          boolean refusal = message.text().startsWith("Failed to load resource");
          if (List.of("error", "warning").contains(message.type())
              && !(refusal && refusalsExpected)) {
            complaints.add(message.type() + ": " + message.text() + " " + message.location());
          }
        });
    page.onPageError(error -> complaints.add("exception: " + error));
  }

  Tab(Browser browser) {
    this(browser, Setup.PLAIN);
  }

  /** The browser itself complains of answers such as 404; for a test that asks for these. */
  void expectRefusals() {
    refusalsExpected = true;
  }

  Response open(String address) {
    return java.util.Objects.requireNonNull(page.navigate(address));
  }

  Page page() {
    return page;
  }

  BrowserContext context() {
    return context;
  }

  Locator find(String selector) {
    return page.locator(selector);
  }

  /** The element with exactly this text among those that a selector finds. */
  Locator find(String selector, String text) {
    return page.locator(selector).getByText(text, new Locator.GetByTextOptions().setExact(true));
  }

  void press(String... keys) {
    for (String key : keys) {
      page.keyboard().press(key);
    }
  }

  /** What the keyboard acts on: its id, or its name if it has none. */
  String focused() {
    return String.valueOf(
        page.evaluate(
            "() => { const e = document.activeElement;"
                + " return e.id || e.getAttribute('aria-label') || e.textContent.trim(); }"));
  }

  Object evaluate(String script) {
    return page.evaluate(script);
  }

  @Override
  public void close() {
    context.close();
    assertThat(complaints).as("what the page complained of").isEmpty();
  }
}
