package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Health;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.JobListPages.Many;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.WebPage;
import io.helidon.http.DirectHandler;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running web interface. Start it with {@link #start}; close it to stop serving. Thread-safe.
 *
 * <p>The engine and the metrics are used until {@link #close} returns, and are not closed.
 */
public final class WebInterface implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WebInterface.class);

  /** How many connections there may be besides those of event streams: slow ones are not rare. */
  static final int CONNECTIONS_MAX = 8_192;

  /** How many connections may wait to be accepted: whoever finds no place waits for a second. */
  static final int BACKLOG = 4_096;

  static final int FIRST_LINE_MAX = 4_096;
  static final int HEADERS_MAX = 16 * 1024;

  private static final String METRICS = "text/plain; version=0.0.4; charset=utf-8";

  private final WebConfig config;
  private final EngineControl engine;
  private final List<MetricsSource> metrics;
  private final Map<String, String> security;
  private final Sessions sessions;
  private final Protection protection;
  private final Views views = new Views();
  private final Site site;
  private final LiveStreams streams;
  private final Router router;
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder readersGone = new LongAdder();
  private final WarmUp warmUp = new WarmUp();
  private final WebServer server;

  private WebInterface(
      WebConfig config,
      EngineControl engine,
      InstantSource clock,
      LongSupplier ticker,
      List<MetricsSource> metrics) {
    this.config = config;
    this.engine = engine;
    this.metrics = metrics;
    this.security = SecurityHeaders.of(config.signOn().filter(SignOnConfig::isSecure).isPresent());
    Assets assets = new Assets();
    this.sessions = new Sessions(engine.signIns(), clock);
    this.protection = new Protection(config, sessions, ticker);
    this.site = new Site(config, assets, views);
    this.streams =
        new LiveStreams(
            config.liveStreamsMax(),
            ticker,
            exchange -> exchange.visitor().isStill(protection.visitor(exchange), Role.VIEWER));
    this.router = routes(assets, clock);
    this.server = serve();
  }

  /**
   * Starts serving.
   *
   * @param clock tells the time that ages are reckoned from
   * @param metrics what {@code /metrics} shows besides the interface's own numbers
   * @throws IOException if the address cannot be listened on; the message says why and what to do
   */
  public static WebInterface start(
      WebConfig config, EngineControl engine, InstantSource clock, List<MetricsSource> metrics)
      throws IOException {
    return start(config, engine, clock, System::nanoTime, metrics);
  }

  /** The same with another watch. */
  static WebInterface start(
      WebConfig config,
      EngineControl engine,
      InstantSource clock,
      LongSupplier ticker,
      List<MetricsSource> metrics)
      throws IOException {
    checkFree(config);
    WebInterface web = new WebInterface(config, engine, clock, ticker, List.copyOf(metrics));
    try {
      web.server.start();
      web.warmUp.start();
    } catch (RuntimeException e) {
      web.streams.close();
      throw new IOException(
          "Cannot serve web pages on %s port %d: %s"
              .formatted(config.host(), config.port(), rootMessage(e)),
          e);
    }
    return web;
  }

  /** Asked before the server tries: its own message names neither the port nor the way out. */
  private static void checkFree(WebConfig config) throws IOException {
    if (config.port() == 0) {
      return;
    }
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()));
    } catch (BindException e) {
      throw new IOException(
          "Cannot serve web pages on %s port %d: %s. Stop what uses the port, or choose another one (0 picks any free port)."
              .formatted(config.host(), config.port(), e.getMessage()),
          e);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  /** The port that it listens on. */
  public int port() {
    return server.port();
  }

  /** The address of the first page. */
  public String address() {
    boolean local = Protection.isLoopback(config.host()) || config.host().equals("0.0.0.0");
    return "http://%s:%d/".formatted(local ? "localhost" : config.host(), port());
  }

  @Override
  public void close() {
    warmUp.close();
    streams.close();
    server.stop();
  }

  private WebServer serve() {
    return WebServer.builder()
        .host(config.host())
        .port(config.port())
        .shutdownHook(false)
        .shutdownGracePeriod(Duration.ofMillis(500))
        .idleConnectionTimeout(Duration.ofMinutes(2))
        // More than a form may have, so that it is us who refuse it, with a page.
        .maxPayloadSize(16L * Exchange.FILES_BYTES_MAX)
        .protocolsDiscoverServices(false)
        .addProtocol(
            Http1Config.builder()
                .maxPrologueLength(FIRST_LINE_MAX + 1)
                .maxHeadersSize(HEADERS_MAX)
                .build())
        // Without it what is written in two parts waits for the reader's delayed acknowledgement.
        .connectionOptions(options -> options.tcpNoDelay(true))
        .backlog(BACKLOG)
        .maxTcpConnections(config.liveStreamsMax() + CONNECTIONS_MAX)
        .directHandlers(direct())
        .routing(HttpRouting.builder().any(this::handle))
        .build();
  }

  /** Answers to requests that never reach us because they are not HTTP. */
  private DirectHandlers direct() {
    DirectHandlers.Builder handlers = DirectHandlers.builder();
    for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
      handlers.addHandler(
          type,
          (request, event, status, headers, message) -> {
            DirectHandler.TransportResponse.Builder response =
                DirectHandler.TransportResponse.builder()
                    .status(status)
                    .entity(status.code() + " " + status.reasonPhrase() + "\n");
            security.forEach(
                (name, value) -> response.header(io.helidon.http.HeaderValues.create(name, value)));
            return response.build();
          });
    }
    return handlers.build();
  }

  private Router routes(Assets assets, InstantSource clock) {
    Router routes = new Router();
    PipelinePages pipeline = new PipelinePages(engine, views, assets, clock);
    JobLogs logs = new JobLogs(engine);
    LogSearch search = new LogSearch();
    JobListPages list = new JobListPages(engine, views, clock);
    JobPages jobs = new JobPages(engine, views, clock, logs, search);
    JobLogPages log = new JobLogPages(logs, views, search);
    routes.get("/", Role.VIEWER, (x, _) -> pipeline.show(x, site));
    routes.get("/index.html", Role.VIEWER, (x, _) -> pipeline.show(x, site));
    routes.get("/pipeline.svg", Role.VIEWER, (x, _) -> pipeline.picture(x));
    routes.get("/pipeline.dot", Role.VIEWER, (x, _) -> pipeline.dot(x));
    routes.get("/pipeline.txt", Role.VIEWER, (x, _) -> pipeline.outline(x));
    StagePages stages = new StagePages(engine, views, clock);
    routes.get("/stage/{id}", Role.VIEWER, (x, p) -> stages.show(x, site, stage(p)));
    routes.get(
        "/live/stage/{id}", Role.VIEWER, (x, p) -> streams.serve(x, stages.feed(site, stage(p))));
    EnginePages engines = new EnginePages(engine, views, clock, config.signOn().isPresent());
    routes.get("/plan", Role.VIEWER, (x, _) -> engines.plan(x, site));
    routes.get("/actions", Role.ADMIN, (x, _) -> engines.actions(x, site));
    routes.get("/live/pipeline", Role.VIEWER, (x, _) -> streams.serve(x, pipeline.feed(x, site)));
    routes.post("/set/confirm", Role.ADMIN, (x, _) -> pipeline.setThreshold(x, form(x)));
    routes.get("/jobs", Role.VIEWER, (x, _) -> list.list(x, site));
    routes.post(
        "/jobs/rebuild", Role.BUILDER, (x, _) -> list.actOnMany(x, site, form(x), Many.REBUILD));
    routes.post(
        "/jobs/cancel", Role.BUILDER, (x, _) -> list.actOnMany(x, site, form(x), Many.CANCEL));
    routes.get("/query", Role.VIEWER, (x, _) -> list.query(x));
    routes.post("/query", Role.BUILDER, (x, _) -> list.actOnMany(x, site, form(x), Many.REBUILD));
    routes.get("/live/jobs", Role.VIEWER, (x, _) -> streams.serve(x, list.feed(x, site)));
    routes.get("/job/{date}/{name}", Role.VIEWER, (x, p) -> jobs.show(x, site, job(p)));
    routes.get("/job/{date}/{name}/lines", Role.VIEWER, (x, p) -> log.lines(x, job(p)));
    routes.get("/job/{date}/{name}/search", Role.VIEWER, (x, p) -> log.search(x, job(p)));
    routes.get("/job/{date}/{name}/error", Role.VIEWER, (x, p) -> log.error(x, job(p)));
    routes.get("/job/{date}/{name}/log.txt", Role.VIEWER, (x, p) -> log.raw(x, job(p)));
    routes.get(
        "/live/job/{date}/{name}",
        Role.VIEWER,
        (x, p) -> streams.serve(x, jobs.feed(x, job(p), site)));
    routes.post(
        "/job/{date}/{name}/rebuild", Role.BUILDER, (x, p) -> jobs.rebuild(checked(x), job(p)));
    routes.post(
        "/job/{date}/{name}/cancel", Role.BUILDER, (x, p) -> jobs.cancel(checked(x), job(p)));
    routes.post("/job/{date}/{name}/start", Role.ADMIN, (x, p) -> jobs.approve(checked(x), job(p)));
    LogRulePages rules = new LogRulePages(engine, views, clock, System::nanoTime);
    routes.get("/log-rules", Role.VIEWER, (x, _) -> rules.show(x, site));
    routes.get("/log-rules/rules.csv", Role.ADMIN, (x, _) -> rules.table(x));
    routes.post("/log-rules", Role.ADMIN, (x, _) -> rules.change(x, site, form(x)));
    routes.postFreely("/theme", (x, _) -> theme(x, form(x)));
    routes.getFreely("/favicon.ico", (x, _) -> assets.serveFavicon(x));
    routes.getFreely("/assets/", (x, _) -> assets.serve(x));
    routes.get("/metrics", Role.MONITOR, (x, _) -> metrics(x));
    routes.getFreely("/health", (x, _) -> health(x));
    config
        .signOn()
        .ifPresent(
            signOn -> {
              SignOnPages pages = new SignOnPages(signOn, sessions, streams);
              routes.getFreely("/login", (x, _) -> pages.begin(x));
              routes.getFreely("/login/" + signOn.provider().name(), (x, _) -> pages.finish(x));
              routes.postFreely("/logout", (x, _) -> pages.end(checked(x)));
              routes.post(
                  "/actions/end-sessions", Role.ADMIN, (x, _) -> engines.endSessions(x, form(x)));
            });
    ExtraPages extra = new ExtraPages(engine, views, clock);
    for (WebPage page : config.pages()) {
      extra.register(page, routes, site, streams);
    }
    return routes;
  }

  /** All addresses, for tests of what holds for each. */
  List<Router.Route> routes() {
    return router.routes();
  }

  private static int stage(Map<String, String> parts) {
    return StagePages.number(String.valueOf(parts.get("id")));
  }

  private static JobId job(Map<String, String> parts) {
    String text = parts.get("date") + "/" + parts.get("name");
    try {
      return JobId.parse(text);
    } catch (IllegalArgumentException e) {
      throw PageException.notFound("There is no job \"" + LabelText.shorten(text, 120) + "\".");
    }
  }

  private Exchange checked(Exchange exchange) {
    Parameters _ = form(exchange);
    return exchange;
  }

  /** Reads a form that our own page sent. */
  private Parameters form(Exchange exchange) {
    Parameters form = exchange.form();
    protection.checkForm(exchange, form);
    return form;
  }

  private void handle(ServerRequest request, ServerResponse response) {
    try {
      answer(request, response);
    } catch (ReaderGoneException e) {
      readersGone.increment();
      LOG.debug("A reader went away", e);
      // What the server itself throws when it meets a dead connection: it ends it, and is silent.
      throw new CloseConnectionException("The reader went away", e);
    }
  }

  private void answer(ServerRequest request, ServerResponse response) {
    security.forEach(
        (name, value) -> response.header(io.helidon.http.HeaderNames.create(name), value));
    requests.increment();
    Exchange exchange;
    try {
      exchange = new Exchange(request, response);
    } catch (PageException e) {
      response.status(io.helidon.http.Status.create(e.status()));
      response.send(e.getMessage());
      return;
    }
    try {
      protection.admit(exchange);
      exchange.admit(protection.visitor(exchange));
      protection.limit(exchange);
      Router.Match match = router.find(exchange.method(), exchange.path());
      match
          .route()
          .role()
          .flatMap(exchange.visitor()::refusal)
          .ifPresent(
              reason -> {
                throw PageException.forbidden(reason);
              });
      match.route().handler().handle(exchange, match.parts());
    } catch (PageException e) {
      e.headers().forEach(exchange::setHeader);
      refuse(exchange, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      if (ReaderGoneException.isCauseOf(e)) {
        throw new ReaderGoneException(e);
      }
      fail(exchange, e);
    }
  }

  /** The user's affair, but whoever is asked about it can look it up. */
  private void refuse(Exchange exchange, PageException e) {
    String reference = reference();
    LOG.atDebug()
        .addKeyValue("reference", reference)
        .addKeyValue("path", printable(exchange.path()))
        .addKeyValue("status", e.status())
        .log("Refused a request");
    message(
        exchange,
        e.status(),
        e.title(),
        String.valueOf(e.getMessage()),
        "Reference: " + reference + ".");
  }

  private static String reference() {
    return UUID.randomUUID().toString().substring(0, 8);
  }

  private static String printable(String path) {
    return path.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
  }

  /** A bug, or a store that cannot be read: the user gets a number, the log gets the rest. */
  private void fail(Exchange exchange, Exception e) {
    failures.increment();
    String reference = reference();
    LOG.atError()
        .addKeyValue("reference", reference)
        .addKeyValue("path", printable(exchange.path()))
        .setCause(e)
        .log("Cannot serve a page");
    if (!exchange.isAnswered()) {
      message(
          exchange,
          500,
          "CI error",
          "This page cannot be shown because of a fault in the program.",
          "Reference: " + reference + ". The server's log has the details under this reference.");
    }
  }

  private void message(
      Exchange exchange, int status, String title, String message, String reference) {
    // The title's sign and the icon: a fault is ours, all else was kept from being shown.
    StageState sign = status == 500 ? StageState.ERROR : StageState.BLOCKED;
    Frame frame =
        site.frame(
            exchange, title, Optional.of(sign), "", List.of(), false, Optional.empty(), false);
    exchange.sendHtml(
        status,
        views.render(
            "message.jte",
            Map.of("frame", frame, "message", LabelText.visible(message), "reference", reference)));
  }

  private void theme(Exchange exchange, Parameters form) {
    String theme = form.first("theme").orElse("");
    boolean chosen = theme.equals("light") || theme.equals("dark");
    exchange.setHeader(
        "Set-Cookie",
        "theme=%s; Path=/; Max-Age=%d; HttpOnly; SameSite=Lax%s"
            .formatted(
                chosen ? theme : "",
                chosen ? 31_536_000 : 0,
                security.containsKey(SecurityHeaders.ENCRYPTED_ONLY) ? "; Secure" : ""));
    String back = form.first("back").orElse("/");
    exchange.redirect(Exchange.isLocal(back) ? back : "/");
  }

  private void metrics(Exchange exchange) {
    StringBuilder text = new StringBuilder();
    metrics.forEach(source -> text.append(source.text()));
    counter(text, "millrace_web_requests_total", "Requests served", requests.sum());
    counter(text, "millrace_web_failures_total", "Requests answered with 500", failures.sum());
    counter(
        text,
        "millrace_web_readers_gone_total",
        "Requests whose reader went away before the answer was whole",
        readersGone.sum());
    counter(text, "millrace_web_streams_total", "Event streams served", streams.servedCount());
    text.append("# HELP millrace_web_streams Event streams open\n")
        .append("# TYPE millrace_web_streams gauge\nmillrace_web_streams ")
        .append(streams.openCount())
        .append('\n');
    exchange.sendText(200, METRICS, text.toString());
  }

  private static void counter(StringBuilder text, String name, String help, long value) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(" counter\n");
    text.append(name).append(' ').append(value).append('\n');
  }

  private void health(Exchange exchange) {
    switch (engine.health()) {
      case Health.Good() -> exchange.sendText(200, "application/json", "{\"status\":\"good\"}\n");
      case Health.Impaired(String reason) -> sendTrouble(exchange, "impaired", reason);
      case Health.Bad(String reason) -> sendTrouble(exchange, "bad", reason);
    }
  }

  private static void sendTrouble(Exchange exchange, String status, String reason) {
    exchange.sendText(
        503,
        "application/json",
        "{\"status\":\"%s\",\"reason\":\"%s\"}\n".formatted(status, Json.escape(reason)));
  }
}
