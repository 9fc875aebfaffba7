package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.web.LiveStreams.Event;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;

/** Shows a page, or a part of one, anew after each round. Owned by one stream. */
final class RoundFeed implements LiveStreams.Feed {
  private final EngineControl engine;
  private final BiConsumer<Overview, Patches> render;
  private final Patches patches = new Patches();
  private long round = -1;

  RoundFeed(EngineControl engine, BiConsumer<Overview, Patches> render) {
    this.engine = engine;
    this.render = render;
  }

  @Override
  public List<Event> next(Duration patience) throws InterruptedException {
    Overview overview = engine.awaitChange(round, patience);
    if (overview.round() == round) {
      return List.of();
    }
    round = overview.round();
    render.accept(overview, patches);
    return patches.take();
  }

  @Override
  public String position() {
    return "0";
  }

  @Override
  public boolean isEnded() {
    return false;
  }
}
