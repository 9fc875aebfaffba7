package dev.millrace.services.ocamlci;

import dev.millrace.builder.BuildContext;
import dev.millrace.builder.BuildLog;
import dev.millrace.builder.BuildResult;
import dev.millrace.builder.Builder;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.sexp.Sexp;
import dev.millrace.spec.Op;
import dev.millrace.spec.Spec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Runs specifications for jobs. */
record StepRunner(Builder builder) {
  /**
   * Runs all steps.
   *
   * @param sources what {@code copy} copies from
   * @throws JobFailedException if a step failed
   */
  void run(Spec spec, Path sources, BuildLog log) throws InterruptedException, JobFailedException {
    BuildContext context = new BuildContext(sources, List.of(), Map.of());
    switch (builder.build(spec, context, log)) {
      case BuildResult.Built _ -> {}
      case BuildResult.Failed failed ->
          throw new JobFailedException(withoutShell(failed.message(), spec));
    }
  }

  /** The command in the words of the specification: the shell that ran it goes without saying. */
  static String withoutShell(String message, Spec spec) {
    for (Op op : spec.ops()) {
      if (op instanceof Op.Run run) {
        int at = message.indexOf(Sexp.quote(run.shell()) + " failed");
        if (at >= 0) {
          return run.shell() + message.substring(at + Sexp.quote(run.shell()).length());
        }
      }
    }
    return message;
  }
}
