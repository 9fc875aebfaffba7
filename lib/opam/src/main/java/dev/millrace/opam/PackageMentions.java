package dev.millrace.opam;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The packages whose variables commands use.
 *
 * <p>A package is guarded from where a filter asks whether it is installed, such that nothing
 * happens if it is not, to the end of that command: there its variables may be used.
 *
 * @param guarded the packages that some filter guards
 * @param unguarded the packages of which a variable other than {@code installed} is used unguarded
 */
record PackageMentions(Set<String> guarded, Set<String> unguarded) {
  /** How many packages of one filter are tried: for each the whole filter is looked at. */
  private static final int GUARDS_MAX = 100;

  static PackageMentions of(List<OpamCommand> commands) {
    PackageMentions mentions = new PackageMentions(new HashSet<>(), new HashSet<>());
    commands.forEach(mentions::add);
    return mentions;
  }

  /** The packages of which a filter that guards nothing uses a variable. */
  static Set<String> of(Filter filter) {
    PackageMentions mentions = new PackageMentions(new HashSet<>(), new HashSet<>());
    filter.variables().forEach(variable -> mentions.use(variable, Set.of()));
    return mentions.unguarded();
  }

  private void add(OpamCommand command) {
    Set<String> here = new HashSet<>();
    command.filter().ifPresent(filter -> addFilter(filter, here));
    for (Filtered<OpamCommand.Argument> argument : command.arguments()) {
      argument.filter().ifPresent(filter -> addFilter(filter, here));
      switch (argument.value()) {
        case OpamCommand.Argument.Text(var text) ->
            Interpolation.variables(text).forEach(variable -> use(variable, here));
        case OpamCommand.Argument.Ident(var variable) -> use(variable, here);
      }
    }
    guarded.addAll(here);
  }

  private void addFilter(Filter filter, Set<String> here) {
    List<Variable> variables = filter.variables();
    variables.stream()
        .filter(variable -> variable.name().equals("installed"))
        .flatMap(variable -> variable.packages().stream())
        .filter(name -> !name.equals("_"))
        .distinct()
        .limit(GUARDS_MAX)
        .filter(name -> isFalseWithout(filter, name))
        .forEach(here::add);
    variables.forEach(variable -> use(variable, here));
  }

  private static boolean isFalseWithout(Filter filter, String name) {
    Environment without =
        variable ->
            variable.equals(name + ":installed")
                ? Optional.of(VariableValue.of(false))
                : Optional.empty();
    return filter.evalPartially(without) instanceof Filter.Bool(var value) && !value;
  }

  private void use(Variable variable, Set<String> here) {
    if (!variable.name().equals("installed")) {
      for (String name : variable.packages()) {
        if (!name.equals("_") && !here.contains(name)) {
          unguarded.add(name);
        }
      }
    }
  }
}
