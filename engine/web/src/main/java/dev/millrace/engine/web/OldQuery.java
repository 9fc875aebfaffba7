package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The filters of the originals' {@code /query} in the words of our list of jobs. */
final class OldQuery {
  /** What has no result that is in order: cancelled jobs are failures to the originals. */
  private static final List<String> FAILURES =
      Stream.of(StageState.FAILED, StageState.ERROR, StageState.CANCELLED)
          .map(state -> StateLook.of(state).name())
          .toList();

  private OldQuery() {}

  static Parameters translate(Parameters old) {
    Parameters query = new Parameters(Map.of());
    String operation = old.first("op").orElse("");
    if (!operation.isBlank()) {
      query = query.with("op", operation);
    }
    query =
        switch (old.first("ok").orElse("")) {
          case "true", "1" -> query.with("state", StateLook.of(StageState.PASSED).name());
          case "false", "0" -> query.with("state", FAILURES);
          default -> query;
        };
    return days(query, old.first("date").orElse("").strip());
  }

  /** The originals compare the beginnings of ids, which begin with a day. */
  private static Parameters days(Parameters query, String date) {
    try {
      if (date.length() == 7) {
        YearMonth month = YearMonth.parse(date);
        return query.with("from", month + "-01").with("to", month.atEndOfMonth().toString());
      }
      if (date.length() >= 10) {
        String day = LocalDate.parse(date.substring(0, 10)).toString();
        return query.with("from", day).with("to", day);
      }
      return query;
    } catch (DateTimeException e) {
      throw PageException.badRequest(
          "The date must be given as in 2026-03-04 or 2026-03, but is \"%s\"."
              .formatted(LabelText.shorten(date, 40)));
    }
  }
}
