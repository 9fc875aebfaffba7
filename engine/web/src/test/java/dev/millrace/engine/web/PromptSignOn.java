package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.SignOn;
import dev.millrace.engine.web.spi.User;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * A sign-on that sends everybody straight back, as the user that the test says. Thread-safe.
 *
 * <p>The code that comes back is the user's name; {@code nobody} is refused, and {@code broken}
 * cannot be asked for.
 */
final class PromptSignOn implements SignOn {
  // Set by the test's thread, read by those that serve.
  private volatile String next = "mia";

  void setNext(String name) {
    next = name;
  }

  @Override
  public String name() {
    return "prompt";
  }

  @Override
  public String label() {
    return "Prompt";
  }

  @Override
  public URI begin(String state, URI back) {
    return URI.create(back + "?code=" + next + "&state=" + state);
  }

  @Override
  public Answer finish(Map<String, List<String>> query, URI back) throws IOException {
    String code = query.getOrDefault("code", List.of("nobody")).getFirst();
    return switch (code) {
      case "nobody" -> new Answer.Refused("Prompt does not know you.");
      case "broken" -> throw new IOException("it does not answer");
      default -> new Answer.Known(new User("prompt:" + code, code));
    };
  }
}
