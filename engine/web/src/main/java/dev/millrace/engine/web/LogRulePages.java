package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineException;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobQuery;
import dev.millrace.engine.core.JobSummary;
import dev.millrace.engine.core.LogMatch;
import dev.millrace.engine.core.LogRule;
import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.RulesView.Hit;
import dev.millrace.engine.web.RulesView.Trial;
import dev.millrace.engine.web.spi.Role;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/** The log rules: their list, a form to change and test them, and their table as a file. */
final class LogRulePages {
  static final int HITS_SHOWN = 100;
  static final int JOBS_MAX = 10_000;
  private static final int JOBS_AT_ONCE = 1_000;
  static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Set<StageState> ENDED =
      Set.of(StageState.PASSED, StageState.FAILED, StageState.ERROR, StageState.CANCELLED);

  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Semaphore trials = new Semaphore(1);

  LogRulePages(EngineControl engine, Views views, InstantSource clock, LongSupplier ticker) {
    this.engine = engine;
    this.views = views;
    this.clock = clock;
    this.ticker = ticker;
  }

  void show(Exchange exchange, Site site) {
    String wanted = exchange.query().first("pattern").orElse("");
    RuleForm form =
        engine.logRules().list().stream()
            .filter(rule -> rule.pattern().equals(wanted))
            .findFirst()
            .map(RuleForm::of)
            .orElse(RuleForm.EMPTY)
            .withJob(exchange.query().first("job").orElse(""));
    send(exchange, site, 200, form, List.of(), Optional.empty());
  }

  private void send(
      Exchange exchange,
      Site site,
      int status,
      RuleForm form,
      List<String> problems,
      Optional<Trial> trial) {
    Frame frame =
        site.frame(
            exchange,
            "Log rules",
            Optional.of(engine.overview().result()),
            "/log-rules",
            List.of(),
            false,
            Optional.empty(),
            false);
    RulesView view = new RulesView(engine.logRules().list(), form, problems, trial);
    exchange.sendHtml(
        status,
        views.render(
            "rules.jte",
            Map.of(
                "frame", frame, "view", view, "refusal", exchange.visitor().refusal(Role.ADMIN))));
  }

  /** All rules as a file. */
  void table(Exchange exchange) {
    exchange.setHeader("Content-Disposition", "attachment; filename=\"rules.csv\"");
    exchange.sendText(200, "text/csv; charset=utf-8", RuleTable.write(engine.logRules().list()));
  }

  /** Does what the button says that was pressed. */
  void change(Exchange exchange, Site site, Parameters form)
      throws IOException, InterruptedException {
    RuleForm filled = RuleForm.of(form);
    String who = exchange.visitor().who();
    try {
      if (form.first("import").isPresent()) {
        importTable(exchange, site, form.first("import").get(), who);
      } else if (form.first("test").isPresent()) {
        test(exchange, site, filled);
      } else if (form.first("add").isPresent()) {
        add(exchange, site, filled, who);
      } else if (form.first("remove").isPresent()) {
        remove(exchange, filled, who);
      } else {
        throw PageException.badRequest("The form must say test, add, remove or import.");
      }
    } catch (EngineException e) {
      throw PageException.unavailable(String.valueOf(e.getMessage()));
    }
  }

  private void importTable(Exchange exchange, Site site, String table, String who)
      throws InterruptedException {
    RuleTable.Read read = RuleTable.read(table);
    List<String> problems = read.problems();
    if (problems.isEmpty()) {
      problems = put(read.rules(), who);
    }
    if (problems.isEmpty()) {
      exchange.redirect("/log-rules?done=import");
    } else {
      send(exchange, site, 400, RuleForm.EMPTY, problems, Optional.empty());
    }
  }

  private void add(Exchange exchange, Site site, RuleForm form, String who)
      throws InterruptedException {
    List<String> problems = form.problems();
    if (problems.isEmpty()) {
      problems = put(List.of(form.rule()), who);
    }
    if (problems.isEmpty()) {
      exchange.redirect("/log-rules?done=rule");
    } else {
      send(exchange, site, 400, form, problems, Optional.empty());
    }
  }

  /** Stores rules; what keeps them from being stored. */
  private List<String> put(List<LogRule> rules, String who) throws InterruptedException {
    try {
      engine.logRules().put(rules, who);
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private void remove(Exchange exchange, RuleForm form, String who) throws InterruptedException {
    if (!engine.logRules().remove(form.pattern(), who)) {
      throw PageException.badRequest(
          "There is no log rule with the pattern \"" + form.pattern() + "\".");
    }
    exchange.redirect("/log-rules?done=unrule");
  }

  private void test(Exchange exchange, Site site, RuleForm form) throws IOException {
    List<String> problems = form.forTest().problems();
    if (!problems.isEmpty()) {
      send(exchange, site, 400, form, problems, Optional.empty());
      return;
    }
    if (!trials.tryAcquire()) {
      throw PageException.busy("Somebody else tests a log rule at this moment.");
    }
    try {
      Trial trial = new Search(form.forTest().rule()).run(form.job());
      send(exchange, site, 200, form, List.of(), Optional.of(trial));
    } finally {
      trials.release();
    }
  }

  /** One test of one rule. */
  private final class Search {
    private final LogRule rule;
    private final Instant now = clock.instant();
    private final long end = ticker.getAsLong() + PATIENCE.toNanos();
    private final List<Hit> hits = new ArrayList<>();
    private int found;
    private int searched;

    private Search(LogRule rule) {
      this.rule = rule;
    }

    private Trial run(String only) throws IOException {
      if (!only.isBlank()) {
        look(require(only));
        return new Trial(hits, found, searched, isInTime());
      }
      for (int from = 0; from < JOBS_MAX && isInTime(); from += JOBS_AT_ONCE) {
        List<JobSummary> jobs =
            engine.listJobs(new JobQuery("", ENDED, Optional.empty(), from, JOBS_AT_ONCE));
        for (JobSummary job : jobs) {
          if (isInTime()) {
            look(job);
          }
        }
        if (jobs.size() < JOBS_AT_ONCE) {
          break;
        }
      }
      return new Trial(hits, found, searched, isInTime());
    }

    private boolean isInTime() {
      return left().isPositive();
    }

    private Duration left() {
      return Duration.ofNanos(end - ticker.getAsLong());
    }

    private void look(JobSummary job) throws IOException {
      Optional<JobLog> log = engine.findLog(job.id());
      if (log.isEmpty()) {
        return;
      }
      searched++;
      Optional<LogMatch> match = rule.findIn(log.get(), left());
      if (match.isPresent()) {
        found++;
        if (hits.size() < HITS_SHOWN) {
          hits.add(new Hit(new JobView(job, false, now), match.get()));
        }
      }
    }

    private JobSummary require(String text) {
      try {
        JobId id = JobId.parse(text);
        return engine.findJob(id).orElseThrow(() -> unknown(text));
      } catch (IllegalArgumentException e) {
        throw unknown(text);
      }
    }

    private static PageException unknown(String text) {
      return PageException.badRequest(
          "There is no job \"" + LabelText.shorten(text, 120) + "\" to test the rule on.");
    }
  }
}
