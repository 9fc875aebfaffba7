package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccessListTest {
  private static final Optional<User> MIA = Optional.of(new User("github:1", "mia"));
  private static final Optional<User> BOB = Optional.of(new User("github:2", "github:1"));

  @Test
  void whoIsNotListedHasNothing() {
    AccessList list = AccessList.of(Map.of(Role.ADMIN, List.of("github:1")));

    assertThat(Arrays.stream(Role.values()).filter(role -> list.has(MIA, role)))
        .containsExactly(Role.ADMIN);
    assertThat(Arrays.stream(Role.values()).filter(role -> list.has(BOB, role))).isEmpty();
    assertThat(Arrays.stream(Role.values()).filter(role -> list.has(Optional.empty(), role)))
        .isEmpty();
  }

  @Test
  void whatEverybodyMaySeeNeedsNoUser() {
    AccessList list =
        AccessList.of(
            Map.of(Role.VIEWER, List.of(AccessList.ANYONE), Role.BUILDER, List.of("signed-in")));

    assertThat(list.has(Optional.empty(), Role.VIEWER)).isTrue();
    assertThat(list.has(Optional.empty(), Role.BUILDER)).isFalse();
    assertThat(list.has(BOB, Role.BUILDER)).isTrue();
    assertThat(list.has(BOB, Role.ADMIN)).isFalse();
  }

  @Test
  void everybodyIsNoAdministratorAndAllThatIsWrongIsSaid() {
    assertThatThrownBy(
            () ->
                AccessList.of(
                    Map.of(Role.ADMIN, List.of("anyone", "signed-in", "mia", "github:1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            """
            The role "admin" cannot be given to "anyone": expected a user's id such as github:1234
            The role "admin" cannot be given to "signed-in": expected a user's id such as github:1234
            The role "admin" cannot be given to "mia": expected a user's id such as github:1234""");
  }
}
