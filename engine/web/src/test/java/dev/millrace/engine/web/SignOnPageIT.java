package dev.millrace.engine.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.millrace.engine.web.spi.Role;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Signing in and out under a user's hands. */
@ExtendWith(Chromium.class)
class SignOnPageIT {
  private static WebInterface start() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    return WebInterface.start(
        WebConfig.defaults()
            .withAddress("127.0.0.1", port)
            .withSignOn(
                new SignOnConfig(
                    new PromptSignOn(),
                    (user, role) -> user.isPresent() && role != Role.ADMIN,
                    URI.create("http://127.0.0.1:" + port))),
        TestObjects.engine(),
        InstantSource.fixed(TestObjects.NOW),
        List.of());
  }

  @Test
  void aVisitorSignsInSeesWhatTheyMayAndSignsOut(Browser browser) throws IOException {
    try (WebInterface web = start();
        Tab tab = new Tab(browser, Tab.Setup.PLAIN.withoutScript())) {
      String page = "http://127.0.0.1:" + web.port() + "/job/" + TestObjects.WAITING;
      tab.expectRefusals();
      tab.open(page);
      assertThat(tab.find("h1")).hasText("Not allowed");
      picture(tab, "stranger", 1280);
      picture(tab, "stranger", 320);

      tab.find("main").getByText("Sign in with Prompt").click();

      assertThat(tab.page()).hasURL(page);
      assertThat(tab.find("h1")).hasText("Publish hello 1.0");
      assertThat(tab.page().getByText("Approve job")).isDisabled();
      assertThat(tab.page().getByText("Cancel job")).isEnabled();
      assertThat(tab.find("#job-approval")).containsText("takes the role \"admin\"");
      picture(tab, "known", 1280);
      picture(tab, "known", 320);

      tab.page().getByText("Menu").click();
      tab.find(".sheet").getByText("Sign out mia").click();

      assertThat(tab.find("h1")).hasText("Not allowed");
      tab.open(page);
      assertThat(tab.find("h1")).hasText("Not allowed");
    }
  }

  /** Nothing scrolls sideways; the picture is kept for whoever wants to look. */
  private static void picture(Tab tab, String who, int width) {
    tab.page().setViewportSize(width, 800);
    tab.page().emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.LIGHT));
    tab.page()
        .screenshot(
            new Page.ScreenshotOptions()
                .setPath(Path.of("target/pages/sign_on-" + who + "-" + width + ".png")));
    assertThat((int) tab.page().evaluate("() => document.documentElement.scrollWidth"))
        .as("width for a %s in a window of %d", who, width)
        .isLessThanOrEqualTo(width);
  }
}
