package dev.millrace.solver;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
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
  private final Sat sat = new Sat(this);
  private final Map<Role, State> states = new HashMap<>();
  private final List<State> stateOf = new ArrayList<>(); // by variable
  private final Map<String, Sat.Group> conflictClasses = new HashMap<>();
  private final Map<Role, List<Waiting>> waiting = new HashMap<>();
  private int walk;
  private final State root;

  /** A restriction of a chosen candidate on a role that nothing needs so far. */
  private record Waiting(int variable, Requirement requirement) {}

  private static final class State {
    private final Role role;
    private final List<Implementation> implementations;
    private final int firstVariable;
    private int seenInWalk;

    State(Role role, List<Implementation> implementations, int firstVariable) {
      this.role = role;
      this.implementations = implementations;
      this.firstVariable = firstVariable;
    }
  }

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
    try {
      this.root = create(goal);
    } catch (Interrupted e) {
      throw new InterruptedException(e.getMessage());
    }
    int[] oneOfThem = new int[root.implementations.size()];
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
    walk(result);
    return result;
  }

  @Override
  public int choose() {
    return walk(null);
  }

  /** Goes through the roles that are needed; returns the first choice to be made. */
  private int walk(@Nullable Map<Role, Implementation> chosen) {
    walk++;
    Deque<Role> open = new ArrayDeque<>();
    open.push(root.role);
    while (!open.isEmpty()) {
      State state = stateOf(open.pop());
      if (state.seenInWalk == walk) {
        continue;
      }
      state.seenInWalk = walk;
      int next = Sat.NONE;
      @Nullable Implementation selected = null;
      for (int i = 0; i < state.implementations.size(); i++) {
        int variable = state.firstVariable + i;
        if (sat.isTrue(variable)) {
          selected = state.implementations.get(i);
          break;
        }
        if (next == Sat.NONE && sat.isUndecided(variable)) {
          next = Sat.positive(variable);
        }
      }
      if (selected == null) {
        if (next != Sat.NONE) {
          return next;
        }
        continue;
      }
      if (chosen != null) {
        chosen.put(state.role, selected);
      }
      for (Requirement requirement : source.requirements(selected).reversed()) {
        if (requirement.essential()) {
          open.push(requirement.role());
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
    List<Implementation> implementations = implementations(role);
    int first = stateOf.size();
    State state = new State(role, implementations, first);
    states.put(role, state);
    int[] variables = new int[implementations.size()];
    for (int i = 0; i < variables.length; i++) {
      variables[i] = sat.newVariable();
      stateOf.add(state);
    }
    if (variables.length > 1) {
      sat.addGroup(variables);
    }
    for (int i = 0; i < variables.length; i++) {
      if (implementations.get(i) instanceof Implementation.Version version) {
        joinConflictClasses(version, variables[i]);
      }
    }
    for (Waiting earlier : waiting.getOrDefault(role, List.of())) {
      exclude(earlier.variable(), state, earlier.requirement());
    }
    waiting.remove(role);
    return state;
  }

  private List<Implementation> implementations(Role role) {
    List<Implementation> result = new ArrayList<>();
    switch (role) {
      case Role.Real(var name) -> {
        try {
          result.addAll(source.of(name).good());
        } catch (InterruptedException e) {
          // Passes through the engine, which knows nothing of reading files.
          throw new Interrupted(e);
        }
      }
      case Role.Virtual virtual -> result.addAll(virtual.alternatives());
    }
    if (closestMatch) {
      result.add(new Implementation.Dummy());
    }
    return result;
  }

  private void joinConflictClasses(Implementation.Version version, int variable) {
    for (String conflictClass : version.conflictClasses()) {
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
    Implementation implementation = own.implementations.get(variable - own.firstVariable);
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
    int[] literals = new int[state.implementations.size() + 1];
    int size = 0;
    literals[size++] = Sat.negative(variable);
    for (int i = 0; i < state.implementations.size(); i++) {
      if (requirement.isMetBy(state.implementations.get(i))) {
        literals[size++] = Sat.positive(state.firstVariable + i);
      }
    }
    sat.addClause(Arrays.copyOf(literals, size));
  }

  /** The variable excludes the candidates that do not meet the requirement. */
  private void exclude(int variable, State state, Requirement requirement) {
    int[] members = new int[state.implementations.size() + 1];
    int size = 0;
    members[size++] = variable;
    for (int i = 0; i < state.implementations.size(); i++) {
      if (!requirement.isMetBy(state.implementations.get(i))) {
        if (state.firstVariable + i == variable) {
          // It excludes itself.
          sat.addClause(new int[] {Sat.negative(variable)});
          return;
        }
        members[size++] = state.firstVariable + i;
      }
    }
    if (size > 1) {
      sat.addGroup(Arrays.copyOf(members, size));
    }
  }
}
