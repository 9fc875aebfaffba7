// A gated deployment: staging first, and production only once staging answers.
//
//   ./millrace run examples/pipelines/GatedDeploy.java --once --port 0
//
// "Deploying" writes a file, so that the example needs nothing: replace the two operations with what you do.

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.program.PipelineProgram;

/** Where things are deployed to. */
final Path site = Path.of("var", "site");

final TextOperation build =
    TextOperation.of(
        "build",
        (job, source, _) -> {
          job.start(Level.AVERAGE);
          return source + ".image";
        });

/** Brings an environment (the key) to an image (the value). */
final TextOperation deploy =
    TextOperation.of(
        "deploy",
        (job, environment, image) -> {
          job.start(environment.equals("production") ? Level.DANGEROUS : Level.ABOVE_AVERAGE);
          Files.createDirectories(site);
          Files.writeString(site.resolve(environment), image);
          return image;
        });

/** Looks whether an environment runs an image. */
final TextOperation check =
    TextOperation.of(
        "check",
        (job, environment, image) -> {
          job.start(Level.MOSTLY_HARMLESS);
          if (!Files.readString(site.resolve(environment)).equals(image)) {
            throw new JobFailedException("%s does not run %s".formatted(environment, image));
          }
          return "healthy";
        });

Current<?> pipeline(Engine engine) {
  Current<String> image = engine.run("build", build, Current.of("shop-1.2"), Current.of(""));
  Current<String> staging =
      engine.run("staging", deploy, Current.of("staging"), image);
  // A check belongs to one deployment: it is made again for each image.
  Current<String> healthy =
      engine.run("check", check, Current.of("staging"), staging);
  return engine.run("production", deploy, Current.of("production"), image.gate(healthy));
}

void main(String[] args) {
  PipelineProgram.of("gated-deploy", this::pipeline).main(args);
}
