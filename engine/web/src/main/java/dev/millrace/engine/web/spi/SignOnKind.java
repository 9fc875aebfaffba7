package dev.millrace.engine.web.spi;

import dev.millrace.base.Secret;
import java.net.URI;

/**
 * A kind of site to sign in with, as programs offer it among their options: {@code
 * --NAME-client-id} and so on. Named in {@code META-INF/services}, it is offered wherever its
 * plugin is on the class path. Immutable.
 */
public interface SignOnKind {
  /** As {@link SignOn#name}; ids of users begin with it and a colon. */
  String name();

  /** As {@link SignOn#label}. */
  String label();

  /** The site that everybody means. */
  URI site();

  /**
   * A sign-on at one site.
   *
   * @throws IllegalArgumentException if it cannot be meant, in words for users
   */
  SignOn create(URI site, String clientId, Secret clientSecret);

  /**
   * Checks an id of a user; returns it.
   *
   * @throws IllegalArgumentException if it names nobody for ever, in words for users
   */
  String requireUserId(String id);

  /** What stands at {@code /login} where nobody can sign in: how an administrator changes that. */
  WebPage howTo();
}
