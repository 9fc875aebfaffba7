package dev.millrace.base;

import java.util.Locale;
import java.util.Random;

/**
 * What decides about one run of a reliability experiment: how much it does, and the seed of its
 * chances, which is printed.
 *
 * <p>{@code -Dmillrace.tier=nightly} (what {@code ./test --nightly} says) or {@code release} has
 * every experiment do more; {@code -Dmillrace.seed=N} replays the chances of one; {@code
 * -Dmillrace.percent=N} has it do so much of what its tier asks for.
 */
public final class Experiment {
  private static final int PERCENT = Integer.getInteger("millrace.percent", 100);

  private final String name;
  private final long seed;
  private final Tier tier;
  private final Random random;

  private Experiment(String name, long seed, Tier tier) {
    this.name = name;
    this.seed = seed;
    this.tier = tier;
    this.random = new Random(seed);
  }

  /** How much is done. */
  public enum Tier {
    /** With every run of the tests: seconds. */
    CHECK,
    /** At night: minutes. */
    NIGHTLY,
    /** Before a release: hours. */
    RELEASE;

    /** What this run was asked for. */
    public static Tier current() {
      return valueOf(System.getProperty("millrace.tier", "check").toUpperCase(Locale.ROOT));
    }
  }

  /** Begins one, and prints its seed. */
  public static Experiment begin(String name) {
    return begin(name, System.nanoTime());
  }

  /**
   * Begins one that looks for what nobody knows of. In each check it looks at the same, so that no
   * change fails by chance for what another brought; the nights look at more.
   */
  public static Experiment beginSearch(String name) {
    return begin(name, Tier.current() == Tier.CHECK ? 1 : System.nanoTime());
  }

  private static Experiment begin(String name, long otherwise) {
    Experiment experiment =
        new Experiment(name, Long.getLong("millrace.seed", otherwise), Tier.current());
    System.out.println(experiment);
    return experiment;
  }

  /** Prints what came of it. */
  public void report(String result) {
    System.out.printf("%s: %s%n", name, result);
  }

  /** How often to do something. */
  public int count(int check, int nightly, int release) {
    return (int) Math.max(1, (long) value(check, nightly, release) * PERCENT / 100);
  }

  /** How long to make something, or the like, which does not depend on how often it is done. */
  public int value(int check, int nightly, int release) {
    return switch (tier) {
      case CHECK -> check;
      case NIGHTLY -> nightly;
      case RELEASE -> release;
    };
  }

  /** Its chances. */
  public Random random() {
    return random;
  }

  /** How to have the same again. */
  @Override
  public String toString() {
    return "%s (replay: -Dmillrace.seed=%d -Dmillrace.tier=%s)"
        .formatted(name, seed, tier.name().toLowerCase(Locale.ROOT));
  }
}
