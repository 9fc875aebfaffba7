package dev.millrace.base;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Gives a parser hostile texts: each text of a corpus as it is, then mutants of them made from a
 * seed. The parser may refuse a text in the way that it declares; anything else that it throws, and
 * a second of work for one text, is a failure, which is reported with the shortest text found.
 * Immutable.
 *
 * <p>A text that once found something is added to the corpus.
 */
public final class Fuzz {
  private static final Duration WORK_MAX = Duration.ofSeconds(1);
  private static final int LENGTH_MAX = 4000;
  private static final int MUTATIONS_MAX = 6;
  private static final int CHECK = 4_000;
  private static final int NIGHTLY = 1_000_000;
  private static final int RELEASE = 100_000_000;
  private static final String CHARACTERS =
      "\0\t\n\r\u001b \"#$%&'()*+,-./0189:;<=>?@AZ[\\]^_`az{|}~\u007f\u0085\u009b\u00a0\u00e9"
          + "\u202e\u2028\ufeff\ufffd\ud83d\ude00\ud800\udfff";

  private final String name;
  private final List<String> corpus;

  private Fuzz(String name, List<String> corpus) {
    this.name = name;
    this.corpus = List.copyOf(corpus);
  }

  /** What takes a text; what it throws is a failure. */
  @FunctionalInterface
  public interface Target {
    /** Takes a text, and swallows the refusals that are declared. */
    void take(String text) throws Exception;
  }

  /** A run for a parser, with texts that it can read, nearly can, or once could not. */
  public static Fuzz of(String name, String... corpus) {
    return new Fuzz(name, List.of(corpus));
  }

  /** Runs it. */
  public void run(Target target) {
    Experiment experiment = Experiment.beginSearch("fuzzing " + name);
    Random random = experiment.random();
    for (String text : corpus) {
      check(target, text, experiment);
    }
    int count = experiment.count(CHECK, NIGHTLY, RELEASE);
    for (int i = 0; i < count; i++) {
      check(target, mutant(random), experiment);
    }
  }

  private void check(Target target, String text, Experiment experiment) {
    Optional<Throwable> failure = failure(target, text);
    if (failure.isPresent()) {
      String shortest = shorten(target, text, failure.get().getClass());
      throw new AssertionError(
          "%s: %s on \"%s\"".formatted(experiment, failure.get(), escape(shortest)), failure.get());
    }
  }

  private static Optional<Throwable> failure(Target target, String text) {
    long begin = work();
    try {
      target.take(text);
    } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
      return Optional.of(e);
    }
    Duration taken = Duration.ofNanos(work() - begin);
    return taken.compareTo(WORK_MAX) > 0
        ? Optional.of(new AssertionError("It took " + taken))
        : Optional.empty();
  }

  /** Not the time: others may have the machine meanwhile. */
  private static long work() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String shorten(Target target, String text, Class<?> kind) {
    String shortest = text;
    for (int length = Math.max(1, text.length() / 2); length > 0; length /= 2) {
      for (int at = 0; at + length <= shortest.length(); ) {
        String shorter = shortest.substring(0, at) + shortest.substring(at + length);
        if (failure(target, shorter).filter(kind::isInstance).isPresent()) {
          shortest = shorter;
        } else {
          at += length;
        }
      }
    }
    return shortest;
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
                escaped.append((char) c);
              } else {
                escaped.append("\\u%04x".formatted(c));
              }
            });
    return escaped.toString();
  }

  private String mutant(Random random) {
    String text = any(random);
    for (int i = random.nextInt(MUTATIONS_MAX) + 1; i > 0; i--) {
      text = mutate(text, random);
    }
    return text.substring(0, Math.min(LENGTH_MAX, text.length()));
  }

  private String any(Random random) {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private String mutate(String text, Random random) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(1 + Math.min(20, text.length())));
    String before = text.substring(0, from);
    String part = text.substring(from, to);
    String after = text.substring(to);
    return switch (random.nextInt(7)) {
      case 0 -> before + after;
      case 1 -> before + part + part + after;
      case 2 -> before + part.repeat(random.nextInt(300)) + after;
      case 3 -> before + character(random) + part + after;
      case 4 -> before + character(random) + after;
      case 5 -> before + any(random) + after;
      default -> before + slice(any(random), random) + part + after;
    };
  }

  private static char character(Random random) {
    return CHARACTERS.charAt(random.nextInt(CHARACTERS.length()));
  }

  private static String slice(String text, Random random) {
    List<Integer> ends = new ArrayList<>();
    ends.add(random.nextInt(text.length() + 1));
    ends.add(random.nextInt(text.length() + 1));
    ends.sort(null);
    return text.substring(ends.getFirst(), ends.getLast());
  }
}
