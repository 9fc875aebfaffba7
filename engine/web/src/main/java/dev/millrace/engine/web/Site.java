package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import dev.millrace.engine.web.spi.WebPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What all pages of one site share: its name, what it is about, its sections, who may act.
 * Thread-safe.
 */
final class Site {
  private static final Map<String, String> DONE =
      Map.ofEntries(
          Map.entry("threshold", "The approval level was set."),
          Map.entry("rebuild", "Rebuilding: this is the new job."),
          Map.entry("cancel", "The job was asked to stop."),
          Map.entry("rebuilds", "The selected jobs are rebuilt."),
          Map.entry("cancels", "The selected jobs were asked to stop."),
          Map.entry("start", "The job was approved."),
          Map.entry("rule", "The log rule was stored. It holds for jobs that end from now on."),
          Map.entry("unrule", "The log rule was removed."),
          Map.entry("sessions", "The sessions were ended."),
          Map.entry("import", "The log rules of the file were stored."));

  private static final int SUBJECT_MAX = 200;

  private final Frame.Site frameSite;

  /** With the sections that only administrators have. */
  private final Frame.Site adminSite;

  private final Supplier<Optional<String>> subject;
  private final Optional<SignOnConfig> signOn;
  private final Views views;

  Site(WebConfig config, Assets assets, Views views) {
    this.subject = config.subject();
    this.views = views;
    List<Map.Entry<String, String>> sections = new ArrayList<>();
    sections.add(Map.entry("Pipeline", "/"));
    sections.add(Map.entry("Jobs", "/jobs"));
    sections.add(Map.entry("Plan", "/plan"));
    sections.add(Map.entry("Log rules", "/log-rules"));
    for (WebPage page : config.pages()) {
      page.navLabel().ifPresent(label -> sections.add(Map.entry(label, page.route())));
    }
    this.frameSite =
        new Frame.Site(config.siteName(), config.version(), List.copyOf(sections), assets);
    sections.add(Map.entry("Actions", "/actions"));
    this.adminSite =
        new Frame.Site(config.siteName(), config.version(), List.copyOf(sections), assets);
    this.signOn = config.signOn();
  }

  /** Tells an open page what its frame shows now. */
  void tell(Patches patches, StageState state, String title) {
    Optional<String> about = subject();
    patches.meta(
        Frame.pageTitle(Optional.of(state), title, about, frameSite.name()),
        frameSite.assets().icon(state),
        frameSite.assets().picture(state));
    patches.html("subject", views.render("subject.jte", Map.of("subject", about)));
  }

  private Optional<String> subject() {
    return subject
        .get()
        .map(text -> LabelText.clip(LabelText.visible(text).strip(), SUBJECT_MAX))
        .filter(text -> !text.isEmpty());
  }

  /** The frame of a page that writes its own heading. */
  Frame frame(
      Exchange exchange,
      String title,
      Optional<StageState> state,
      String section,
      List<Map.Entry<String, String>> crumbs,
      boolean wide,
      Optional<String> live,
      boolean running) {
    return new Frame(
        exchange.visitor().refusal(Role.ADMIN).isEmpty() ? adminSite : frameSite,
        title,
        exchange.visitor().refusal(Role.VIEWER).isEmpty() ? subject() : Optional.empty(),
        false,
        state,
        section,
        crumbs,
        wide,
        live,
        running,
        exchange.query().first("done").flatMap(key -> Optional.ofNullable(DONE.get(key))),
        theme(exchange),
        exchange.address(),
        exchange.visitor().token(),
        exchange.visitor().user().map(User::name),
        signIn(exchange));
  }

  /** The frame of a page whose title is its heading. */
  Frame headed(Frame frame) {
    return new Frame(
        frame.site(),
        frame.title(),
        frame.subject(),
        true,
        frame.state(),
        frame.section(),
        frame.crumbs(),
        frame.wide(),
        frame.live(),
        frame.running(),
        frame.flash(),
        frame.theme(),
        frame.address(),
        frame.token(),
        frame.user(),
        frame.signIn());
  }

  /** What leads an unknown visitor to the sign-on, and back to this page. */
  private Optional<Map.Entry<String, String>> signIn(Exchange exchange) {
    boolean known = exchange.visitor().user().isPresent();
    boolean shows = !exchange.method().equals("POST") && !exchange.path().startsWith("/login");
    String back = shows ? exchange.address() : "/";
    return signOn
        .filter(_ -> !known)
        .map(
            config ->
                Map.entry(
                    "Sign in with " + config.provider().label(),
                    "/login?back=" + Parameters.encode(back)));
  }

  private static Optional<String> theme(Exchange exchange) {
    return exchange.cookie("theme").filter(value -> value.equals("light") || value.equals("dark"));
  }
}
