package dev.millrace.engine.web;

import dev.millrace.engine.core.Dot;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.web.LiveStreams.Event;
import dev.millrace.engine.web.spi.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The pipeline: page, picture, events, and the threshold for approval. */
final class PipelinePages {
  private static final int VIEWS_KEPT = 16;

  /** How old the times on a page may be while something runs, and while nothing does. */
  private static final Duration FRESH = Duration.ofSeconds(1);

  private static final Duration FRESH_WHEN_SETTLED = Duration.ofSeconds(30);

  private final EngineControl engine;
  private final Views views;
  private final Assets assets;
  private final InstantSource clock;
  private final Layouts layouts = new Layouts();
  private final Map<String, Address> recent =
      new LinkedHashMap<>(VIEWS_KEPT * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Address> eldest) {
          return size() > VIEWS_KEPT;
        }
      };
  private final String svgStyle;

  PipelinePages(EngineControl engine, Views views, Assets assets, InstantSource clock) {
    this.engine = engine;
    this.views = views;
    this.assets = assets;
    this.clock = clock;
    this.svgStyle = svgStyle(assets);
  }

  /**
   * What an address shows, made once for all who look at the same round: whoever comes meanwhile,
   * and with each round everybody who looks comes at once, waits for it. Thread-safe.
   */
  private final class Address {
    private final Parameters query;
    private @Nullable Shown latest;

    private Address(Parameters query) {
      this.query = query;
    }

    private synchronized Shown shown() {
      Shown known = latest;
      if (known != null && known.isFresh()) {
        return known;
      }
      Shown fresh = new Shown(PipelineView.of(engine, query, layouts, clock.instant()));
      latest = fresh;
      return fresh;
    }
  }

  /** A view, and of its parts each that was asked for, written once. Thread-safe. */
  private final class Shown {
    private final PipelineView view;
    private final Map<String, String> written = new HashMap<>();

    private Shown(PipelineView view) {
      this.view = view;
    }

    private synchronized String written(
        String part, String template, Map<String, Object> parameters) {
      return written.computeIfAbsent(part, _ -> views.render(template, parameters));
    }

    /** All of the page below what depends on who looks. */
    private String rest() {
      return written("rest", "pipelineRest.jte", Map.of("view", view));
    }

    private boolean isFresh() {
      Duration age = Duration.between(view.now(), clock.instant());
      return view.overview().round() == engine.overview().round()
          && age.compareTo(view.overview().settled() ? FRESH_WHEN_SETTLED : FRESH) < 0;
    }
  }

  private Shown shown(Parameters query) {
    Address address;
    synchronized (recent) {
      address = recent.computeIfAbsent(query.query(), _ -> new Address(query));
    }
    return address.shown();
  }

  private PipelineView view(Parameters query) {
    return shown(query).view;
  }

  void show(Exchange exchange, Site site) {
    Shown shown = shown(relevant(exchange.query()));
    PipelineView view = shown.view;
    Optional<String> live =
        Optional.of(
            "/live/pipeline"
                + view.query().with("since", Long.toString(view.overview().round())).query());
    Frame frame =
        site.frame(
            exchange,
            "Pipeline",
            Optional.of(view.overview().result()),
            "/",
            List.of(),
            view.showsGraph(),
            live,
            !view.overview().settled());
    exchange.sendHtml(
        200,
        views.render(
            "pipeline.jte",
            Map.of(
                "frame",
                frame,
                "view",
                view,
                "rest",
                shown.rest(),
                "refusal",
                exchange.visitor().refusal(Role.ADMIN),
                "threshold",
                engine.confirmThreshold())));
  }

  private static Parameters relevant(Parameters query) {
    Map<String, List<String>> kept = new LinkedHashMap<>();
    for (String name : List.of("view", "unfold", "fold", "q", "only", "page")) {
      if (!query.all(name).isEmpty()) {
        kept.put(name, query.all(name));
      }
    }
    return new Parameters(kept);
  }

  /**
   * The diagram alone, with its style inside: its policy allows this one style and nothing else.
   */
  void picture(Exchange exchange) {
    PipelineView view = view(relevant(exchange.query()));
    exchange.setHeader(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'sha256-" + sha256(svgStyle) + "'; frame-ancestors 'none'");
    exchange.sendText(
        200,
        "image/svg+xml; charset=utf-8",
        views.render(
            "svgfile.jte",
            Map.of(
                "view",
                view,
                "style",
                svgStyle,
                "sprite",
                assets.sprite().replaceFirst("<svg [^>]*>", "").replaceFirst("</svg>$", ""))));
  }

  /** The same for Graphviz. */
  void dot(Exchange exchange) {
    PipelineView view = view(relevant(exchange.query()));
    exchange.sendText(
        200,
        "text/vnd.graphviz; charset=utf-8",
        Dot.render(
            view.diagram(),
            job -> Optional.of(PipelineView.jobAddress(job)),
            group -> Optional.of(view.unfoldAddress(group))));
  }

  /** The whole pipeline as one line of text. */
  void outline(Exchange exchange) {
    exchange.sendText(200, "text/plain; charset=utf-8", LabelText.visible(engine.outline()) + "\n");
  }

  private static String svgStyle(Assets assets) {
    String css = assets.text("style.css");
    StringBuilder kept = new StringBuilder();
    int tokens = css.indexOf(".is-passed");
    kept.append(css, 0, tokens);
    for (String line : css.substring(tokens).split("\n", -1)) {
      if (line.startsWith(".is-")
          || line.startsWith(".node")
          || line.startsWith(".edge")
          || line.startsWith(".frame")
          || line.startsWith(".gname")
          || line.startsWith(".tip {")) {
        kept.append(line).append('\n');
      }
    }
    return kept.append("svg{background:var(--bg)}").toString();
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }

  void setThreshold(Exchange exchange, Parameters form) {
    String level = form.first("level").orElse("");
    try {
      engine.setConfirmThreshold(
          level.equals("none") ? Optional.empty() : Optional.of(Level.parse(level)),
          exchange.visitor().who());
    } catch (IllegalArgumentException e) {
      throw PageException.badRequest(String.valueOf(e.getMessage()));
    }
    exchange.redirect("/?done=threshold");
  }

  LiveStreams.Feed feed(Exchange exchange, Site site) {
    Parameters query = exchange.query();
    long since = number(exchange.header("Last-Event-ID").or(() -> query.first("since")));
    return new Feed(relevant(query), since, site);
  }

  private static long number(Optional<String> text) {
    try {
      return text.map(Long::parseLong).orElse(-1L);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Sends what changed, once per round at most. */
  private final class Feed implements LiveStreams.Feed {
    private final Parameters query;
    private final Site site;
    private final Patches patches = new Patches();
    private long round;
    private Optional<Geometry> drawn = Optional.empty();
    private boolean first = true;

    private Feed(Parameters query, long since, Site site) {
      this.query = query;
      this.round = since;
      this.site = site;
    }

    @Override
    public List<Event> next(Duration patience) throws InterruptedException {
      Overview overview = first ? engine.overview() : engine.awaitChange(round, patience);
      if (!first && overview.round() == round) {
        return List.of();
      }
      boolean upToDate = first && overview.round() == round;
      first = false;
      Shown shown = shown(query);
      render(shown, upToDate);
      round = shown.view.overview().round();
      if (upToDate) {
        patches.forget();
      }
      return patches.take();
    }

    private void render(Shown shown, boolean upToDate) {
      PipelineView view = shown.view;
      Map<String, Object> all = Map.of("view", view);
      site.tell(patches, view.overview().result(), "Pipeline");
      patches.html("status", shown.written("status", "pipelineHead.jte", all));
      patches.html("problems", shown.written("problems", "problems.jte", all));
      boolean moved = drawn.filter(known -> known.equals(view.geometry())).isEmpty();
      drawn = Optional.of(view.geometry());
      view.timeline()
          .ifPresent(
              line ->
                  patches.html(
                      "timeline", shown.written("timeline", "timeline.jte", Map.of("line", line))));
      if (view.showsGraph()) {
        if (moved && !upToDate) {
          patches.svg("diagram", shown.written("diagram", "diagram.jte", all));
        }
        for (NodeView node : view.nodes()) {
          String id = "n" + node.node().id();
          patches.svg(id, shown.written(id, "node.jte", Map.of("n", node)));
        }
      }
      if (view.showsList()) {
        if (moved && !upToDate) {
          patches.html("stages", shown.written("stages", "stageList.jte", all));
        }
        for (NodeView node : view.rows()) {
          String id = "s" + node.node().id();
          patches.html(id, shown.written(id, "stageRow.jte", Map.of("n", node, "view", view)));
        }
      }
    }

    @Override
    public String position() {
      return Long.toString(round);
    }

    @Override
    public boolean isEnded() {
      return false;
    }
  }
}
