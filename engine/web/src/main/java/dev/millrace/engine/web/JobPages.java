package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.ActionResult;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.Level;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A job's page with its log, and what may be done to a job. */
final class JobPages {
  private static final int HISTORY = 15;
  private static final int PAGE_CHUNK = 64 * 1024;

  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;
  private final JobLogs logs;
  private final LogSearch search;

  JobPages(EngineControl engine, Views views, InstantSource clock, JobLogs logs, LogSearch search) {
    this.logs = logs;
    this.search = search;
    this.engine = engine;
    this.views = views;
    this.clock = clock;
  }

  void show(Exchange exchange, Site site, JobId id) throws IOException, InterruptedException {
    JobSummary job = logs.requireJob(id);
    Optional<LogIndex> index = logs.find(id);
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
    LogWindow window = JobLogPages.window(exchange, map);
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
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), PAGE_CHUNK);
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

  JobPageView view(JobSummary job, Optional<LogIndex> index, LogMap map, Optional<String> find)
      throws IOException, InterruptedException {
    Instant now = clock.instant();
    JobView shown = new JobView(job, true, now);
    List<JobView> history =
        engine.listHistory(job.id(), HISTORY).stream()
            .map(other -> new JobView(other, other.id().equals(job.id()), now))
            .toList();
    Optional<String> wanted = find.map(LabelText::visible).filter(text -> !text.isBlank());
    List<LogSearch.Hit> hits =
        wanted.isPresent() && index.isPresent()
            ? search.find(index.get().log(), map, wanted.get(), shown.address())
            : List.of();
    return new JobPageView(
        shown,
        engine.findReason(job.id()).map(WhyView::of),
        job.live() ? stageOf(job.id()) : Optional.empty(),
        map,
        history,
        shown.isFailure() && index.isPresent() ? excerpt(index.get(), map) : List.of(),
        wanted,
        hits);
  }

  private Optional<String> stageOf(JobId id) {
    return engine.wholeDiagram().nodes().stream()
        .filter(node -> node.job().equals(Optional.of(id)))
        .findFirst()
        .map(node -> StageView.address(node.id()));
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

  LiveStreams.Feed feed(Exchange exchange, JobId id, Site site) {
    JobSummary _ = logs.requireJob(id);
    String from =
        exchange.header("Last-Event-ID").or(() -> exchange.query().first("line")).orElse("0");
    if (!from.matches("\\d{1,15}")) {
      throw PageException.badRequest("The line must be a number.");
    }
    return new JobFeed(this, logs, views, id, Long.parseLong(from), site, exchange.visitor());
  }

  /** The level at and above which jobs wait for approval. */
  Optional<Level> threshold() {
    return engine.confirmThreshold();
  }
}
