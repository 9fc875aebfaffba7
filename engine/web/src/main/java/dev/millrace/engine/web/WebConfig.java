package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.WebPage;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * How an engine's web interface is served.
 *
 * @param siteName what the pages call this site
 * @param subject what the site is about at this moment, such as a project and the commit that is
 *     tested; shown on all pages and in their titles. Asked by any thread, for each page and after
 *     each round: it must answer at once
 * @param version what the footer says of the program
 * @param host the address to listen on
 * @param port the port to listen on; 0 for any free one
 * @param hostNames names besides those of the loopback interface under which browsers may reach a
 *     server that listens on loopback, such as a reverse proxy's
 * @param actions who may change something
 * @param signOn how visitors sign in; empty if they cannot
 * @param pages what a service adds
 * @param liveStreamsMax how many event streams are served at once
 */
public record WebConfig(
    String siteName,
    Supplier<Optional<String>> subject,
    String version,
    String host,
    int port,
    Set<String> hostNames,
    Actions actions,
    Optional<SignOnConfig> signOn,
    List<WebPage> pages,
    int liveStreamsMax) {
  /** The port of the originals. */
  public static final int PORT_DEFAULT = 8080;

  /** Loopback only. */
  public static final String HOST_DEFAULT = "127.0.0.1";

  /** Enough for a site that many people watch; each costs a connection and a virtual thread. */
  public static final int LIVE_STREAMS_MAX_DEFAULT = 512;

  /** Who may rebuild, cancel, approve and set the threshold. */
  public enum Actions {
    /** Nobody, whatever roles they have. */
    NONE,
    /**
     * With a sign-on: whoever has the role. Without: whoever comes directly from this machine,
     * while the server listens on loopback only; nobody otherwise.
     */
    LOCAL_USER
  }

  /** Checks and copies. */
  public WebConfig {
    hostNames = Set.copyOf(hostNames);
    pages = List.copyOf(pages);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("The port must be 0 to 65535, was " + port);
    }
    if (liveStreamsMax < 1) {
      throw new IllegalArgumentException(
          "liveStreamsMax must be at least 1, was " + liveStreamsMax);
    }
  }

  /** Loopback, port 8080, the local user may act. */
  public static WebConfig defaults() {
    return new WebConfig(
        "Millrace",
        Optional::empty,
        "",
        HOST_DEFAULT,
        PORT_DEFAULT,
        Set.of(),
        Actions.LOCAL_USER,
        Optional.empty(),
        List.of(),
        LIVE_STREAMS_MAX_DEFAULT);
  }

  /** With this site name. */
  public WebConfig withSiteName(String name) {
    return new WebConfig(
        name, subject, version, host, port, hostNames, actions, signOn, pages, liveStreamsMax);
  }

  /** Saying this of what it is about. */
  public WebConfig withSubject(Supplier<Optional<String>> now) {
    return new WebConfig(
        siteName, now, version, host, port, hostNames, actions, signOn, pages, liveStreamsMax);
  }

  /** With this version in the footer. */
  public WebConfig withVersion(String text) {
    return new WebConfig(
        siteName, subject, text, host, port, hostNames, actions, signOn, pages, liveStreamsMax);
  }

  /** Listening here. */
  public WebConfig withAddress(String newHost, int newPort) {
    return new WebConfig(
        siteName,
        subject,
        version,
        newHost,
        newPort,
        hostNames,
        actions,
        signOn,
        pages,
        liveStreamsMax);
  }

  /** Reachable on loopback under these names too. */
  public WebConfig withHostNames(Set<String> names) {
    return new WebConfig(
        siteName, subject, version, host, port, names, actions, signOn, pages, liveStreamsMax);
  }

  /** With this rule on who may act. */
  public WebConfig withActions(Actions rule) {
    return new WebConfig(
        siteName, subject, version, host, port, hostNames, rule, signOn, pages, liveStreamsMax);
  }

  /** With visitors signing in. */
  public WebConfig withSignOn(SignOnConfig config) {
    return new WebConfig(
        siteName,
        subject,
        version,
        host,
        port,
        hostNames,
        actions,
        Optional.of(config),
        pages,
        liveStreamsMax);
  }

  /** With these pages of a service. */
  public WebConfig withPages(List<WebPage> more) {
    return new WebConfig(
        siteName, subject, version, host, port, hostNames, actions, signOn, more, liveStreamsMax);
  }

  /** With this limit on event streams. */
  public WebConfig withLiveStreamsMax(int max) {
    return new WebConfig(
        siteName, subject, version, host, port, hostNames, actions, signOn, pages, max);
  }
}
