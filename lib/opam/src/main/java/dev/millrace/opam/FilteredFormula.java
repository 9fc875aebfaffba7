package dev.millrace.opam;

import dev.millrace.opam.Formula.Partial;

/**
 * Reduces the formula of a dependency field to plain version constraints.
 *
 * <p>It takes two passes: the first with the platform's variables, in which the dependency flags
 * stay unknown; the second with the flags, in which everything still undefined counts as false. A
 * version comparison whose value is still undefined, or no version, is ignored.
 */
public final class FilteredFormula {
  private FilteredFormula() {}

  /** Returns the formula after both passes. */
  public static Formula<PackageConstraint> filter(
      Formula<Dependency> formula, Environment platform, DependencyFlags flags) {
    return filterFlags(filterPlatform(formula, platform), flags);
  }

  /** Returns what the first pass leaves; flags that {@code platform} defines are not asked. */
  public static Formula<Dependency> filterPlatform(
      Formula<Dependency> formula, Environment platform) {
    Environment flagless =
        variable ->
            DependencyFlags.isFlag(variable) ? java.util.Optional.empty() : platform.find(variable);
    return formula.map(
        dependency ->
            switch (dependency
                .condition()
                .<Condition>evalPartially(condition -> partially(condition, flagless))) {
              case Partial.True<Condition> _ ->
                  Formula.atom(new Dependency(dependency.name(), Formula.empty()));
              case Partial.False<Condition> _ -> Formula.empty();
              case Partial.Rest<Condition>(var rest) ->
                  Formula.atom(new Dependency(dependency.name(), rest));
            });
  }

  private static Partial<Condition> partially(Condition condition, Environment platform) {
    return switch (condition) {
      case Condition.When(var filter) ->
          switch (filter.evalPartially(platform)) {
            case Filter.Bool(var value) -> value ? new Partial.True<>() : new Partial.False<>();
            case Filter rest -> new Partial.Rest<>(Formula.atom(new Condition.When(rest)));
          };
      case Condition.Version(var op, var value) -> {
        Filter known = value.evalPartially(platform);
        Filter text =
            known instanceof Filter.Bool(var bool)
                ? new Filter.Text(Boolean.toString(bool))
                : known;
        yield new Partial.Rest<>(Formula.atom(new Condition.Version(op, text)));
      }
    };
  }

  /** Returns what the second pass leaves. */
  public static Formula<PackageConstraint> filterFlags(
      Formula<Dependency> formula, DependencyFlags flags) {
    Environment environment = flags.environment();
    return formula.map(
        dependency ->
            switch (dependency
                .condition()
                .<VersionConstraint>evalPartially(condition -> decided(condition, environment))) {
              case Partial.True<VersionConstraint> _ ->
                  Formula.atom(new PackageConstraint(dependency.name(), Formula.empty()));
              case Partial.False<VersionConstraint> _ -> Formula.empty();
              case Partial.Rest<VersionConstraint>(var rest) ->
                  Formula.atom(new PackageConstraint(dependency.name(), rest));
            });
  }

  private static Partial<VersionConstraint> decided(Condition condition, Environment environment) {
    return switch (condition) {
      case Condition.When(var filter) ->
          filter.evalToBoolean(environment, false) ? new Partial.True<>() : new Partial.False<>();
      case Condition.Version(var op, var value) ->
          new Partial.Rest<>(
              value
                  .evalToText(environment)
                  .flatMap(PackageVersion::find)
                  .map(version -> Formula.atom(new VersionConstraint(op, version)))
                  .orElseGet(Formula::empty));
    };
  }
}
