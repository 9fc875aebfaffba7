package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/**
 * Finds lines by the text that a reader sees, in any case. Few searches run at once: each reads the
 * whole log.
 */
final class LogSearch {
  static final int HITS_MAX = 2_000;
  static final int CHARS_MAX = 200;
  private final Semaphore permits = new Semaphore(4);

  /** A line that was found. */
  record Hit(long number, String text, String address) {}

  List<Hit> find(JobLog log, LogMap map, String wanted, String job)
      throws IOException, InterruptedException {
    String needle = wanted.toLowerCase(Locale.ROOT);
    if (needle.isBlank()) {
      return List.of();
    }
    if (needle.length() > CHARS_MAX) {
      throw PageException.badRequest("A search may have at most " + CHARS_MAX + " characters.");
    }
    permits.acquire();
    try {
      List<Hit> hits = new ArrayList<>();
      LogLines.render(
          log,
          map,
          1,
          map.lines(),
          (number, html, text) -> {
            if (hits.size() < HITS_MAX
                && !map.isRecipe(number)
                && text.toLowerCase(Locale.ROOT).contains(needle)) {
              hits.add(
                  new Hit(number, LabelText.shorten(text, 300), address(job, number, map.lines())));
            }
          });
      return hits;
    } finally {
      permits.release();
    }
  }

  /** Where a line can be seen without script too. */
  static String address(String job, long line, long lines) {
    boolean shown = lines <= LogWindow.WHOLE_MAX || line <= LogWindow.HEAD;
    if (shown) {
      return job + "#L" + line;
    }
    long first = Math.max(1, line - LogMap.MARK_LINES);
    return "%s?lines=%d-%d#L%d".formatted(job, first, line + LogMap.MARK_LINES, line);
  }
}
