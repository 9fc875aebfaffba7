package dev.millrace.engine.web;

import dev.millrace.base.Limit;
import java.util.List;

/** What the pages bound. */
public final class WebLimits {
  private WebLimits() {}

  /** All of them, in the order of the document. */
  public static List<Limit> list() {
    return List.of(
        new Limit(
            "requests of one visitor (whoever has signed in, else an address)",
            "%d a second, and %,d at once".formatted(RateLimit.PER_SECOND, RateLimit.BURST),
            "429 with Retry-After"),
        new Limit(
            "connections, besides those of event streams",
            "%,d".formatted(WebInterface.CONNECTIONS_MAX),
            "they wait to be accepted"),
        new Limit(
                "event streams",
                "%d".formatted(WebConfig.LIVE_STREAMS_MAX_DEFAULT),
                "503 with Retry-After; the page says that it is not kept up to date")
            .withOption("--live-streams-max"),
        new Limit("event streams of one address", "%d".formatted(LiveStreams.PER_HOST), "the same"),
        new Limit(
            "the life of an event stream",
            "%d minutes".formatted(LiveStreams.LIFE.toMinutes()),
            "it ends; browsers begin another"),
        new Limit("a form", Limit.bytes(Exchange.FORM_BYTES_MAX), "413"),
        new Limit("a form with a file", Limit.bytes(Exchange.FILES_BYTES_MAX), "413"),
        new Limit(
            "parameters of an address or a form", "%d".formatted(Parameters.PAIRS_MAX), "400"),
        new Limit(
            "a session", "%d days".formatted(Sessions.LIFE.toDays()), "it ends; sign in again"),
        new Limit(
            "the time to come back from a sign-on",
            "%d minutes".formatted(SignOnPages.GOING_SECONDS / 60),
            "400; begin again"),
        new Limit(
            "stages in a diagram",
            "%,d".formatted(PipelineView.DRAW_MAX),
            "they are listed; a filter makes them fewer"),
        new Limit(
            "stages in a diagram before its groups are folded",
            "%d".formatted(PipelineView.FOLD_FROM),
            "groups without failures are folded"),
        new Limit(
            "stages on one page of the list", "%d".formatted(PipelineView.ROWS_PAGE), "next page"),
        new Limit("jobs on one page", "%d".formatted(JobsView.PAGE), "next page"),
        new Limit(
            "work of one kind on the page of the plan",
            "%d".formatted(PlanView.ROWS_MAX),
            "the page says how many are not shown"),
        new Limit(
            "actions that can be paged to",
            "%,d".formatted(EnginePages.ACTIONS_PAGE * EnginePages.ACTION_PAGES_MAX),
            "older ones are in the records only"),
        new Limit(
            "lines of a log shown whole",
            "%,d".formatted(LogWindow.WHOLE_MAX),
            "the first %,d and last %,d, and ranges on demand"
                .formatted(LogWindow.HEAD, LogWindow.TAIL)),
        new Limit("lines of a log asked for at once", "%,d".formatted(LogWindow.RANGE_MAX), "cut"),
        new Limit(
            "a line of a log as it is shown",
            Limit.bytes(LineSplitter.BYTES_MAX),
            "the page says how much more there is in the raw log"),
        new Limit(
            "how much of a log one request reads",
            Limit.bytes(LogIndex.STEP),
            "the page says how far it is"),
        new Limit("lines that a search finds", "%,d".formatted(LogSearch.HITS_MAX), "cut"),
        new Limit("what is searched for", "%d characters".formatted(LogSearch.CHARS_MAX), "400"));
  }
}
