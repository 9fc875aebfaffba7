package dev.millrace.engine.web;

import dev.millrace.base.Limit;
import dev.millrace.base.Limit.Scope;
import java.util.List;

/** What the pages bound. */
public final class WebLimits {
  private WebLimits() {}

  /** All of them, in the order of the document. */
  public static List<Limit> list() {
    return List.of(
        new Limit(
            "requests of whoever has signed in, else of an address",
            Scope.USER,
            "%d a second, and %,d at once".formatted(RateLimit.PER_SECOND, RateLimit.BURST),
            "429 with Retry-After"),
        new Limit(
            "the first line of a request",
            Scope.REQUEST,
            Limit.bytes(WebInterface.FIRST_LINE_MAX),
            "414, in plain text"),
        new Limit(
            "the headers of a request",
            Scope.REQUEST,
            Limit.bytes(WebInterface.HEADERS_MAX),
            "400, in plain text"),
        new Limit(
            "connections, besides those of event streams",
            Scope.PROCESS,
            "%,d".formatted(WebInterface.CONNECTIONS_MAX),
            "%,d wait to be accepted, others try again".formatted(WebInterface.BACKLOG)),
        new Limit(
                "event streams",
                Scope.PROCESS,
                "%d".formatted(WebConfig.LIVE_STREAMS_MAX_DEFAULT),
                "503 with Retry-After; the page says that it is not kept up to date")
            .withOption("--live-streams-max"),
        new Limit(
            "event streams of one address",
            Scope.ADDRESS,
            "%d".formatted(LiveStreams.PER_HOST),
            "the same"),
        new Limit(
            "the life of an event stream",
            Scope.REQUEST,
            "%d minutes".formatted(LiveStreams.LIFE.toMinutes()),
            "it ends; browsers begin another"),
        new Limit("a form", Scope.REQUEST, Limit.bytes(Exchange.FORM_BYTES_MAX), "413"),
        new Limit(
            "a form with a file", Scope.REQUEST, Limit.bytes(Exchange.FILES_BYTES_MAX), "413"),
        new Limit(
            "parts of a form with a file",
            Scope.REQUEST,
            "%d".formatted(Multipart.PARTS_MAX),
            "400"),
        new Limit(
            "parameters of an address or a form",
            Scope.REQUEST,
            "%d".formatted(Parameters.PAIRS_MAX),
            "400"),
        new Limit(
            "a session",
            Scope.USER,
            "%d days".formatted(Sessions.LIFE.toDays()),
            "it ends; sign in again"),
        new Limit(
            "the time to come back from a sign-on",
            Scope.USER,
            "%d minutes".formatted(SignOnPages.GOING_SECONDS / 60),
            "400; begin again"),
        new Limit(
            "stages in a diagram",
            Scope.PAGE,
            "%,d".formatted(PipelineView.DRAW_MAX),
            "they are listed; a filter makes them fewer"),
        new Limit(
            "stages in a diagram before its groups are folded",
            Scope.PAGE,
            "%d".formatted(PipelineView.FOLD_FROM),
            "groups without failures are folded"),
        new Limit(
            "stages on one page of the list",
            Scope.PAGE,
            "%d".formatted(PipelineView.ROWS_PAGE),
            "next page"),
        new Limit("jobs on one page", Scope.PAGE, "%d".formatted(JobsView.PAGE), "next page"),
        new Limit(
            "work of one kind on the page of the plan",
            Scope.PAGE,
            "%d".formatted(PlanView.ROWS_MAX),
            "the page says how many are not shown"),
        new Limit(
            "actions that can be paged to",
            Scope.PROCESS,
            "%,d".formatted(EnginePages.ACTIONS_PAGE * EnginePages.ACTION_PAGES_MAX),
            "older ones are in the records only"),
        new Limit(
            "lines of a log shown whole",
            Scope.PAGE,
            "%,d".formatted(LogWindow.WHOLE_MAX),
            "the first %,d and last %,d, and ranges on demand"
                .formatted(LogWindow.HEAD, LogWindow.TAIL)),
        new Limit(
            "lines of a log asked for at once",
            Scope.REQUEST,
            "%,d".formatted(LogWindow.RANGE_MAX),
            "cut"),
        new Limit(
            "a line of a log as it is shown",
            Scope.PAGE,
            Limit.bytes(LineSplitter.BYTES_MAX),
            "the page says how much more there is in the raw log"),
        new Limit(
            "how much of a log one request reads",
            Scope.REQUEST,
            Limit.bytes(LogIndex.STEP),
            "the page says how far it is"),
        new Limit(
            "lines that a search finds", Scope.REQUEST, "%,d".formatted(LogSearch.HITS_MAX), "cut"),
        new Limit(
            "jobs that a log rule is tested on",
            Scope.REQUEST,
            "%,d, for %d s".formatted(LogRulePages.JOBS_MAX, LogRulePages.PATIENCE.toSeconds()),
            "the page says how many there were"),
        new Limit(
            "what is searched for",
            Scope.REQUEST,
            "%d characters".formatted(LogSearch.CHARS_MAX),
            "400"),
        new Limit(
            "what jobs and stages are filtered by",
            Scope.REQUEST,
            "%d characters".formatted(PipelineFilter.TEXT_MAX),
            "cut"));
  }
}
