// What is dangerous waits for somebody to say yes.
//
//   ./millrace run examples/pipelines/Confirmation.java --confirm dangerous
//
// The release waits. Approve it on its page, or lower the level on the first page. With
// --confirm-auto-release 10m nothing is held any more after ten minutes: a slow start.

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.program.PipelineProgram;

final TextOperation test =
    TextOperation.of(
        "test",
        (job, version, _) -> {
          job.start(Level.AVERAGE);
          return version;
        });

final TextOperation release =
    TextOperation.of(
        "release",
        (job, product, version) -> {
          job.log("Waiting for approval where --confirm says so");
          job.start(Level.DANGEROUS);
          return product + " " + version + " is out";
        });

void main(String[] args) {
  PipelineProgram.of(
          "confirmation",
          engine -> {
            Current<String> tested = engine.run("test", test, Current.of("1.2"), Current.of(""));
            return engine.run("release", release, Current.of("shop"), tested);
          })
      .main(args);
}
