package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.Access;
import dev.millrace.engine.web.spi.SignOn;
import java.net.URI;
import java.util.List;

/**
 * How visitors sign in.
 *
 * @param provider the site that knows them
 * @param access which roles they have
 * @param publicAddress where browsers find this site: {@code https://ci.example.org}; http only on
 *     this machine, because whoever sees a session's key has the session
 */
public record SignOnConfig(SignOn provider, Access access, URI publicAddress) {
  /** Checks. */
  public SignOnConfig {
    if (!provider.name().matches("[a-z0-9]{1,40}")) {
      throw new IllegalArgumentException(
          "The sign-on's name must have 1 to 40 lower-case letters and digits, was \""
              + provider.name()
              + "\"");
    }
    String host = String.valueOf(publicAddress.getHost());
    boolean safe =
        "https".equals(publicAddress.getScheme())
            || ("http".equals(publicAddress.getScheme()) && Protection.isLoopback(host));
    if (!safe || !List.of("", "/").contains(String.valueOf(publicAddress.getPath()))) {
      throw new IllegalArgumentException(
          "The public address must be as https://ci.example.org (http on this machine only), was \""
              + publicAddress
              + "\"");
    }
  }

  /** Whether browsers may send the session's key over encrypted connections only. */
  boolean isSecure() {
    return publicAddress.getScheme().equals("https");
  }

  /**
   * What a cookie is called. Browsers take one with the prefix {@code __Host-} only from this very
   * host, over an encrypted connection and for all of it; where that cannot be, it has the two
   * underscores of the originals' name.
   */
  String cookie(String name) {
    return (isSecure() ? "__Host-" : "__") + name;
  }

  /** Where the other site sends browsers back to. */
  URI back() {
    return publicAddress.resolve("/login/" + provider.name());
  }
}
