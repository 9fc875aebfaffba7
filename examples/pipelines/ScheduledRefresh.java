// A scheduled refresh: something outside is looked at every few seconds, and what follows runs only when it
// has changed.
//
//   ./millrace run examples/pipelines/ScheduledRefresh.java
//   echo 2 > version.txt        (in another terminal)
//
// While it is looked at again, the old outcome is still shown and used.

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Schedule;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.program.PipelineProgram;

final TextOperation look =
    TextOperation.of(
        "look",
        (job, file, _) -> {
          job.start(Level.HARMLESS);
          Path path = Path.of(file);
          return Files.exists(path) ? Files.readString(path).strip() : "nothing";
        });

final TextOperation react =
    TextOperation.of(
        "react",
        (job, what, version) -> {
          job.start(Level.AVERAGE);
          job.log("%s has become %s".formatted(what, version));
          return version;
        });

Current<?> pipeline(Engine engine) {
  Current<String> version =
      engine.run(
          "look",
          look,
          Current.of("version.txt"),
          Current.of(""),
          Schedule.validFor(Duration.ofSeconds(5)));
  return engine.run("react", react, Current.of("version"), version);
}

void main(String[] args) {
  PipelineProgram.of("scheduled-refresh", this::pipeline).main(args);
}
