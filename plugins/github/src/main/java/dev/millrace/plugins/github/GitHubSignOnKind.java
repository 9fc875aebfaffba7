package dev.millrace.plugins.github;

import dev.millrace.base.Secret;
import dev.millrace.engine.web.spi.SignOn;
import dev.millrace.engine.web.spi.SignOnKind;
import dev.millrace.engine.web.spi.WebPage;
import java.net.URI;

/** Offers {@link GitHubSignOn} among the options of programs. Immutable. */
public final class GitHubSignOnKind implements SignOnKind {
  @Override
  public String name() {
    return GitHubSignOn.NAME;
  }

  @Override
  public String label() {
    return GitHubSignOn.LABEL;
  }

  @Override
  public URI site() {
    return GitHubSignOnConfig.PUBLIC;
  }

  @Override
  public SignOn create(URI site, String clientId, Secret clientSecret) {
    return GitHubSignOn.create(GitHubSignOnConfig.of(clientId, clientSecret).withSite(site));
  }

  @Override
  public String requireUserId(String id) {
    return GitHubSignOn.requireUserId(id);
  }

  @Override
  public WebPage howTo() {
    return new SignOnHowTo();
  }
}
