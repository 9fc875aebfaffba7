package dev.millrace.builder;

import dev.millrace.base.Secret;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a build is given besides its specification.
 *
 * @param sources the directory that {@code copy} copies from; it must not change during the build
 * @param environment variables for every step, before those of the base
 * @param secrets by name
 */
public record BuildContext(
    Path sources, List<Sandbox.Variable> environment, Map<String, Secret> secrets) {
  /** Copies. */
  public BuildContext {
    environment = List.copyOf(environment);
    secrets = Collections.unmodifiableMap(new LinkedHashMap<>(secrets));
  }

  /** A context of nothing but sources. */
  public static BuildContext of(Path sources) {
    return new BuildContext(sources, List.of(), Map.of());
  }
}
