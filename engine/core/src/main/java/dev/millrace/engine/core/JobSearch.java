package dev.millrace.engine.core;

import dev.millrace.engine.core.JobRecord.State;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.statement.Query;

/** A {@link JobQuery} as SQL, which is the same for all databases. */
final class JobSearch {
  private JobSearch() {}

  /** The same as the query's comparator says. */
  static String order(JobQuery query) {
    String newest = "created DESC, id DESC";
    return switch (query.order()) {
      case NEWEST -> newest;
      case OLDEST -> "created, id";
      case DESCRIPTION -> "description, " + newest;
      case DESCRIPTION_BACKWARDS -> "description DESC, " + newest;
      case OPERATION -> "operation, " + newest;
      case OPERATION_BACKWARDS -> "operation DESC, " + newest;
      case BUILD -> "build, " + newest;
      case BUILD_BACKWARDS -> "build DESC, " + newest;
    };
  }

  /** What a row must fulfil; empty if none can. */
  static Optional<String> condition(JobQuery query) {
    List<String> parts = new ArrayList<>();
    List<String> states =
        Arrays.stream(State.values())
            .filter(state -> state != State.OPEN)
            .filter(state -> query.states().isEmpty() || query.states().contains(state.shown()))
            .map(state -> "'" + JobStore.text(state) + "'")
            .toList();
    if (states.isEmpty()) {
      return Optional.empty();
    }
    parts.add("state IN (" + String.join(", ", states) + ")");
    query.operation().ifPresent(_ -> parts.add("operation = :operation"));
    query.created().from().ifPresent(_ -> parts.add("created >= :from"));
    query.created().to().ifPresent(_ -> parts.add("created < :to"));
    query.outdated().ifPresent(outdated -> parts.add(outdated ? "rebuild <> 0" : "rebuild = 0"));
    for (int i = 0; i < words(query).size(); i++) {
      parts.add(
          ("(lower(description) LIKE :word%1$d ESCAPE '!' OR lower(operation) LIKE :word%1$d"
                  + " ESCAPE '!' OR lower(coalesce(message, '')) LIKE :word%1$d ESCAPE '!')")
              .formatted(i));
    }
    return Optional.of(String.join(" AND ", parts));
  }

  /** A statement with such a condition, and with what the query looks for. */
  static Query bound(Query sql, JobQuery query) {
    query.operation().ifPresent(operation -> sql.bind("operation", StoredText.of(operation)));
    query.created().from().ifPresent(from -> sql.bind("from", JobStore.micros(from)));
    query.created().to().ifPresent(to -> sql.bind("to", JobStore.micros(to)));
    List<String> words = words(query);
    for (int i = 0; i < words.size(); i++) {
      String escaped = words.get(i).replaceAll("([!%_])", "!$1");
      sql.bind("word" + i, "%" + escaped + "%");
    }
    return sql;
  }

  /** The words that a job's texts must contain, in lower case. */
  static List<String> words(JobQuery query) {
    return Arrays.stream(query.text().toLowerCase(Locale.ROOT).split("\\s+"))
        .filter(word -> !word.isBlank())
        .toList();
  }
}
