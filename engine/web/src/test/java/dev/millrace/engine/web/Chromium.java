package dev.millrace.engine.web;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Hands the machine's Chromium to tests that take a {@link Browser}: one for all classes, started
 * by the first and ended with the last. Without a Chromium the tests are skipped.
 */
final class Chromium implements BeforeEachCallback, ParameterResolver {
  private static final Path PROGRAM = Path.of("/usr/bin/chromium");
  private static final Namespace OURS = Namespace.create(Chromium.class);

  /** What runs between the first and the last test. */
  private static final class Running implements AutoCloseable {
    private final Playwright playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    private final Browser browser =
        playwright
            .chromium()
            .launch(
                new BrowserType.LaunchOptions()
                    .setExecutablePath(PROGRAM)
                    .setArgs(
                        List.of(
                            // Its own sandbox does not start as root; it sees our pages only.
                            "--no-sandbox",
                            "--headless",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync")));

    private Running() {
      // As patient as everything else that is done in a tab: five seconds are short where the
      // machine has other work.
      PlaywrightAssertions.setDefaultAssertionTimeout(15_000);
    }

    @Override
    public void close() {
      browser.close();
      playwright.close();
    }
  }

  /** Before each, as a class given up as a whole is not counted as skipped. */
  @Override
  public void beforeEach(ExtensionContext context) {
    assumeTrue(
        Files.isExecutable(PROGRAM),
        "The pages are NOT tested in a browser: there is no "
            + PROGRAM
            + " (Debian's package chromium)");
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().equals(Browser.class);
  }

  @Override
  public Browser resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(OURS)
        .computeIfAbsent(Running.class, _ -> new Running(), Running.class)
        .browser;
  }
}
