package dev.millrace.builder;

import dev.millrace.spec.Account;
import java.util.ArrayList;
import java.util.List;

/**
 * What operations change for those after them. Immutable.
 *
 * @param environment variables, the latest set first
 * @param user who runs commands and owns what is copied
 * @param workdir where commands run
 * @param shell what commands are given to
 */
record StepState(
    List<Sandbox.Variable> environment, Account user, String workdir, List<String> shell) {
  StepState {
    environment = List.copyOf(environment);
    shell = List.copyOf(shell);
  }

  /** Removes the first variable of this name and puts the new one before all others. */
  StepState withVariable(String name, String value) {
    List<Sandbox.Variable> changed = new ArrayList<>(environment);
    environment.stream().filter(v -> v.name().equals(name)).findFirst().ifPresent(changed::remove);
    changed.addFirst(new Sandbox.Variable(name, value));
    return new StepState(changed, user, workdir, shell);
  }

  StepState withUser(Account changed) {
    return new StepState(environment, changed, workdir, shell);
  }

  /** A relative directory is one below the present one. */
  StepState withWorkdir(String directory) {
    return new StepState(
        environment, user, isAbsolute(directory) ? directory : workdir + "/" + directory, shell);
  }

  StepState withShell(List<String> changed) {
    return new StepState(environment, user, workdir, changed);
  }

  /** Where a copy to here goes. */
  String destination(String path) {
    if (isAbsolute(path)) {
      return path;
    }
    return workdir.endsWith("/") ? workdir + path : workdir + "/" + path;
  }

  private static boolean isAbsolute(String path) {
    return path.startsWith("/");
  }
}
