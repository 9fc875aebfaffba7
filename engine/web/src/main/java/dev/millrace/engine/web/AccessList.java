package dev.millrace.engine.web;

import dev.millrace.engine.web.spi.Access;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Roles by list: whoever is not on it has none. Immutable. */
public final class AccessList implements Access {
  /** Stands for everybody, also those who have not signed in. */
  public static final String ANYONE = "anyone";

  /** Stands for everybody who has signed in. */
  public static final String SIGNED_IN = "signed-in";

  private final Map<Role, Set<String>> grants;

  private AccessList(Map<Role, Set<String>> grants) {
    this.grants = grants;
  }

  /**
   * A list.
   *
   * @param grants for each role the ids of users, such as {@code github:1234}, {@link #SIGNED_IN},
   *     or to see pages and metrics {@link #ANYONE}
   * @throws IllegalArgumentException if a role would be given to more than it may, or something is
   *     no id; says all that is wrong, for users
   */
  public static AccessList of(Map<Role, List<String>> grants) {
    Map<Role, Set<String>> copy = new EnumMap<>(Role.class);
    List<String> problems = new ArrayList<>();
    grants.forEach(
        (role, people) -> {
          people.forEach(who -> problem(role, who).ifPresent(problems::add));
          copy.put(role, Set.copyOf(people));
        });
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", problems));
    }
    return new AccessList(copy);
  }

  private static Optional<String> problem(Role role, String who) {
    boolean looks = role == Role.VIEWER || role == Role.MONITOR;
    boolean good =
        switch (who) {
          case ANYONE -> looks;
          case SIGNED_IN -> role != Role.ADMIN;
          default -> who.matches("[a-z0-9]{1,40}:[\\x21-\\x7e]{1,150}");
        };
    return good
        ? Optional.empty()
        : Optional.of(
            "The role \"%s\" cannot be given to \"%s\": expected %sa user's id such as github:1234"
                .formatted(role, who, looks ? "anyone, signed-in or " : ""));
  }

  @Override
  public boolean has(Optional<User> user, Role role) {
    Set<String> people = grants.getOrDefault(role, Set.of());
    return people.contains(ANYONE)
        || user.filter(known -> people.contains(SIGNED_IN) || people.contains(known.id()))
            .isPresent();
  }
}
