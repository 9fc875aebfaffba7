// A build matrix: one job for each pair of a list of platforms and a list of compilers.
//
//   ./millrace run examples/pipelines/BuildMatrix.java --once --port 0
//
// Both lists are inputs: when one changes, only the jobs of new pairs run, and those of removed pairs are
// stopped. Each platform is a group that folds on the page.

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Outcome;
import dev.millrace.engine.core.Pool;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.program.PipelineProgram;

/** Two builds at once. */
final Pool builders = Pool.of("builders", 2);

final TextOperation build =
    TextOperation.of(
            "build",
            (job, pair, commit) -> {
              job.start(Level.AVERAGE, builders);
              return "%s of %s".formatted(commit, pair);
            })
        .withAutoCancel();

Current<?> pipeline(Engine engine) {
  Current<List<String>> platforms =
      engine.variable("platforms", Outcome.ok(List.of("debian-13", "alpine-3.22"))).current();
  Current<List<String>> compilers =
      engine.variable("compilers", Outcome.ok(List.of("4.14", "5.3", "5.4"))).current();
  Current<String> commit = engine.variable("commit", Outcome.ok("1a2b3c4")).current();
  return Current.mapEachGroup(
      platforms,
      platform -> platform,
      platform -> platform,
      Current.Opening.OPEN,
      platform ->
          Current.mapEach(
              compilers,
              compiler -> compiler,
              compiler -> compiler,
              compiler ->
                  engine.run(
                      "build",
                      build,
                      Current.zip(platform, compiler, (system, version) -> system + " with " + version),
                      commit)));
}

void main(String[] args) {
  PipelineProgram.of("build-matrix", this::pipeline).main(args);
}
