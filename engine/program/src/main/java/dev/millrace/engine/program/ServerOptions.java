package dev.millrace.engine.program;

import dev.millrace.engine.web.WebConfig;
import picocli.CommandLine.Option;

/** The options of the pages on a command line, for picocli's {@code @Mixin}. */
public final class ServerOptions {
  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = WebConfig.HOST_DEFAULT,
      description =
          "Serve on this address (default: ${DEFAULT-VALUE}). Without a sign-on, pages are read-only beyond loopback.")
  private String host = WebConfig.HOST_DEFAULT;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + WebConfig.PORT_DEFAULT,
      description = "Serve on this port, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port = WebConfig.PORT_DEFAULT;

  @Option(
      names = "--live-streams-max",
      paramLabel = "N",
      defaultValue = "" + WebConfig.LIVE_STREAMS_MAX_DEFAULT,
      description =
          "Keep at most N open pages up to date at once; others say that they are not (default: ${DEFAULT-VALUE}).")
  private int liveStreamsMax = WebConfig.LIVE_STREAMS_MAX_DEFAULT;

  /** The address to serve on. */
  public String host() {
    return host;
  }

  /** The port to serve on; 0 for any free one. */
  public int port() {
    return port;
  }

  /**
   * A configuration with what was given.
   *
   * @throws CommandException if it cannot be meant
   */
  public WebConfig apply(WebConfig config) {
    if (port < 0 || port > 65_535) {
      throw CommandException.usage("Cannot serve on port %d: expected 0 to 65535".formatted(port));
    }
    try {
      return config.withAddress(host, port).withLiveStreamsMax(liveStreamsMax);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }
}
