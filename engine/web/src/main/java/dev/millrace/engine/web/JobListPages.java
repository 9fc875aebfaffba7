package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.ActionResult;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.web.LiveStreams.Event;
import dev.millrace.engine.web.spi.Role;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The list of jobs, and what may be done to those that are selected in it. */
final class JobListPages {
  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;

  JobListPages(EngineControl engine, Views views, InstantSource clock) {
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

  LiveStreams.Feed feed(Exchange exchange, Site site) {
    JobsView shown = JobsView.of(engine, exchange.query(), clock.instant());
    return new Feed(shown, site);
  }

  /** Keeps the rows of a list up to date, and says how many jobs came since. */
  private final class Feed implements LiveStreams.Feed {
    private final JobsView shown;
    private final Site site;
    private final Patches patches = new Patches();
    private long round = -1;

    private Feed(JobsView shown, Site site) {
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
}
