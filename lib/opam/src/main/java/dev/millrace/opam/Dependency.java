package dev.millrace.opam;

/** A package as opam files name them in dependencies, with the conditions in its braces. */
public record Dependency(PackageName name, Formula<Condition> condition) {
  @Override
  public String toString() {
    return condition.isEmpty() ? name.toString() : name + " {" + condition + "}";
  }
}
