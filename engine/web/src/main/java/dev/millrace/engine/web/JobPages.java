package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.ActionResult;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.web.LiveStreams.Event;
import dev.millrace.engine.web.spi.Role;
import gg.jte.Content;
import gg.jte.output.WriterOutput;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The list of jobs, a job's page with its log, and what may be done to a job. */
final class JobPages {
  private static final int HISTORY = 15;
  private static final int INDEXES_KEPT = 64;
  private static final int RAW_CHUNK = 64 * 1024;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,15})-(\\d{1,15})");
  // How long a quiet log keeps the head of its page waiting.
  private static final Duration HEAD_PACE = Duration.ofSeconds(1);

  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;
  private final LogSearch search = new LogSearch();
  private final Map<JobId, LogIndex> indexes =
      new LinkedHashMap<>(INDEXES_KEPT * 2, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<JobId, LogIndex> eldest) {
          return size() > INDEXES_KEPT;
        }
      };

  JobPages(EngineControl engine, Views views, InstantSource clock) {
    this.engine = engine;
    this.views = views;
    this.clock = clock;
  }

  void list(Exchange exchange, Site site) {
    list(exchange, site, exchange.query(), List.of());
  }

  /**
   * Sends the list.
   *
   * @param refusals what could not be done of what was just asked for
   */
  private void list(Exchange exchange, Site site, Parameters query, List<String> refusals) {
    JobsView view = JobsView.of(engine, query.without("done"), clock.instant());
    Optional<String> live = Optional.of("/live/jobs" + view.address().query());
    Frame frame =
        site.frame(
            exchange,
            "Jobs",
            Optional.of(engine.overview().result()),
            "/jobs",
            List.of(),
            false,
            live,
            true);
    exchange.sendHtml(
        refusals.isEmpty() ? 200 : 409,
        views.render(
            "jobs.jte",
            Map.of(
                "frame", frame,
                "view", view,
                "refusal", exchange.visitor().refusal(Role.BUILDER),
                "refusals", refusals)));
  }

  /** To the list, from an address of the originals. */
  void query(Exchange exchange) {
    exchange.redirect("/jobs" + OldQuery.translate(exchange.query()).query());
  }

  void show(Exchange exchange, Site site, JobId id) throws IOException, InterruptedException {
    JobSummary job = require(id);
    Optional<LogIndex> index = index(id);
    LogMap map = index.isPresent() ? index.get().refresh() : LogMap.EMPTY;
    JobPageView view = view(job, index, map, exchange.query().first("find"));
    boolean open = job.finished().isEmpty() || !map.complete();
    Optional<String> live =
        open ? Optional.of("/live/job/" + id.value() + "?line=" + map.lines()) : Optional.empty();
    Frame frame =
        site.frame(
            exchange,
            view.job().title(),
            Optional.of(job.state()),
            "/jobs",
            List.of(Map.entry("Jobs", "/jobs")),
            true,
            live,
            open);
    LogWindow window = window(exchange, map);
    Content log =
        output -> index.ifPresent(found -> writeLog(found, map, job, window, output::writeContent));
    Map<String, Object> parameters =
        Map.of(
            "frame",
            frame,
            "view",
            view,
            "refusal",
            exchange.visitor().refusal(Role.BUILDER),
            "approvalRefusal",
            exchange.visitor().refusal(Role.ADMIN),
            "approver",
            exchange.visitor().who(),
            "threshold",
            engine.confirmThreshold(),
            "log",
            log);
    exchange.setHeader("Cache-Control", "no-store");
    try (Writer out = writer(exchange.stream(Exchange.HTML, true))) {
      views.render("job.jte", parameters, new WriterOutput(out));
    }
  }

  private static Writer writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), RAW_CHUNK);
  }

  private void writeLog(
      LogIndex index, LogMap map, JobSummary job, LogWindow window, Appending out) {
    try {
      new LogPage(index.log(), map, job.state(), views).write(window, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Text that goes straight to the page. */
  @FunctionalInterface
  private interface Appending extends Appendable {
    void write(String text);

    @Override
    default Appendable append(CharSequence text) {
      write(text.toString());
      return this;
    }

    @Override
    default Appendable append(CharSequence text, int start, int end) {
      write(text.subSequence(start, end).toString());
      return this;
    }

    @Override
    default Appendable append(char c) {
      write(String.valueOf(c));
      return this;
    }
  }

  private JobPageView view(
      JobSummary job, Optional<LogIndex> index, LogMap map, Optional<String> find)
      throws IOException, InterruptedException {
    Instant now = clock.instant();
    JobView shown = new JobView(job, true, now);
    List<JobView> history =
        engine.listHistory(job.id(), HISTORY).stream()
            .map(other -> new JobView(other, other.id().equals(job.id()), now))
            .toList();
    Optional<String> wanted = find.filter(text -> !text.isBlank());
    List<LogSearch.Hit> hits =
        wanted.isPresent() && index.isPresent()
            ? search.find(index.get().log(), map, wanted.get(), shown.address())
            : List.of();
    return new JobPageView(
        shown,
        map,
        history,
        shown.isFailure() && index.isPresent() ? excerpt(index.get(), map) : List.of(),
        wanted,
        hits);
  }

  /** Five lines around the error. */
  private static List<JobPageView.ExcerptLine> excerpt(LogIndex index, LogMap map)
      throws IOException {
    if (map.errorLine().isEmpty()) {
      return List.of();
    }
    long error = map.errorLine().get();
    List<JobPageView.ExcerptLine> lines = new ArrayList<>();
    LogLines.render(
        index.log(),
        map,
        Math.max(1, error - 2),
        error + 2,
        (number, html, _) -> {
          if (!map.isRecipe(number)) {
            lines.add(new JobPageView.ExcerptLine(html, number == error));
          }
        });
    return lines;
  }

  private static LogWindow window(Exchange exchange, LogMap map) {
    Matcher range = RANGE.matcher(exchange.query().first("lines").orElse(""));
    return range.matches()
        ? LogWindow.range(
            Long.parseLong(range.group(1)), Long.parseLong(range.group(2)), map.lines())
        : LogWindow.of(map.lines());
  }

  /** A range of lines alone, for a page that has a gap there. */
  void lines(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary job = require(id);
    LogIndex index = requireIndex(id);
    LogMap map = index.refresh();
    LogWindow window = window(exchange, map);
    if (!RANGE.matcher(exchange.query().first("lines").orElse("")).matches()) {
      throw PageException.badRequest("The lines must be given as lines=1-500.");
    }
    StringBuilder html = new StringBuilder();
    LogPage page = new LogPage(index.log(), map, job.state(), views);
    for (LogWindow.Range range : window.ranges()) {
      page.writeRange(range, html);
    }
    exchange.sendHtml(200, html.toString());
  }

  /** The numbers of the lines with a text, as JSON. */
  void search(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary _ = require(id);
    LogIndex index = requireIndex(id);
    String wanted = exchange.query().first("q").orElse("");
    String numbers =
        search.find(index.log(), index.refresh(), wanted, "").stream()
            .map(hit -> Long.toString(hit.number()))
            .collect(Collectors.joining(","));
    exchange.sendText(
        200,
        "application/json",
        "{\"lines\":[" + numbers + "],\"max\":" + LogSearch.HITS_MAX + "}");
  }

  /** To the line that says what went wrong. */
  void error(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary _ = require(id);
    Optional<LogIndex> index = index(id);
    LogMap map = index.isPresent() ? index.get().refresh() : LogMap.EMPTY;
    String address = "/job/" + id.value();
    exchange.redirect(
        map.errorLine().map(line -> LogSearch.address(address, line, map.lines())).orElse(address));
  }

  /** The log as it was printed. */
  void raw(Exchange exchange, JobId id) throws IOException {
    JobSummary _ = require(id);
    JobLog log = requireIndex(id).log();
    exchange.setHeader("Cache-Control", "no-store");
    if (exchange.query().first("download").isPresent()) {
      exchange.setHeader(
          "Content-Disposition",
          "attachment; filename=\"" + id.value().replace('/', '-') + ".log\"");
    }
    try (OutputStream out = exchange.stream("text/plain; charset=utf-8", true)) {
      if (exchange.method().equals("HEAD")) {
        return;
      }
      long at = 0;
      while (true) {
        byte[] chunk = log.read(at, RAW_CHUNK);
        if (chunk.length == 0) {
          return;
        }
        out.write(chunk);
        at += chunk.length;
      }
    }
  }

  void rebuild(Exchange exchange, JobId id) {
    act(exchange, engine.rebuild(id, exchange.visitor().who()), "rebuild");
  }

  void cancel(Exchange exchange, JobId id) {
    act(exchange, engine.cancel(id, exchange.visitor().who()), "cancel");
  }

  void approve(Exchange exchange, JobId id) {
    act(exchange, engine.approve(id, exchange.visitor().who()), "start");
  }

  private static void act(Exchange exchange, ActionResult result, String done) {
    switch (result) {
      case ActionResult.Accepted(JobId job) ->
          exchange.redirect("/job/" + job.value() + "?done=" + done);
      case ActionResult.Refused(String reason) -> throw PageException.conflict(reason);
    }
  }

  /** What is done to all jobs that were selected. */
  enum Many {
    /** Run again. */
    REBUILD("rebuilt", "rebuilds"),
    /** Asked to stop. */
    CANCEL("asked to stop", "cancels");

    private final String done;
    private final String flash;

    Many(String done, String flash) {
      this.done = done;
      this.flash = flash;
    }
  }

  /** Does to each selected job what can be done to it, and says to which it could not be. */
  void actOnMany(Exchange exchange, Site site, Parameters form, Many what) {
    List<JobId> chosen = chosen(form);
    List<String> refusals = new ArrayList<>();
    for (JobId id : chosen) {
      ActionResult result =
          switch (what) {
            case REBUILD -> engine.rebuild(id, exchange.visitor().who());
            case CANCEL -> engine.cancel(id, exchange.visitor().who());
          };
      if (result instanceof ActionResult.Refused(String reason)) {
        refusals.add(reason);
      }
    }
    Parameters filter = Parameters.parse(form.first("filter").orElse("")).without("done");
    if (refusals.isEmpty()) {
      exchange.redirect("/jobs" + filter.with("done", what.flash).query());
      return;
    }
    refusals.addFirst(
        "%d of %d jobs were %s. The others:"
            .formatted(chosen.size() - refusals.size(), chosen.size(), what.done));
    exchange.standAt("/jobs" + filter.query());
    list(exchange, site, filter, refusals);
  }

  private static List<JobId> chosen(Parameters form) {
    List<String> names = form.all("job").isEmpty() ? form.all("id") : form.all("job");
    if (names.isEmpty() || names.size() > JobsView.PAGE) {
      throw PageException.badRequest(
          "Select 1 to %d jobs; there were %d.".formatted(JobsView.PAGE, names.size()));
    }
    try {
      return names.stream().distinct().map(JobId::parse).toList();
    } catch (IllegalArgumentException e) {
      throw PageException.badRequest(String.valueOf(e.getMessage()));
    }
  }

  private JobSummary require(JobId id) {
    return engine
        .findJob(id)
        .orElseThrow(() -> PageException.notFound("There is no job " + id + "."));
  }

  private LogIndex requireIndex(JobId id) {
    return index(id)
        .orElseThrow(() -> PageException.notFound("The log of job " + id + " is gone."));
  }

  private Optional<LogIndex> index(JobId id) {
    synchronized (indexes) {
      LogIndex known = indexes.get(id);
      if (known != null) {
        return Optional.of(known);
      }
    }
    return engine
        .findLog(id)
        .map(
            log -> {
              synchronized (indexes) {
                return indexes.computeIfAbsent(id, _ -> new LogIndex(log));
              }
            });
  }

  LiveStreams.Feed listFeed(Exchange exchange, Site site) {
    JobsView shown = JobsView.of(engine, exchange.query(), clock.instant());
    return new ListFeed(shown, site);
  }

  LiveStreams.Feed jobFeed(Exchange exchange, JobId id, Site site) {
    JobSummary _ = require(id);
    String from =
        exchange.header("Last-Event-ID").or(() -> exchange.query().first("line")).orElse("0");
    if (!from.matches("\\d{1,15}")) {
      throw PageException.badRequest("The line must be a number.");
    }
    return new JobFeed(id, Long.parseLong(from), site, exchange.visitor());
  }

  /** Keeps the rows of a list up to date, and says how many jobs came since. */
  private final class ListFeed implements LiveStreams.Feed {
    private final JobsView shown;
    private final Site site;
    private final Patches patches = new Patches();
    private long round = -1;

    private ListFeed(JobsView shown, Site site) {
      this.shown = shown;
      this.site = site;
    }

    @Override
    public List<Event> next(Duration patience) throws InterruptedException {
      EngineControl.Overview overview = engine.awaitChange(round, patience);
      if (overview.round() == round) {
        return List.of();
      }
      round = overview.round();
      site.tell(patches, overview.result(), "Jobs");
      Instant now = clock.instant();
      for (JobView row : shown.jobs()) {
        engine
            .findJob(row.job().id())
            .map(job -> new JobView(job, false, now))
            .ifPresent(
                job ->
                    patches.html(
                        job.rowId(),
                        views.render("jobRow.jte", Map.of("job", job, "selectable", true))));
      }
      int newer = engine.countJobs(all()) - shown.total();
      patches.html("job-news", news(newer));
      return patches.take();
    }

    private JobQuery all() {
      return shown.query();
    }

    private String news(int newer) {
      return views.render(
          "jobNews.jte",
          Map.of("newer", Math.max(0, newer), "address", "/jobs" + shown.address().query()));
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

  /** Keeps a job's head up to date and sends the lines of its log as they come. */
  private final class JobFeed implements LiveStreams.Feed {
    private static final int LINES_AT_ONCE = 2_000;
    private final JobId id;
    private final Site site;
    private final Visitor visitor;
    private final Patches patches = new Patches();
    private long line;
    private boolean ended;
    private boolean first = true;

    private JobFeed(JobId id, long line, Site site, Visitor visitor) {
      this.visitor = visitor;
      this.id = id;
      this.line = line;
      this.site = site;
    }

    @Override
    public List<Event> next(Duration patience) throws IOException, InterruptedException {
      Optional<LogIndex> index = index(id);
      if (index.isEmpty()) {
        ended = true;
        return List.of();
      }
      LogMap map = index.get().refresh();
      if (!first && map.lines() == line && !map.complete()) {
        JobLog log = index.get().log();
        log.awaitGrowth(log.size(), HEAD_PACE);
        map = index.get().refresh();
      }
      first = false;
      return news(index.get(), map);
    }

    private List<Event> news(LogIndex index, LogMap map) throws IOException, InterruptedException {
      JobSummary job = require(id);
      boolean finished = job.finished().isPresent() && map.complete();
      List<Event> events = new ArrayList<>(head(job, index, map));
      long last = Math.min(map.lines(), line + LINES_AT_ONCE);
      if (last > line) {
        events.add(new Event("log", tail(index, map, job, line + 1, last)));
        line = last;
      }
      ended = finished && line == map.lines();
      return events;
    }

    private List<Event> head(JobSummary job, LogIndex index, LogMap map)
        throws IOException, InterruptedException {
      JobPageView view = view(job, Optional.of(index), map, Optional.empty());
      site.tell(patches, job.state(), view.job().title());
      patches.html("job-what", views.render("jobHead.jte", Map.of("job", view.job())));
      patches.html(
          "job-approval",
          views.render(
              "approval.jte",
              Map.of(
                  "job",
                  view.job(),
                  "threshold",
                  engine.confirmThreshold(),
                  "refusal",
                  visitor.refusal(Role.ADMIN),
                  "approver",
                  visitor.who())));
      patches.html("job-failure", views.render("failure.jte", Map.of("view", view)));
      patches.html("job-recipe", views.render("recipe.jte", Map.of("view", view)));
      patches.html("tail-text", views.render("tail.jte", Map.of("view", view)));
      patches.html(
          "job-acts",
          views.render(
              "jobActions.jte",
              Map.of(
                  "job",
                  view.job(),
                  "token",
                  visitor.token(),
                  "refusal",
                  visitor.refusal(Role.BUILDER),
                  "approvalRefusal",
                  visitor.refusal(Role.ADMIN))));
      return patches.take();
    }

    /** The lines, each with the block and the group that it belongs to. */
    private String tail(LogIndex index, LogMap map, JobSummary job, long from, long to)
        throws IOException {
      StringBuilder html = new StringBuilder();
      LogPage page = new LogPage(index.log(), map, job.state(), views);
      Tail tail = new Tail(map, page, html);
      LogLines.render(index.log(), map, from, to, tail::line);
      tail.close();
      return html.toString();
    }

    @Override
    public String position() {
      return Long.toString(line);
    }

    @Override
    public boolean isEnded() {
      return ended;
    }
  }

  /** Writes new lines as additions to blocks, which the page makes where it lacks them. */
  private static final class Tail {
    private final LogMap map;
    private final LogPage page;
    private final StringBuilder out;
    private long block = -1;

    private Tail(LogMap map, LogPage page, StringBuilder out) {
      this.map = map;
      this.page = page;
      this.out = out;
    }

    private void line(long number, String html, String text) throws IOException {
      if (map.isRecipe(number)) {
        return;
      }
      int section = map.sectionOf(number);
      if (section >= 0 && map.sections().get(section).line() == number) {
        close();
        out.append("<div data-group=\"g").append(section).append("\">");
        page.openGroup(section, true, out);
        out.append("<span id=\"L").append(number).append("\"></span></details></div>");
        return;
      }
      long start = map.blockOf(number);
      if (start != block) {
        close();
        block = start;
        out.append("<div data-block=\"p").append(start).append("\" data-in=\"");
        out.append(section < 0 ? "log" : "g" + section).append("\">");
      }
      out.append(LogPage.lineHtml(number, html, text, false));
    }

    private void close() {
      if (block >= 0) {
        out.append("</div>");
        block = -1;
      }
    }
  }
}
