package dev.millrace.engine.web;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.web.LiveStreams.Event;
import dev.millrace.engine.web.spi.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps a job's head up to date and sends the lines of its log as they come. */
final class JobFeed implements LiveStreams.Feed {
  private static final int LINES_AT_ONCE = 2_000;
  // How long a quiet log keeps the head of its page waiting.
  private static final Duration HEAD_PACE = Duration.ofSeconds(1);

  private final JobPages pages;
  private final JobLogs logs;
  private final Views views;
  private final JobId id;
  private final Site site;
  private final Visitor visitor;
  private final Patches patches = new Patches();
  private long line;
  private boolean ended;
  private boolean first = true;

  JobFeed(
      JobPages pages, JobLogs logs, Views views, JobId id, long line, Site site, Visitor visitor) {
    this.pages = pages;
    this.logs = logs;
    this.views = views;
    this.visitor = visitor;
    this.id = id;
    this.line = line;
    this.site = site;
  }

  @Override
  public List<Event> next(Duration patience) throws IOException, InterruptedException {
    Optional<LogIndex> index = logs.find(id);
    if (index.isEmpty()) {
      ended = true;
      return List.of();
    }
    LogMap map = index.get().refresh();
    if (!first && map.lines() == line && !map.complete() && !map.behind()) {
      JobLog log = index.get().log();
      log.awaitGrowth(log.size(), HEAD_PACE);
      map = index.get().refresh();
    }
    first = false;
    return news(index.get(), map);
  }

  private List<Event> news(LogIndex index, LogMap map) throws IOException, InterruptedException {
    JobSummary job = logs.requireJob(id);
    if (map.behind() || map.lines() - line > LogWindow.WHOLE_MAX) {
      return whileBehind(job, index, map);
    }
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

  /**
   * So many lines are not sent: the page says how far it is, and in the end is to be shown anew.
   */
  private List<Event> whileBehind(JobSummary job, LogIndex index, LogMap map)
      throws IOException, InterruptedException {
    ended = !map.behind();
    line = ended ? map.lines() : line;
    List<Event> events = new ArrayList<>(head(job, index, map));
    if (ended) {
      events.add(
          new Event(
              "html",
              views.render("tailRead.jte", Map.of("address", PipelineView.jobAddress(id)))));
    }
    return events;
  }

  private List<Event> head(JobSummary job, LogIndex index, LogMap map)
      throws IOException, InterruptedException {
    JobPageView view = pages.view(job, Optional.of(index), map, Optional.empty());
    site.tell(patches, job.state(), view.job().title());
    patches.html(
        "job-what", views.render("jobHead.jte", Map.of("job", view.job(), "stage", view.stage())));
    patches.html(
        "job-approval",
        views.render(
            "approval.jte",
            Map.of(
                "job",
                view.job(),
                "threshold",
                pages.threshold(),
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
