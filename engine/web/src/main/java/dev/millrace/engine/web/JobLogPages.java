package dev.millrace.engine.web;

import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobLog;
import dev.millrace.engine.core.JobSummary;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Parts of a job's log: ranges of lines, the lines with a text, the whole as it was printed. */
final class JobLogPages {
  private static final int RAW_CHUNK = 64 * 1024;

  /** How much of a log its end is, in bytes. */
  private static final int END_BYTES = 64 * 1024;

  private static final Pattern RANGE = Pattern.compile("(\\d{1,15})-(\\d{1,15})");

  private final JobLogs logs;
  private final Views views;
  private final LogSearch search;

  JobLogPages(JobLogs logs, Views views, LogSearch search) {
    this.logs = logs;
    this.views = views;
    this.search = search;
  }

  /** What an address asks for of a log; the usual window if it does not say. */
  static LogWindow window(Exchange exchange, LogMap map) {
    Matcher range = RANGE.matcher(exchange.query().first("lines").orElse(""));
    return range.matches()
        ? LogWindow.range(
            Long.parseLong(range.group(1)), Long.parseLong(range.group(2)), map.lines())
        : map.behind() ? LogWindow.head(map.lines()) : LogWindow.of(map.lines());
  }

  /** A range of lines alone, for a page that has a gap there. */
  void lines(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary job = logs.requireJob(id);
    LogIndex index = logs.require(id);
    LogMap map = index.refresh();
    LogWindow window = window(exchange, map);
    if (!RANGE.matcher(exchange.query().first("lines").orElse("")).matches()) {
      throw PageException.badRequest("The lines must be given as lines=1-500.");
    }
    StringBuilder html = new StringBuilder();
    LogPage page = new LogPage(index.log(), map, job.state(), views);
    for (LogWindow.Range range : window.ranges()) {
      page.writeRange(range, html);
    }
    exchange.sendHtml(200, html.toString());
  }

  /** The numbers of the lines with a text, as JSON. */
  void search(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary _ = logs.requireJob(id);
    LogIndex index = logs.require(id);
    String wanted = exchange.query().first("q").orElse("");
    String numbers =
        search.find(index.log(), index.refresh(), wanted, "").stream()
            .map(hit -> Long.toString(hit.number()))
            .collect(Collectors.joining(","));
    exchange.sendText(
        200,
        "application/json",
        "{\"lines\":[" + numbers + "],\"max\":" + LogSearch.HITS_MAX + "}");
  }

  /** To the line that says what went wrong. */
  void error(Exchange exchange, JobId id) throws IOException, InterruptedException {
    JobSummary _ = logs.requireJob(id);
    Optional<LogIndex> index = logs.find(id);
    LogMap map = index.isPresent() ? index.get().refresh() : LogMap.EMPTY;
    String address = "/job/" + id.value();
    exchange.redirect(
        map.errorLine().map(line -> LogSearch.address(address, line, map.lines())).orElse(address));
  }

  /** Where the lines begin that make up the end of a log. */
  private static long endOf(JobLog log) throws IOException {
    long from = log.size() - END_BYTES;
    if (from <= 0) {
      return 0;
    }
    byte[] bytes = log.read(from, END_BYTES);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        return from + i + 1;
      }
    }
    return from;
  }

  /** The log, or its end, as it was printed. */
  void raw(Exchange exchange, JobId id) throws IOException {
    JobSummary _ = logs.requireJob(id);
    JobLog log = logs.require(id).log();
    exchange.setHeader("Cache-Control", "no-store");
    if (exchange.query().first("download").isPresent()) {
      exchange.setHeader(
          "Content-Disposition",
          "attachment; filename=\"" + id.value().replace('/', '-') + ".log\"");
    }
    try (OutputStream out = exchange.stream("text/plain; charset=utf-8", true)) {
      if (exchange.method().equals("HEAD")) {
        return;
      }
      long at = exchange.query().first("end").isPresent() ? endOf(log) : 0;
      while (true) {
        byte[] chunk = log.read(at, RAW_CHUNK);
        if (chunk.length == 0) {
          return;
        }
        out.write(chunk);
        at += chunk.length;
      }
    }
  }
}
