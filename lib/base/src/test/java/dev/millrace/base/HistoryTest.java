package dev.millrace.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.History.Line;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("history");
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    List<Event> events =
        List.of(
            new Event.Inventory(),
            new Event.Started("a job; with\nodd % ½ words", 7),
            new Event.Read("", "", true),
            new Event.Read("log", " ;\n ;", false));

    try (History history = History.open(file(), "the source")) {
      events.forEach(history::add);
    }

    List<Line> lines = History.read(file());
    assertThat(lines).extracting(Line::event).isEqualTo(events);
    assertThat(lines).extracting(Line::source).containsOnly("the source");
    assertThat(lines).extracting(Line::at).isSorted();
  }

  @Test
  void aLineThatWasCutShortDoesNotCount() throws Exception {
    try (History history = History.open(file(), "a")) {
      history.add(new Event.Submitted("x"));
    }
    String whole = Files.readString(file());
    Files.writeString(file(), whole.substring(0, whole.length() - 1), StandardOpenOption.APPEND);
    try (History history = History.open(file(), "b")) {
      history.add(new Event.Acknowledged("x"));
    }

    assertThat(History.read(file()))
        .extracting(Line::event)
        .containsExactly(new Event.Submitted("x"), new Event.Acknowledged("x"));
  }

  @Test
  void aTailGivesEachEventOnce() throws Exception {
    History.Tail tail = new History.Tail(file());
    assertThat(tail.next()).isEmpty();
    try (History history = History.open(file(), "a")) {
      for (int i = 0; i < 3; i++) {
        history.add(new Event.Submitted("x" + i));
        history.add(new Event.Acknowledged("x" + i));

        assertThat(tail.next()).hasSize(2);
        assertThat(tail.next()).isEmpty();
      }
      history.add(new Event.Inventory());
    }

    Line last = tail.next().getLast();
    assertThat(last).isEqualTo(History.read(file()).getLast());
    assertThat(Files.readAllLines(file()).get(last.number() - 1)).contains("Inventory");
  }

  @Test
  void manyWritersDoNotDisturbEachOther() throws Exception {
    try (History history = History.open(file(), "all");
        TaskScope scope = TaskScope.open("writers", 8)) {
      for (int writer = 0; writer < 8; writer++) {
        String name = "writer-" + writer;
        scope.fork(
            () -> {
              for (int i = 0; i < 200; i++) {
                history.add(new Event.Started(name, i));
              }
            });
      }
      scope.join();
    }

    assertThat(History.read(file())).hasSize(1600);
  }

  @Test
  void whatADeadProgramLeftRunningHasLostItsRight() {
    List<Line> lines = new ArrayList<>();
    for (Event event :
        List.of(
            new Event.Started("a", 1),
            new Event.Offered("a", 1, ""),
            new Event.Started("b", 1),
            new Event.Started("c", 2))) {
      lines.add(new Line(lines.size() + 1, java.time.Duration.ZERO, "p", event));
    }

    assertThat(History.leases("p", lines))
        .containsExactly(new Event.LeaseLost("b", 1), new Event.LeaseLost("c", 2));
    assertThat(History.leases("q", lines)).isEmpty();
  }
}
