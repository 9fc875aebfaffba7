package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.base.Secret;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Goal: addresses of databases are read as they are meant, and give no password away. */
class DatabaseAddressTest {
  @Test
  void everythingIsRead() {
    DatabaseAddress address =
        DatabaseAddress.parse("postgresql://me@db.example:5433/ci?sslmode=require&currentSchema=a");

    assertThat(address.host()).isEqualTo("db.example");
    assertThat(address.port()).isEqualTo(5433);
    assertThat(address.database()).isEqualTo("ci");
    assertThat(address.user()).isEqualTo("me");
    assertThat(address.password()).isEmpty();
    assertThat(address.parameters())
        .containsOnly(Map.entry("sslmode", "require"), Map.entry("currentSchema", "a"));
  }

  @Test
  void whatIsLeftOutHasADefault() {
    DatabaseAddress local = DatabaseAddress.parse("jdbc:postgresql://me@127.0.0.1/ci");
    DatabaseAddress remote = DatabaseAddress.parse("postgres://me@db.example/ci");

    assertThat(local.port()).isEqualTo(5432);
    assertThat(local.parameters()).isEmpty();
    assertThat(remote.parameters()).containsExactlyEntriesOf(Map.of("sslmode", "verify-full"));
  }

  @Test
  void aPasswordHasNoPlaceInIt() {
    assertThatThrownBy(() -> DatabaseAddress.parse("postgresql://me:sesame@localhost/ci"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("give it in a file")
        .hasMessageNotContaining("sesame");
    assertThatThrownBy(() -> DatabaseAddress.parse("postgresql://me:ses ame@localhost/ci"))
        .hasMessageContaining("expected postgresql://USER@HOST")
        .hasMessageNotContaining("ses ame");
    assertThat(
            DatabaseAddress.parse("postgresql://me@localhost/ci").withPassword(Secret.of("sesame")))
        .hasToString("postgresql://localhost:5432/ci");
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String text :
        new String[] {
          "", "ci", "mysql://me@host/ci", "postgresql://host/ci", "postgresql://me@host"
        }) {
      assertThatThrownBy(() -> DatabaseAddress.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected postgresql://USER@HOST");
    }
    assertThatThrownBy(() -> DatabaseAddress.parse("postgresql://me@host/ci?passwd=x"))
        .hasMessageContaining("\"passwd\"")
        .hasMessageContaining("sslmode");
  }
}
