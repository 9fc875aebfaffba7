package dev.millrace.solver;

import dev.millrace.solver.internal.Sat;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Chooses implementations for a role and all that it needs.
 *
 * <p>What is chosen is the lexicographic optimum that opam-0install finds: the roles are gone
 * through depth first, over the requirements of what is chosen so far, and each role that is met
 * first gets the best candidate for which some whole solution exists that agrees with everything
 * chosen before. {@link Sat} keeps the books; this class makes its choices and, so that only what
 * is tried costs anything, tells it of a candidate's requirements when the candidate is first
 * chosen. Roles that nothing chosen needs are never looked at.
 *
 * <p>One search; owned by one thread.
 */
final class Search implements Sat.Guide {
  private final Candidates.Source source;
  private final boolean closestMatch;
  private final Sat sat;
  private final Map<Role, State> states = new HashMap<>();
  private final List<State> stateOf = new ArrayList<>(); // by variable
  private final Map<String, Sat.Group> conflictClasses = new HashMap<>();
  private final Map<Role, List<Waiting>> waiting = new HashMap<>();
  private final Deque<State> open = new ArrayDeque<>();
  private int walk;
  private final State root;

  /** A restriction of a chosen candidate on a role that nothing needs so far. */
  private record Waiting(int variable, Requirement requirement) {}

  private static final class State {
    private final Role role;
    private final List<? extends Implementation> candidates;
    private final boolean hasDummy;
    private final int firstVariable;
    private int seenInWalk;

    /** With variables from {@code firstVariable} on, one for each candidate, best first. */
    State(
        Role role, List<? extends Implementation> candidates, boolean hasDummy, int firstVariable) {
      this.role = role;
      this.candidates = candidates;
      this.hasDummy = hasDummy;
      this.firstVariable = firstVariable;
    }

    int size() {
      return candidates.size() + (hasDummy ? 1 : 0);
    }

    Implementation get(int place) {
      return place < candidates.size() ? candidates.get(place) : DUMMY;
    }
  }

  private static final Implementation DUMMY = new Implementation.Dummy();

  private static final class Interrupted extends RuntimeException {
    Interrupted(InterruptedException cause) {
      super(cause);
    }
  }

  /**
   * A search for {@code goal} and what it needs.
   *
   * @param closestMatch whether a role may be left without a real implementation, so that there is
   *     always a solution that shows how near one can get
   */
  Search(Candidates.Source source, Role goal, boolean closestMatch) throws InterruptedException {
    this.source = source;
    this.closestMatch = closestMatch;
    this.sat = new Sat(this, source.patience());
    try {
      this.root = create(goal);
    } catch (Interrupted e) {
      throw new InterruptedException(e.getMessage());
    }
    int[] oneOfThem = new int[root.size()];
    for (int i = 0; i < oneOfThem.length; i++) {
      oneOfThem[i] = Sat.positive(root.firstVariable + i);
    }
    sat.addClause(oneOfThem);
  }

  /**
   * What is chosen for each role that is needed, in the order of the walk; empty if there is no
   * solution.
   */
  Optional<SequencedMap<Role, Implementation>> run() throws InterruptedException {
    try {
      return sat.solve() ? Optional.of(chosen()) : Optional.empty();
    } catch (Interrupted e) {
      throw new InterruptedException(e.getMessage());
    }
  }

  private SequencedMap<Role, Implementation> chosen() {
    SequencedMap<Role, Implementation> result = new LinkedHashMap<>();
    begin();
    walk(result);
    return result;
  }

  @Override
  public int choose() {
    if (sat.hasGoneBack()) {
      begin();
    }
    return walk(null);
  }

  /** The walk starts over: what was chosen along it may be so no longer. */
  private void begin() {
    walk++;
    open.clear();
    open.push(root);
  }

  /**
   * Goes on through the roles that are needed; returns the first choice to be made.
   *
   * <p>Between two choices nothing that the walk has passed can change, unless the engine has gone
   * back: what has been chosen stays chosen.
   */
  private int walk(@Nullable Map<Role, Implementation> chosen) {
    while (!open.isEmpty()) {
      State state = open.pop();
      if (state.seenInWalk == walk) {
        continue;
      }
      int next = Sat.NONE;
      int selected = -1;
      for (int i = 0, size = state.size(); i < size; i++) {
        int variable = state.firstVariable + i;
        if (sat.isTrue(variable)) {
          selected = i;
          break;
        }
        if (next == Sat.NONE && sat.isUndecided(variable)) {
          next = Sat.positive(variable);
        }
      }
      if (selected < 0 && next != Sat.NONE) {
        open.push(state);
        return next;
      }
      state.seenInWalk = walk;
      if (selected < 0) {
        continue;
      }
      Implementation implementation = state.get(selected);
      if (chosen != null) {
        chosen.put(state.role, implementation);
      }
      List<Requirement> requirements = source.requirements(implementation);
      for (int i = requirements.size() - 1; i >= 0; i--) {
        if (requirements.get(i).essential()) {
          open.push(stateOf(requirements.get(i).role()));
        }
      }
    }
    return Sat.NONE;
  }

  private State stateOf(Role role) {
    State state = states.get(role);
    return state == null ? create(role) : state;
  }

  private State create(Role role) {
    List<? extends Implementation> candidates = candidates(role);
    int first = stateOf.size();
    State state = new State(role, candidates, closestMatch, first);
    states.put(role, state);
    int[] variables = new int[state.size()];
    for (int i = 0; i < variables.length; i++) {
      variables[i] = sat.newVariable();
      stateOf.add(state);
    }
    if (variables.length > 1) {
      sat.addGroup(variables);
    }
    for (int i = 0; i < candidates.size(); i++) {
      if (candidates.get(i) instanceof Implementation.Version version) {
        joinConflictClasses(version, variables[i]);
      }
    }
    for (Waiting earlier : waiting.getOrDefault(role, List.of())) {
      exclude(earlier.variable(), state, earlier.requirement());
    }
    waiting.remove(role);
    return state;
  }

  private List<? extends Implementation> candidates(Role role) {
    return switch (role) {
      case Role.Real(var name) -> {
        try {
          yield source.of(name).good();
        } catch (InterruptedException e) {
          // Passes through the engine, which knows nothing of reading files.
          throw new Interrupted(e);
        }
      }
      case Role.Virtual virtual -> virtual.alternatives();
    };
  }

  private void joinConflictClasses(Implementation.Version version, int variable) {
    for (String conflictClass : source.conflictClasses(version)) {
      Sat.Group group = conflictClasses.get(conflictClass);
      if (group == null) {
        conflictClasses.put(conflictClass, sat.addGroup(new int[] {variable}));
      } else {
        sat.addTo(group, variable);
      }
    }
  }

  @Override
  public void becameTrue(int variable) {
    State own = stateOf.get(variable);
    Implementation implementation = own.get(variable - own.firstVariable);
    for (Requirement requirement : source.requirements(implementation)) {
      if (requirement.essential()) {
        State state = stateOf(requirement.role());
        need(variable, state, requirement);
        if (!requirement.restrictions().isEmpty()) {
          exclude(variable, state, requirement);
        }
      } else if (states.containsKey(requirement.role())) {
        exclude(variable, stateOf(requirement.role()), requirement);
      } else {
        waiting
            .computeIfAbsent(requirement.role(), _ -> new ArrayList<>())
            .add(new Waiting(variable, requirement));
      }
    }
  }

  /** The variable implies one of the candidates that meet the requirement. */
  private void need(int variable, State state, Requirement requirement) {
    BitSet meeting = requirement.meeting(state.candidates);
    int[] literals = new int[meeting.cardinality() + (state.hasDummy ? 2 : 1)];
    int size = 0;
    literals[size++] = Sat.negative(variable);
    for (int i = meeting.nextSetBit(0); i >= 0; i = meeting.nextSetBit(i + 1)) {
      literals[size++] = Sat.positive(state.firstVariable + i);
    }
    if (state.hasDummy) {
      literals[size++] = Sat.positive(state.firstVariable + state.candidates.size());
    }
    sat.addClause(literals);
  }

  /** The variable excludes the candidates that do not meet the requirement. */
  private void exclude(int variable, State state, Requirement requirement) {
    BitSet meeting = requirement.meeting(state.candidates);
    int candidates = state.candidates.size();
    int[] members = new int[candidates - meeting.cardinality() + 1];
    int size = 0;
    members[size++] = variable;
    for (int i = meeting.nextClearBit(0); i < candidates; i = meeting.nextClearBit(i + 1)) {
      if (state.firstVariable + i == variable) {
        // It excludes itself.
        sat.addClause(new int[] {Sat.negative(variable)});
        return;
      }
      members[size++] = state.firstVariable + i;
    }
    if (size > 1) {
      sat.addGroup(members);
    }
  }
}
