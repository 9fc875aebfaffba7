package dev.millrace.engine.web.spi;

import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A page that a service adds. The web interface puts its frame around the body, checks who asks,
 * and shows the page again in place whenever the engine publishes a round. Called from any thread.
 */
public interface WebPage {
  /**
   * Where it is: {@code /results}, or {@code /results/} followed by anything when it ends with a
   * slash. It must not begin with a path of the interface itself.
   */
  String route();

  /** What the navigation calls it; empty to leave it out. */
  Optional<String> navLabel();

  /** Shows it; empty when there is no such thing (a 404 page then). */
  Optional<Body> show(Request request);

  /**
   * What is asked for.
   *
   * @param path the whole path, decoded
   * @param query the query's parameters, in their order
   * @param now the time to reckon ages from
   */
  record Request(String path, Map<String, List<String>> query, Instant now) {}

  /**
   * What is shown.
   *
   * @param title the page's name: its title and its heading
   * @param state what the page as a whole says: sets the title's glyph and the icon
   * @param crumbs the way here, besides the site's own page: label and address
   * @param content below the heading
   * @param wide whether it uses the full width
   */
  record Body(
      String title,
      Optional<StageState> state,
      List<Map.Entry<String, String>> crumbs,
      Markup content,
      boolean wide) {
    /** Copies. */
    public Body {
      crumbs = List.copyOf(crumbs);
    }
  }
}
