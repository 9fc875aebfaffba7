package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.web.LiveStreams.Event;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.WebPage;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pages that a service added. */
final class ExtraPages {
  private static final String LIVE = "/live/page";
  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;

  ExtraPages(EngineControl engine, Views views, InstantSource clock) {
    this.engine = engine;
    this.views = views;
    this.clock = clock;
  }

  void register(WebPage page, Router router, Site site, LiveStreams streams) {
    router.get(page.route(), Role.VIEWER, (exchange, _) -> show(page, exchange, site));
    router.get(
        LIVE + page.route(),
        Role.VIEWER,
        (exchange, _) -> {
          String path = exchange.path().substring(LIVE.length());
          streams.serve(exchange, new Feed(page, path, exchange.query(), site));
        });
  }

  private WebPage.Request request(String path, Parameters query) {
    return new WebPage.Request(path, query.values(), clock.instant());
  }

  private void show(WebPage page, Exchange exchange, Site site) {
    WebPage.Body body =
        page.show(request(exchange.path(), exchange.query()))
            .orElseThrow(
                () -> PageException.notFound("There is nothing at " + exchange.path() + "."));
    Frame frame =
        site.frame(
            exchange,
            body.title(),
            body.state(),
            page.route(),
            body.crumbs(),
            body.wide(),
            Optional.of(LIVE + exchange.address()),
            true);
    exchange.sendHtml(
        200,
        views.render(
            "extra.jte", Map.of("frame", site.headed(frame), "content", body.content().html())));
  }

  private final class Feed implements LiveStreams.Feed {
    private final WebPage page;
    private final String path;
    private final Parameters query;
    private final Site site;
    private final Patches patches = new Patches();
    private long round = -1;

    private Feed(WebPage page, String path, Parameters query, Site site) {
      this.page = page;
      this.path = path;
      this.query = query;
      this.site = site;
    }

    @Override
    public List<Event> next(Duration patience) throws InterruptedException {
      EngineControl.Overview overview = engine.awaitChange(round, patience);
      if (overview.round() == round) {
        return List.of();
      }
      round = overview.round();
      page.show(request(path, query)).ifPresent(this::render);
      return patches.take();
    }

    private void render(WebPage.Body body) {
      patches.html("page-body", "<div id=\"page-body\">" + body.content().html() + "</div>");
      body.state().ifPresent(state -> site.tell(patches, state, body.title()));
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
}
