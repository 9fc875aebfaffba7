package dev.millrace.solver.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether clauses can be satisfied, by conflict-driven clause learning.
 *
 * <p>After MiniSat (Eén and Sörensson, "An extensible SAT solver", 2003): two watched literals,
 * learning at the first unique implication point, non-chronological backjumping; with native
 * at-most-one groups as in 0install's engine. It never chooses a literal by itself: the {@link
 * Guide} does, and clauses may come in while the search runs, for variables that have just become
 * true.
 *
 * <p>A literal is {@code 2 v} for variable {@code v} and {@code 2 v + 1} for its negation. Owned by
 * one thread.
 */
public final class Sat {
  /** Makes the choices, and says what a choice entails. */
  public interface Guide {
    /**
     * The literal to make true next, which must be undecided; {@link #NONE} when the rest may be
     * false.
     */
    int choose();

    /** Called once for each variable, when it first becomes true: adds what follows from it. */
    void becameTrue(int variable);
  }

  /** No literal. */
  public static final int NONE = -1;

  private static final byte UNDECIDED = 0;
  private static final byte TRUE = 1;
  private static final byte FALSE = -1;

  /** A disjunction; the first two literals are watched. */
  private static final class Clause {
    private final int[] literals;

    Clause(int[] literals) {
      this.literals = literals;
    }
  }

  /** Variables of which at most one may be true. May grow. */
  public static final class Group {
    private Group() {}

    private int[] variables = new int[4];
    private int size;
  }

  private byte[] values = new byte[256]; // by literal
  private int[] levels = new int[128]; // by variable
  private @Nullable Object[] reasons =
      new Object[128]; // by variable: a Clause, or an Integer literal
  private boolean[] announced = new boolean[128];
  private boolean[] seen = new boolean[128];
  private List<List<Clause>> watches = new ArrayList<>(); // by literal that becomes false
  private final List<List<Group>> groups = new ArrayList<>(); // by variable
  private int variables;
  private int[] trail = new int[128];
  private int trailSize;
  private int propagated;
  private int[] levelStarts = new int[64];
  private int level;
  private int @Nullable [] pending;
  private boolean goneBack = true;
  private final Guide guide;
  private final Patience patience;

  /** An engine without clauses. */
  public Sat(Guide guide, Patience patience) {
    this.guide = guide;
    this.patience = patience;
  }

  /** The literal that a variable is true. */
  public static int positive(int variable) {
    return variable << 1;
  }

  /** The literal that a variable is false. */
  public static int negative(int variable) {
    return variable << 1 | 1;
  }

  /** Another variable, the next number. */
  public int newVariable() {
    int variable = variables++;
    if (variable == levels.length) {
      grow();
    }
    watches.add(new ArrayList<>(2));
    watches.add(new ArrayList<>(2));
    groups.add(new ArrayList<>(2));
    return variable;
  }

  private void grow() {
    int capacity = levels.length * 2;
    values = Arrays.copyOf(values, capacity * 2);
    levels = Arrays.copyOf(levels, capacity);
    reasons = Arrays.copyOf(reasons, capacity);
    announced = Arrays.copyOf(announced, capacity);
    seen = Arrays.copyOf(seen, capacity);
    trail = Arrays.copyOf(trail, capacity);
  }

  /** Says whether a variable is true so far. */
  public boolean isTrue(int variable) {
    return values[positive(variable)] == TRUE;
  }

  /** Says whether a variable is neither true nor false so far. */
  public boolean isUndecided(int variable) {
    return values[positive(variable)] == UNDECIDED;
  }

  /** Adds a disjunction of distinct literals, now and for good. */
  public void addClause(int[] added) {
    if (added.length == 0) {
      noteConflict(added);
      return;
    }
    // A fact watches its one literal twice, so that it still holds after going back.
    int[] literals = added.length == 1 ? new int[] {added[0], added[0]} : added;
    // The watched ones must be those that are decided last, if they are decided.
    moveBestFirst(literals, 0);
    moveBestFirst(literals, 1);
    Clause clause = new Clause(literals);
    watch(clause);
    if (values[literals[0]] == FALSE) {
      noteConflict(literals);
    } else if (values[literals[0]] == UNDECIDED
        && (values[literals[1]] == FALSE || literals[0] == literals[1])) {
      assign(literals[0], clause);
    }
  }

  private void moveBestFirst(int[] literals, int place) {
    for (int i = place + 1; i < literals.length; i++) {
      if (goodness(literals[i]) > goodness(literals[place])) {
        int better = literals[i];
        literals[i] = literals[place];
        literals[place] = better;
      }
    }
  }

  private int goodness(int literal) {
    return switch (values[literal]) {
      case TRUE -> Integer.MAX_VALUE;
      case UNDECIDED -> Integer.MAX_VALUE - 1;
      default -> levels[literal >> 1];
    };
  }

  private void watch(Clause clause) {
    watches.get(clause.literals[0] ^ 1).add(clause);
    watches.get(clause.literals[1] ^ 1).add(clause);
  }

  private void noteConflict(int[] literals) {
    if (pending == null) {
      pending = literals.clone();
    }
  }

  /** Says that at most one of these may be true, now and for good. */
  public Group addGroup(int[] members) {
    Group group = new Group();
    for (int member : members) {
      addTo(group, member);
    }
    return group;
  }

  /** Adds a variable to a group. */
  public void addTo(Group group, int variable) {
    if (group.size == group.variables.length) {
      group.variables = Arrays.copyOf(group.variables, group.size * 2);
    }
    group.variables[group.size++] = variable;
    groups.get(variable).add(group);
    for (int i = 0; i < group.size - 1; i++) {
      if (isTrue(group.variables[i])) {
        exclude(variable, group.variables[i]);
      } else if (isTrue(variable)) {
        exclude(group.variables[i], variable);
      }
    }
  }

  /** Makes {@code variable} false because {@code chosen} is true. */
  private void exclude(int variable, int chosen) {
    switch (values[positive(variable)]) {
      case TRUE -> noteConflict(new int[] {negative(variable), negative(chosen)});
      case UNDECIDED -> assign(negative(variable), positive(chosen));
      default -> {}
    }
  }

  /** Whether something that was true may be so no longer, since this was last asked. */
  public boolean hasGoneBack() {
    boolean result = goneBack;
    goneBack = false;
    return result;
  }

  /** Searches; false if there is no solution. Afterwards what is not true is false. */
  public boolean solve() throws InterruptedException {
    while (true) {
      patience.check();
      int[] conflict = propagate();
      if (conflict != null) {
        if (!resolve(conflict)) {
          return false;
        }
        continue;
      }
      int literal = guide.choose();
      if (literal == NONE) {
        return true;
      }
      if (level + 1 == levelStarts.length) {
        levelStarts = Arrays.copyOf(levelStarts, levelStarts.length * 2);
      }
      levelStarts[++level] = trailSize;
      assign(literal, null);
    }
  }

  private void assign(int literal, @Nullable Object reason) {
    int variable = literal >> 1;
    values[literal] = TRUE;
    values[literal ^ 1] = FALSE;
    levels[variable] = level;
    reasons[variable] = reason;
    trail[trailSize++] = literal;
  }

  private int @Nullable [] propagate() {
    while (pending == null && propagated < trailSize) {
      int literal = trail[propagated++];
      int[] conflict = propagateClauses(literal);
      if (conflict != null) {
        return conflict;
      }
      if ((literal & 1) == 0) {
        propagateGroups(literal >> 1);
        if (pending == null && !announced[literal >> 1]) {
          announced[literal >> 1] = true;
          guide.becameTrue(literal >> 1);
        }
      }
    }
    int[] conflict = pending;
    pending = null;
    return conflict;
  }

  private int @Nullable [] propagateClauses(int literal) {
    List<Clause> list = watches.get(literal);
    int falsified = literal ^ 1;
    int kept = 0;
    for (int i = 0; i < list.size(); i++) {
      Clause clause = list.get(i);
      int[] literals = clause.literals;
      if (literals[0] == falsified) {
        literals[0] = literals[1];
        literals[1] = falsified;
      }
      if (values[literals[0]] != TRUE && findWatch(clause)) {
        continue;
      }
      list.set(kept++, clause);
      if (values[literals[0]] == FALSE) {
        for (int rest = i + 1; rest < list.size(); rest++) {
          list.set(kept++, list.get(rest));
        }
        list.subList(kept, list.size()).clear();
        return literals.clone();
      }
      if (values[literals[0]] == UNDECIDED) {
        assign(literals[0], clause);
      }
    }
    list.subList(kept, list.size()).clear();
    return null;
  }

  private boolean findWatch(Clause clause) {
    int[] literals = clause.literals;
    for (int i = 2; i < literals.length; i++) {
      if (values[literals[i]] != FALSE) {
        int other = literals[1];
        literals[1] = literals[i];
        literals[i] = other;
        watches.get(literals[1] ^ 1).add(clause);
        return true;
      }
    }
    return false;
  }

  private void propagateGroups(int chosen) {
    for (Group group : groups.get(chosen)) {
      for (int i = 0; i < group.size && pending == null; i++) {
        if (group.variables[i] != chosen) {
          exclude(group.variables[i], chosen);
        }
      }
    }
  }

  /** Learns from a conflict and goes back; false if nothing is left to go back to. */
  private boolean resolve(int[] conflict) {
    int deepest = 0;
    for (int literal : conflict) {
      deepest = Math.max(deepest, levels[literal >> 1]);
    }
    if (deepest == 0) {
      return false;
    }
    backTo(deepest);
    int[] learned = analyse(conflict);
    int target = learned.length == 1 ? 0 : levels[learned[1] >> 1];
    backTo(target);
    Clause clause = new Clause(learned);
    if (learned.length > 1) {
      // With one literal it is a fact: it is asserted before any choice, for good.
      watch(clause);
    }
    assign(learned[0], clause);
    return true;
  }

  /**
   * The clause to learn: its first literal is the one to assert, the second the latest of the
   * others.
   */
  private int[] analyse(int[] conflict) {
    int[] learned = new int[16];
    int size = 1;
    int open = 0;
    int index = trailSize;
    int[] cause = conflict;
    int literal = NONE;
    List<Integer> marked = new ArrayList<>();
    do {
      for (int other : cause) {
        int variable = other >> 1;
        if (other == literal || seen[variable] || levels[variable] == 0) {
          continue;
        }
        seen[variable] = true;
        marked.add(variable);
        if (levels[variable] == level) {
          open++;
        } else {
          if (size == learned.length) {
            learned = Arrays.copyOf(learned, size * 2);
          }
          learned[size++] = other;
        }
      }
      do {
        literal = trail[--index];
      } while (!seen[literal >> 1]);
      open--;
      cause = open > 0 ? causeOf(literal) : cause;
    } while (open > 0);
    learned[0] = literal ^ 1;
    for (int variable : marked) {
      seen[variable] = false;
    }
    int[] result = Arrays.copyOf(learned, size);
    if (size > 1) {
      moveLatestToSecond(result);
    }
    return result;
  }

  private void moveLatestToSecond(int[] literals) {
    int latest = 1;
    for (int i = 2; i < literals.length; i++) {
      if (levels[literals[i] >> 1] > levels[literals[latest] >> 1]) {
        latest = i;
      }
    }
    int moved = literals[latest];
    literals[latest] = literals[1];
    literals[1] = moved;
  }

  private int[] causeOf(int literal) {
    return switch (reasons[literal >> 1]) {
      case Clause clause -> clause.literals;
      case Integer chosen -> new int[] {literal, chosen ^ 1};
      case null, default -> throw new IllegalStateException("A choice has no cause");
    };
  }

  private void backTo(int target) {
    if (level <= target) {
      return;
    }
    goneBack = true;
    int start = levelStarts[target + 1];
    for (int i = trailSize - 1; i >= start; i--) {
      int literal = trail[i];
      values[literal] = UNDECIDED;
      values[literal ^ 1] = UNDECIDED;
      reasons[literal >> 1] = null;
    }
    trailSize = start;
    propagated = start;
    level = target;
  }
}
