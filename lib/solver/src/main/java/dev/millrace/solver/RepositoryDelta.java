package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.RepositoryDiff;
import dev.millrace.opam.RepositoryDiff.Change;
import dev.millrace.opam.VersionConstraint;
import dev.millrace.solver.InstallQuestion.Answer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the difference between two states of a repository does to what can be installed, version by
 * version, on one platform.
 *
 * <p>A version is installable if there is a solution for it alone. A version that changed can only
 * be in solutions of those that depend on it, so that only those are asked, in both states; where
 * all answers of the first state are known ({@link DeltaBases}), only those that the change meets.
 * What the change can only have taken solutions from, and not the one that was picked, is not asked
 * again ({@link Impact}).
 */
public final class RepositoryDelta {
  /** How many answers a state remembers: for all versions that are published today. */
  private static final int ANSWERS_MAX = 40_000;

  private RepositoryDelta() {}

  /** What became of a version. */
  public sealed interface Effect {
    /** There is a solution now; there was none, or no such version. */
    record Installable(List<Package> packages) implements Effect {
      /** Copies. */
      public Installable {
        packages = List.copyOf(packages);
      }
    }

    /** There was a solution; now there is none, or no such version. */
    record Uninstallable(List<Package> packages) implements Effect {
      /** Copies. */
      public Uninstallable {
        packages = List.copyOf(packages);
      }
    }

    /** There is another solution than there was. */
    record Different(List<Package> before, List<Package> after) implements Effect {
      /** Copies. */
      public Different {
        before = List.copyOf(before);
        after = List.copyOf(after);
      }
    }
  }

  /**
   * One state of a repository on one platform, ready to be compared. Either it has the answers for
   * all versions, or it remembers those that it had to find. Thread-safe.
   */
  public static final class Base {
    private final Solver solver;
    private final InstallQuestion question;
    private final Known known;

    private Base(Solver solver, InstallQuestion question, Known known) {
      this.solver = solver;
      this.question = question;
      this.known = known;
    }

    /**
     * Reads who depends on whom, to ask only about versions that matter when it is compared.
     *
     * @param constraints versions that packages must have if they are there
     * @param variables opam's variables of the platform
     * @throws SolverException if a file cannot be understood
     * @throws InterruptedException if the caller is interrupted
     */
    public static Base of(
        Solver solver,
        Map<PackageName, VersionConstraint> constraints,
        Map<String, String> variables)
        throws InterruptedException {
      Dependents dependents =
          Dependents.of(solver.repository(), solver.platform(variables), Set.of());
      return new Base(
          solver,
          new InstallQuestion(constraints, variables),
          new Known.Some(dependents, new ConcurrentHashMap<>()));
    }

    /** With the answers for all versions. */
    static Base of(Solver solver, InstallQuestion question, InstallAnswers answers) {
      return new Base(solver, question, new Known.All(answers));
    }

    Solver solver() {
      return solver;
    }

    InstallQuestion question() {
      return question;
    }

    /** The answers for all versions, if it has them. */
    Optional<InstallAnswers> answers() {
      return known instanceof Known.All(var answers) ? Optional.of(answers) : Optional.empty();
    }
  }

  /** What a state knows. */
  private sealed interface Known {
    /** Who depends on whom, and answers that were asked for. */
    record Some(Dependents dependents, ConcurrentHashMap<Package, Answer> answers)
        implements Known {
      Answer answer(Package pkg, Base base) throws InterruptedException {
        Answer known = answers.get(pkg);
        if (known == null) {
          known = base.question.ask(pkg, base.solver);
          if (answers.size() < ANSWERS_MAX) {
            answers.put(pkg, known);
          }
        }
        return known;
      }
    }

    /** The answers for all versions. */
    record All(InstallAnswers answers) implements Known {}
  }

  /**
   * What a later state has changed.
   *
   * @param effects what happened to which versions; to those that are missing, nothing
   * @param next the later state; it has the answers for all versions if the earlier one had
   */
  public record Step(SortedMap<Package, Effect> effects, Base next) {
    /** Copies. */
    public Step {
      effects = Collections.unmodifiableSortedMap(new TreeMap<>(effects));
    }
  }

  /**
   * Compares a state with a later one.
   *
   * @param head the later state, which must stay open while this runs, and as long as the step's
   *     next state is used
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  public static Step between(Base base, OpamRepository head, int threads)
      throws InterruptedException {
    RepositoryDiff diff = RepositoryDiff.between(base.solver.repository(), head);
    Solver next = base.solver.next(head, diff);
    return switch (base.known) {
      case Known.Some some -> between(base, some, next, diff, threads);
      case Known.All(var answers) -> between(base, answers, next, diff, threads);
    };
  }

  private static Step between(
      Base base, Known.Some some, Solver next, RepositoryDiff diff, int threads)
      throws InterruptedException {
    Impact impact = impact(base, next, diff);
    Dependents dependents =
        some.dependents()
            .next(next.repository(), next.platform(base.question.variables()), names(diff));
    Set<Package> affected = new TreeSet<>(some.dependents().closure(diff.changes().keySet()));
    affected.addAll(dependents.closure(diff.changes().keySet()));
    ConcurrentHashMap<Package, Effect> effects = new ConcurrentHashMap<>();
    Parallel.each(
        new ArrayList<>(affected),
        threads,
        pkg -> {
          Answer before = some.answer(pkg, base);
          if (isNew(pkg, diff) || impact.mayChange(pkg, before)) {
            effect(before.packages(), base.question.ask(pkg, next).packages())
                .ifPresent(effect -> effects.put(pkg, effect));
          }
        });
    return new Step(
        new TreeMap<>(effects),
        new Base(next, base.question, new Known.Some(dependents, new ConcurrentHashMap<>())));
  }

  private static Step between(
      Base base, InstallAnswers answers, Solver next, RepositoryDiff diff, int threads)
      throws InterruptedException {
    Set<Package> affected =
        new TreeSet<>(answers.listChanging(names(diff), impact(base, next, diff)));
    List<Package> removed = new ArrayList<>();
    diff.changes()
        .forEach(
            (pkg, change) -> {
              switch (change) {
                case Change.Added _ -> affected.add(pkg);
                case Change.Removed _ -> removed.add(pkg);
                case Change.Edited _ -> {}
              }
            });
    ConcurrentHashMap<Package, Effect> effects = new ConcurrentHashMap<>();
    ConcurrentHashMap<Package, Answer> changed = new ConcurrentHashMap<>();
    Parallel.each(
        new ArrayList<>(affected),
        threads,
        pkg -> {
          Answer after = base.question.ask(pkg, next);
          changed.put(pkg, after);
          effect(answers.find(pkg).packages(), after.packages())
              .ifPresent(effect -> effects.put(pkg, effect));
        });
    return new Step(
        new TreeMap<>(effects), Base.of(next, base.question, answers.next(changed, removed)));
  }

  private static Set<PackageName> names(RepositoryDiff diff) {
    Set<PackageName> names = new HashSet<>();
    diff.changes().keySet().forEach(pkg -> names.add(pkg.name()));
    return names;
  }

  private static Impact impact(Base base, Solver next, RepositoryDiff diff) {
    Map<String, String> variables = base.question.variables();
    return new Impact(
        base.question, base.solver.platform(variables), next.platform(variables), diff);
  }

  private static boolean isNew(Package pkg, RepositoryDiff diff) {
    return diff.changes().get(pkg) instanceof Change.Added;
  }

  private static Optional<Effect> effect(
      Optional<List<Package>> before, Optional<List<Package>> after) {
    if (before.equals(after)) {
      return Optional.empty();
    }
    if (before.isEmpty()) {
      return after.map(Effect.Installable::new);
    }
    return Optional.of(
        after
            .<Effect>map(packages -> new Effect.Different(before.get(), packages))
            .orElseGet(() -> new Effect.Uninstallable(before.get())));
  }
}
