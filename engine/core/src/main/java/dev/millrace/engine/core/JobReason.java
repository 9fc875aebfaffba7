package dev.millrace.engine.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Why a job was run. The causes of a change lead back to the inputs that changed, or to the jobs
 * whose outcomes did, each of which has a reason of its own. Immutable.
 *
 * @param detail the value before, for {@link Kind#VALUE}; who asked, for {@link Kind#REBUILD}; how
 *     long the outcome was good for, for {@link Kind#EXPIRED}; what went wrong, for {@link
 *     Kind#RETRY}; else empty
 * @param causes what changed and so made the stage want this, the nearest first; the first few
 */
public record JobReason(Kind kind, String detail, List<Cause> causes) {
  /** How many causes are kept. */
  static final int CAUSES_MAX = 3;

  private static final int DETAIL_MAX = 160;
  private static final int TEXT_MAX = 70;
  static final int BYTES_MAX = 1000;

  /** Checks, and cuts long texts. */
  public JobReason {
    detail = cut(detail, DETAIL_MAX);
    causes = causes.stream().limit(CAUSES_MAX).toList();
  }

  /** What kind of reason it is. */
  public enum Kind {
    /** It had never been run. */
    FIRST("it had never been run"),
    /** Another value was wanted. */
    VALUE("another value is wanted; before it was"),
    /** Its outcome was no longer good. */
    EXPIRED("its outcome was good for"),
    /** Somebody wanted it again. */
    REBUILD("rebuilt by"),
    /** The program declared its outcome void. */
    INVALIDATED("its outcome was declared void"),
    /** Its outcome was recorded by another version of Millrace, or is damaged. */
    UNREADABLE("its recorded outcome cannot be read"),
    /** An earlier job of it was cut short. */
    CUT_SHORT("an earlier job of it was cut short"),
    /** An earlier job failed in a way that may pass. */
    RETRY("tried again after a failure that may pass:");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /**
   * Something that changed.
   *
   * @param stage the label of the input or operation
   * @param before what it was, shortened; empty if it was nothing yet
   * @param after what it has become, shortened
   * @param job the job that changed it, if it is an operation
   */
  public record Cause(String stage, String before, String after, Optional<JobId> job) {
    /** Cuts long texts. */
    public Cause {
      stage = cut(stage, TEXT_MAX);
      before = cut(before, TEXT_MAX);
      after = cut(after, TEXT_MAX);
    }

    private String sentence() {
      String change = before.isEmpty() ? "is \"%s\"".formatted(after) : change();
      return "\"%s\" %s%s".formatted(stage, change, job.map(id -> " (job " + id + ")").orElse(""));
    }

    private String change() {
      return "changed from \"%s\" to \"%s\"".formatted(before, after);
    }
  }

  /** For people, on one line. */
  public String sentence() {
    StringBuilder text = new StringBuilder(kind.words);
    if (!detail.isEmpty()) {
      text.append(' ').append(kind == Kind.VALUE ? "\"" + detail + "\"" : detail);
    }
    String colon = ": ";
    for (Cause cause : causes) {
      text.append(colon).append(cause.sentence());
      colon = "; ";
    }
    return text.toString();
  }

  /** One line, without what would end a field; an ellipsis stands for what is cut. */
  private static String cut(String text, int max) {
    String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
    return line.length() <= max ? line : line.substring(0, max - 1) + "\u2026";
  }

  /** As it is recorded: a line for the kind and one for each cause; fewer causes if it is long. */
  String encode() {
    List<String> lines = new ArrayList<>();
    lines.add(kind.name().toLowerCase(Locale.ROOT) + "\t" + detail);
    for (Cause cause : causes) {
      lines.add(
          String.join(
              "\t",
              cause.stage,
              cause.before,
              cause.after,
              cause.job.map(JobId::value).orElse("")));
    }
    while (lines.size() > 1 && bytes(lines) > BYTES_MAX) {
      lines.removeLast();
    }
    return String.join("\n", lines);
  }

  private static int bytes(List<String> lines) {
    return String.join("\n", lines).getBytes(StandardCharsets.UTF_8).length;
  }

  /** Reads what {@link #encode} wrote; empty if another version wrote something else. */
  static Optional<JobReason> decode(String text) {
    List<String[]> lines = text.lines().map(line -> line.split("\t", -1)).toList();
    Optional<Kind> kind =
        lines.stream()
            .limit(1)
            .flatMap(
                first ->
                    Arrays.stream(Kind.values())
                        .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(first[0])))
            .findFirst();
    if (kind.isEmpty() || lines.getFirst().length < 2) {
      return Optional.empty();
    }
    List<Cause> causes =
        lines.stream()
            .skip(1)
            .filter(line -> line.length >= 4 && (line[3].isEmpty() || JobId.isOne(line[3])))
            .map(
                line ->
                    new Cause(
                        line[0],
                        line[1],
                        line[2],
                        Optional.of(line[3]).filter(id -> !id.isEmpty()).map(JobId::parse)))
            .toList();
    return Optional.of(new JobReason(kind.get(), lines.getFirst()[1], causes));
  }
}
