package dev.millrace.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.engine.core.SignIns.SignIn;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Goal: who is signed in stays so over restarts, and not for longer than told. */
class SignInsTest {
  private static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
  private static final SignIn MIA = new SignIn("d1", "test:mia", "Mia", NOON.plusSeconds(10));
  private static final SignIn BOB = new SignIn("d2", "test:bob", "Bob", NOON.plusSeconds(20));

  @TempDir Path state;

  private TestEngine engine() {
    return TestEngine.start(state, _ -> Current.of("nothing"));
  }

  @Test
  void theyOutliveTheProcess() throws InterruptedException {
    try (TestEngine engine = engine()) {
      engine.control().signIns().put(MIA, NOON);
      engine.control().signIns().put(BOB, NOON);
      assertThat(engine.control().signIns().find("d1")).contains(MIA);
    }

    try (TestEngine engine = engine()) {
      assertThat(engine.control().signIns().find("d1")).contains(MIA);
      engine.control().signIns().remove("d1");
      engine.control().signIns().remove("d1");
      assertThat(engine.control().signIns().find("d1")).isEmpty();
      assertThat(engine.control().signIns().find("d2")).contains(BOB);
    }
  }

  @Test
  void thoseThatAreOverAreForgottenWhenTheNextComes() throws InterruptedException {
    try (TestEngine engine = engine()) {
      engine.control().signIns().put(MIA, NOON);
      engine.control().signIns().put(BOB, MIA.end());

      assertThat(engine.control().signIns().find("d1")).isEmpty();
      assertThat(engine.control().signIns().find("d2")).contains(BOB);
    }
  }

  @Test
  void allOfOneUserCanBeEnded() throws InterruptedException {
    SignIn again = new SignIn("d3", MIA.userId(), MIA.userName(), NOON.plusSeconds(30));
    try (TestEngine engine = engine()) {
      SignIns signIns = engine.control().signIns();
      signIns.put(MIA, NOON);
      signIns.put(again, NOON);
      signIns.put(BOB, NOON);
      assertThat(signIns.list(NOON)).containsExactly(BOB, MIA, again);
      assertThat(signIns.list(MIA.end())).containsExactly(BOB, again);

      signIns.removeAll(MIA.userId(), "ada");

      assertThat(signIns.list(NOON)).containsExactly(BOB);
    }

    try (TestEngine engine = engine()) {
      assertThat(engine.control().signIns().list(NOON)).containsExactly(BOB);
      assertThat(engine.control().listActions(9))
          .extracting(ActionRecord::who, ActionRecord::what, ActionRecord::target)
          .containsExactly(tuple("ada", ActionRecord.What.END_SESSIONS, MIA.userId()));
    }
  }

  @Test
  void textsThatAreTooLongAreRefused() {
    assertThatThrownBy(() -> new SignIn("", "u", "n", NOON))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SignIn("d", "u".repeat(201), "n", NOON))
        .hasMessageContaining("at most 200");
  }
}
