package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who asks for a page, and what they may do. Immutable.
 *
 * @param user who has signed in; empty for the local user and for everybody else
 * @param token what forms of this visitor must carry; empty for nobody's forms are taken
 * @param refusals why the roles that are lacking are
 */
record Visitor(Optional<User> user, String token, Map<Role, String> refusals) {
  /** A visitor of whom nothing is known yet. */
  static final Visitor UNKNOWN = new Visitor(Optional.empty(), "", all("Not admitted yet."));

  Visitor {
    refusals = Map.copyOf(refusals);
  }

  private static Map<Role, String> all(String reason) {
    Map<Role, String> refusals = new EnumMap<>(Role.class);
    for (Role role : Role.values()) {
      refusals.put(role, reason);
    }
    return refusals;
  }

  /** Why this visitor may not do what takes a role; empty if they may. */
  Optional<String> refusal(Role role) {
    return Optional.ofNullable(refusals.get(role));
  }

  /** Whether it is the same visitor, in the same session, who still has a role. */
  boolean isStill(Visitor now, Role role) {
    return now.token.equals(token) && now.refusal(role).isEmpty();
  }

  /** What the engine notes of who did something. */
  String who() {
    return user.map(User::id).orElse("local user");
  }
}
