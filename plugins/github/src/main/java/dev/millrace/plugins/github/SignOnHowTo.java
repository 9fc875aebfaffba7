package dev.millrace.plugins.github;

import dev.millrace.engine.web.spi.Markup;
import dev.millrace.engine.web.spi.WebPage;
import java.util.List;
import java.util.Optional;

/** What stands at {@code /login} where nobody can sign in: how an administrator changes that. */
public final class SignOnHowTo implements WebPage {
  private static final Markup CONTENT =
      new Markup(
          """
          <p>Nobody can sign in here: this site was started without a sign-on. Whoever runs it can have visitors sign in with GitHub:</p>
          <ol class="plain">
          <li>Register an OAuth app at <a href="https://github.com/settings/developers">github.com/settings/developers</a>. Its callback address is <code>https://YOUR-HOST/login/github</code>.</li>
          <li>Put the client secret into a file that only you can read.</li>
          <li>Start again with the options below. People are named by the number of their account, which <code>https://api.github.com/users/NAME</code> shows as <code>id</code>.</li>
          </ol>
          <pre class="said" tabindex="0" role="region" aria-label="Options">--public-url https://YOUR-HOST
          --github-client-id ID
          --github-client-secret-file FILE
          --admin github:NUMBER
          --viewer anyone</pre>
          """);

  @Override
  public String route() {
    return "/login";
  }

  @Override
  public Optional<String> navLabel() {
    return Optional.empty();
  }

  @Override
  public Optional<Body> show(Request request) {
    return Optional.of(new Body("Sign-on", Optional.empty(), List.of(), CONTENT, false));
  }
}
