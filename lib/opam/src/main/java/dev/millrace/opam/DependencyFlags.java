package dev.millrace.opam;

import java.util.Optional;
import java.util.Set;

/** The six variables that say for what a dependency is needed, decided last. */
public record DependencyFlags(
    boolean build,
    boolean post,
    boolean withTest,
    boolean withDoc,
    boolean withDevSetup,
    boolean dev) {
  private static final Set<String> NAMES =
      Set.of("build", "post", "with-test", "with-doc", "with-dev-setup", "dev");

  /** What choosing versions needs: build and post dependencies, no others. */
  public static final DependencyFlags SOLVE =
      new DependencyFlags(true, true, false, false, false, false);

  /** Returns these flags with another {@code with-test}. */
  public DependencyFlags withTest(boolean value) {
    return new DependencyFlags(build, post, value, withDoc, withDevSetup, dev);
  }

  /** Returns these flags with another {@code dev}. */
  public DependencyFlags withDev(boolean value) {
    return new DependencyFlags(build, post, withTest, withDoc, withDevSetup, value);
  }

  /** Says whether this is the name of a dependency flag. */
  public static boolean isFlag(String variable) {
    return NAMES.contains(variable);
  }

  /** Returns the environment that knows the six flags and nothing else. */
  public Environment environment() {
    return variable ->
        switch (variable) {
          case "build" -> bool(build);
          case "post" -> bool(post);
          case "with-test" -> bool(withTest);
          case "with-doc" -> bool(withDoc);
          case "with-dev-setup" -> bool(withDevSetup);
          case "dev" -> bool(dev);
          default -> Optional.empty();
        };
  }

  private static Optional<VariableValue> bool(boolean value) {
    return Optional.of(new VariableValue.Bool(value));
  }
}
