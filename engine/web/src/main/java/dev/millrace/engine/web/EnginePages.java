package dev.millrace.engine.web;

import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the engine has to do, and what people did to it. */
final class EnginePages {
  /** How many actions one page shows. */
  static final int ACTIONS_PAGE = 100;

  static final int ACTION_PAGES_MAX = 100;

  private final EngineControl engine;
  private final Views views;
  private final InstantSource clock;

  private final boolean signOn;

  /** Makes them; whether people can sign in. */
  EnginePages(EngineControl engine, Views views, InstantSource clock, boolean signOn) {
    this.signOn = signOn;
    this.engine = engine;
    this.views = views;
    this.clock = clock;
  }

  void plan(Exchange exchange, Site site) {
    Frame frame = frame(exchange, site, "Plan", "/plan");
    exchange.sendHtml(
        200,
        views.render(
            "plan.jte", Map.of("frame", frame, "view", PlanView.of(engine, clock.instant()))));
  }

  void actions(Exchange exchange, Site site) {
    int page = page(exchange.query());
    List<ActionRecord> known = engine.listActions(page * ACTIONS_PAGE + 1);
    List<ActionRow> rows =
        known.stream()
            .skip((page - 1L) * ACTIONS_PAGE)
            .limit(ACTIONS_PAGE)
            .map(ActionRow::new)
            .toList();
    boolean more = known.size() > page * ACTIONS_PAGE && page < ACTION_PAGES_MAX;
    exchange.sendHtml(
        200,
        views.render(
            "actions.jte",
            Map.of(
                "frame",
                frame(exchange, site, "Actions", "/actions"),
                "people",
                signOn && page == 1
                    ? SignedIn.of(engine.signIns().list(clock.instant()))
                    : List.of(),
                "rows",
                rows,
                "newer",
                page > 1 ? Optional.of(address(page - 1)) : Optional.empty(),
                "older",
                more ? Optional.of(address(page + 1)) : Optional.empty(),
                "now",
                clock.instant())));
  }

  /** Ends the sessions of one user. Open pages of theirs hear nothing more some seconds later. */
  void endSessions(Exchange exchange, Parameters form) throws InterruptedException {
    String user =
        form.first("user")
            .filter(id -> !id.isBlank())
            .orElseThrow(
                () -> PageException.badRequest("The form must say whose sessions are to end."));
    try {
      engine.signIns().removeAll(user, exchange.visitor().who());
    } catch (EngineException e) {
      throw PageException.unavailable(String.valueOf(e.getMessage()));
    }
    exchange.redirect("/actions?done=sessions");
  }

  private static String address(int page) {
    return page == 1 ? "/actions" : "/actions?page=" + page;
  }

  private static int page(Parameters query) {
    String text = query.first("page").orElse("1");
    if (!text.matches("\\d{1,4}")) {
      throw PageException.badRequest("The page must be a number.");
    }
    return Math.clamp(Integer.parseInt(text), 1, ACTION_PAGES_MAX);
  }

  private Frame frame(Exchange exchange, Site site, String title, String section) {
    return site.frame(
        exchange,
        title,
        Optional.of(engine.overview().result()),
        section,
        List.of(),
        false,
        Optional.empty(),
        false);
  }
}
