package dev.millrace.engine.web.spi;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Another site that knows who somebody is (as OAuth 2 has it): the browser is sent there, and comes
 * back with what the site says. Called from any thread.
 */
public interface SignOn {
  /** Its name in addresses: lower-case letters and digits. The way back is {@code /login/NAME}. */
  String name();

  /** What people call it: {@code GitHub}. */
  String label();

  /**
   * Where to send the browser.
   *
   * @param state must come back in the query as {@code state}
   * @param back the address to come back to
   */
  URI begin(String state, URI back);

  /**
   * Finds out who came back. The state has been checked.
   *
   * @param query the parameters that the browser came back with
   * @param back the address that it came back to, as {@link #begin} was told
   * @throws IOException if the other site cannot be asked; the message says why, without secrets
   */
  Answer finish(Map<String, List<String>> query, URI back) throws IOException, InterruptedException;

  /** What the other site says. */
  sealed interface Answer {
    /** It is this user. */
    record Known(User user) implements Answer {}

    /** It does not say who; {@code reason} is for people. */
    record Refused(String reason) implements Answer {}
  }
}
