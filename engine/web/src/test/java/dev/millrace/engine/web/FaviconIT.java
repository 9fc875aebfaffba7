package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import dev.millrace.engine.core.StageState;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The favicons for browsers that know no SVG are pictures of those that are drawn from the sprite.
 * Whoever changes the sprite or the colours finds the new pictures in {@code target/icons}.
 */
@ExtendWith(Chromium.class)
class FaviconIT {
  private static final int WIDTH = 32;
  private static final int STEPS_MAX = 24;

  @ParameterizedTest
  @EnumSource
  void looksLikeTheDrawnOne(StageState state, Browser browser) throws IOException {
    String name = "icon-" + StateLook.of(state).name();

    BufferedImage drawn = draw(new Assets().text(name + ".svg"), name, browser);
    BufferedImage kept =
        ImageIO.read(Objects.requireNonNull(Assets.class.getResourceAsStream(name + ".png"), name));

    assertThat(kept.getWidth()).isEqualTo(WIDTH);
    assertThat(kept.getHeight()).isEqualTo(WIDTH);
    assertThat(differing(drawn, kept)).as("pixels that differ").isLessThan(20);
  }

  private static BufferedImage draw(String svg, String name, Browser browser) throws IOException {
    try (BrowserContext context = browser.newContext()) {
      Page page = context.newPage();
      page.setViewportSize(WIDTH, WIDTH);
      page.setContent(
          "<body style='margin:0'>"
              + svg.replace("<svg ", "<svg style='display:block' width='32' height='32' "));
      byte[] png =
          page.screenshot(
              new Page.ScreenshotOptions()
                  .setOmitBackground(true)
                  .setPath(Path.of("target", "icons", name + ".png")));
      return ImageIO.read(new ByteArrayInputStream(png));
    }
  }

  /** How many pixels differ by more than another version of the browser would smooth them. */
  private static int differing(BufferedImage one, BufferedImage other) {
    int count = 0;
    for (int x = 0; x < WIDTH; x++) {
      for (int y = 0; y < WIDTH; y++) {
        int a = one.getRGB(x, y);
        int b = other.getRGB(x, y);
        int most = 0;
        for (int shift = 0; shift < 32; shift += 8) {
          most = Math.max(most, Math.abs((a >> shift & 0xff) - (b >> shift & 0xff)));
        }
        count += most > STEPS_MAX ? 1 : 0;
      }
    }
    return count;
  }
}
