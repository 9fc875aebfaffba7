package dev.millrace.engine.web;

import dev.millrace.engine.core.JobLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a log once, remembering where its lines, steps and errors are, and goes on where it stopped
 * when the log has grown. A big log is read in steps, each quick enough for a page to wait for.
 * Thread-safe: one reader at a time does the reading, everybody sees the last published {@link
 * LogMap}.
 */
final class LogIndex {
  static final String RECIPE_START = "To reproduce locally:";
  static final String RECIPE_END = "END-REPRO-BLOCK";

  /** How much is read at once, in bytes. */
  static final long STEP = 24 * 1024 * 1024;

  private static final int CHUNK = 256 * 1024;
  private static final int SECTIONS_MAX = 5_000;
  private static final int RECIPE_CHARS_MAX = 64 * 1024;
  private static final Pattern HEADING = Pattern.compile("(?:[^()]*: )?\\([a-z][^\\n]*");
  private static final Pattern STAMP =
      Pattern.compile("\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}\\.\\d{2}: .*");
  private static final Pattern ERROR =
      Pattern.compile(
          "(?i)(?<![a-z0-9_-])(?:error|fatal|failed|failure|exception|panic|not ok|fail])(?![a-z0-9_-])");
  private static final Pattern NO_ERROR =
      Pattern.compile("(?i)\\b(?:0 (?:errors?|failed|failures?)|no errors?)\\b");

  private static final String ANALYSIS = ": Log analysis:";
  private static final Pattern RULE_MATCH =
      Pattern.compile("[-0-9]{10} [.:0-9]{9} >>> .* \\(score = -?\\d+, line (\\d{1,15})\\)");

  private final JobLog log;
  private final Semaphore reading = new Semaphore(1);
  // Published by the one reader, seen by all: a reference to an immutable value.
  private volatile LogMap map = LogMap.EMPTY;

  // What follows is owned by whoever holds the permit of `reading`.
  private final List<LogMap.Mark> marks = new ArrayList<>(LogMap.EMPTY.marks());
  private final List<LogMap.Section> sections = new ArrayList<>();
  private final AnsiRenderer style = new AnsiRenderer();
  private final StringBuilder recipe = new StringBuilder();
  private LineSplitter splitter = new LineSplitter(0);
  private long readTo;
  private long lines;
  private long errorLine;
  private long lastOutputLine;
  private long recipeFirst;
  private long recipeLast;
  private boolean analysed;

  LogIndex(JobLog log) {
    this.log = log;
  }

  JobLog log() {
    return log;
  }

  /** Brings the map up to date, or a step nearer to that, and returns it. */
  LogMap refresh() throws IOException, InterruptedException {
    LogMap known = map;
    if (known.complete()) {
      return known;
    }
    reading.acquire();
    try {
      // Of many who wait for a big log, one makes the next step.
      boolean advanced = map.behind() && !map.equals(known);
      if (!map.complete() && !advanced) {
        map = read();
      }
      return map;
    } finally {
      reading.release();
    }
  }

  private LogMap read() throws IOException {
    // Asked before reading: what is written until the log is complete is then surely read.
    boolean ended = log.isComplete();
    long size = log.size();
    long stepEnd = readTo + STEP;
    boolean behind = true;
    while (readTo < stepEnd) {
      byte[] chunk = log.read(readTo, CHUNK);
      if (chunk.length == 0) {
        behind = false;
        break;
      }
      readTo += chunk.length;
      splitter.feed(chunk, this::line);
    }
    boolean complete = ended && !behind;
    if (complete) {
      splitter.finish(this::line);
    }
    return snapshot(Math.max(size, readTo), behind, complete);
  }

  private LogMap snapshot(long size, boolean behind, boolean complete) {
    long error = errorLine > 0 ? errorLine : lastOutputLine;
    return new LogMap(
        lines,
        splitter.offset(),
        size,
        behind,
        complete,
        marks,
        sections,
        recipeFirst > 0 && recipeLast > 0
            ? Optional.of(new LogMap.Recipe(recipeFirst, recipeLast, recipe.toString()))
            : Optional.empty(),
        error > 0 ? Optional.of(error) : Optional.empty());
  }

  private boolean line(byte[] bytes, int from, int length, long dropped) {
    lines++;
    String text = new String(bytes, from, length, StandardCharsets.UTF_8);
    boolean heading = text.startsWith("\u001b[01;34m");
    style.skim(text);
    inspect(text, heading);
    if (lines % LogMap.MARK_LINES == 0) {
      marks.add(new LogMap.Mark(splitter.offset(), style.style()));
    }
    return true;
  }

  private void inspect(String text, boolean styledAsHeading) {
    if (inRecipe()) {
      if (text.strip().equals(RECIPE_END)) {
        recipeLast = lines;
      } else if (recipe.length() + text.length() < RECIPE_CHARS_MAX) {
        recipe.append(seen(text)).append('\n');
      }
      return;
    }
    if (recipeFirst == 0 && text.endsWith(RECIPE_START)) {
      recipeFirst = lines;
      return;
    }
    if (styledAsHeading && sections.size() < SECTIONS_MAX) {
      String title = seen(text).strip();
      if (HEADING.matcher(title).matches()) {
        sections.add(new LogMap.Section(lines, shorten(title)));
        errorLine = 0;
        return;
      }
    }
    String seen = seen(text);
    if (isOwn(seen)) {
      inspectOwn(seen);
      return;
    }
    if (seen.isBlank()) {
      return;
    }
    lastOutputLine = lines;
    if (errorLine == 0 && mayBeError(seen)) {
      errorLine = lines;
    }
  }

  /** The first match that an analysis names is of the rule that decided. */
  private void inspectOwn(String seen) {
    Matcher match = RULE_MATCH.matcher(seen);
    if (analysed && match.matches() && Long.parseLong(match.group(1)) < lines) {
      errorLine = Math.max(1, Long.parseLong(match.group(1)));
    }
    analysed = seen.endsWith(ANALYSIS);
  }

  /** What a reader sees: the letter that ends a colour's sequence is no part of the next word. */
  private static String seen(String text) {
    if (text.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
      return text;
    }
    AnsiRenderer plain = new AnsiRenderer();
    String _ = plain.render(text);
    return plain.plain();
  }

  private boolean inRecipe() {
    return recipeFirst > 0 && recipeLast == 0;
  }

  /** Whether Millrace itself wrote the line. */
  static boolean isOwn(String text) {
    return text.length() > 20
        && text.charAt(4) == '-'
        && text.charAt(19) == ':'
        && STAMP.matcher(text).matches();
  }

  private static boolean mayBeError(String text) {
    String start = text.length() > 400 ? text.substring(0, 400) : text;
    return ERROR.matcher(start).find() && !NO_ERROR.matcher(start).find();
  }

  private static String shorten(String title) {
    return title.length() <= 160 ? title : title.substring(0, 159) + "…";
  }
}
