package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A page for each stage of the pipeline. */
final class StagePages {
  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;

  StagePages(EngineControl engine, Views views, InstantSource clock) {
    this.engine = engine;
    this.views = views;
    this.clock = clock;
  }

  /** Reads the number of a stage. */
  static int number(String text) {
    if (!text.matches("\\d{1,9}")) {
      throw gone(text);
    }
    return Integer.parseInt(text);
  }

  private static PageException gone(String text) {
    return PageException.notFound(
        "The pipeline has no stage %s now. Stages come and go with what the pipeline reads."
            .formatted(LabelText.shorten(text, 40)));
  }

  void show(Exchange exchange, Site site, int id) {
    StageView view =
        StageView.find(engine, id, clock.instant()).orElseThrow(() -> gone(Integer.toString(id)));
    Frame frame =
        site.frame(
            exchange,
            view.title(),
            Optional.of(view.node().state()),
            "/",
            List.of(),
            false,
            Optional.of("/live" + StageView.address(id)),
            true);
    exchange.sendHtml(200, views.render("stage.jte", Map.of("frame", frame, "view", view)));
  }

  LiveStreams.Feed feed(Site site, int id) {
    return new RoundFeed(
        engine,
        (_, patches) ->
            StageView.find(engine, id, clock.instant())
                .ifPresent(
                    view -> {
                      site.tell(patches, view.node().state(), view.title());
                      patches.html("stage", views.render("stageBody.jte", Map.of("view", view)));
                    }));
  }
}
