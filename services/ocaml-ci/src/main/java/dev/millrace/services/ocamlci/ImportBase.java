package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.builder.BuildLog;
import dev.millrace.builder.BuilderHome;
import dev.millrace.builder.ChoosingFetcher;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Operation;
import dev.millrace.engine.core.Pool;
import dev.millrace.services.cikit.CiKitException;
import dev.millrace.services.cikit.OpamVariables;
import dev.millrace.services.cikit.Platform;
import dev.millrace.services.cikit.TestedPlatform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Gets a platform's base image and asks it for its opam variables. */
final class ImportBase implements Operation<Platform, Done, TestedPlatform> {
  private static final int OUTPUT_MAX = 1 << 20;

  private final BuilderHome builder;
  private final StepRunner runner;
  private final Pool pool;
  private final Path scratch;

  ImportBase(BuilderHome builder, Pool pool, Path scratch) {
    this.builder = builder;
    this.runner = new StepRunner(builder.builder());
    this.pool = pool;
    this.scratch = scratch;
  }

  @Override
  public String id() {
    return "ci-base";
  }

  @Override
  public String describe(Platform platform, Done value) {
    return "Base image of " + platform.variant();
  }

  @Override
  public String keyDigest(Platform platform) {
    return "1 %s %s".formatted(platform.variant(), platform.base().name());
  }

  @Override
  public String valueDigest(Done value) {
    return "";
  }

  @Override
  public String encode(TestedPlatform outcome) {
    return outcome.encode();
  }

  @Override
  public TestedPlatform decode(String text) {
    return TestedPlatform.decode(text);
  }

  @Override
  public TestedPlatform run(Job job, Platform platform, Done value)
      throws IOException, InterruptedException, JobFailedException {
    job.start(Level.MOSTLY_HARMLESS, Optional.of(pool));
    ChoosingFetcher.Choice choice = builder.choose(platform.base().name());
    job.log("Base image %s: %s".formatted(choice.base(), choice.explanation()));
    String base = choice.base();
    Recording log = new Recording(new JobBuildLog(job));
    try (TemporaryDirectory empty = TemporaryDirectory.in(scratch, "empty-")) {
      runner.run(OpamVariables.spec(platform.variant(), base), empty.path(), log);
      return new TestedPlatform(platform, base, OpamVariables.parse(log.text()));
    } catch (CiKitException e) {
      throw new JobFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Keeps what the steps print, as that is the answer. */
  private static final class Recording implements BuildLog {
    private final BuildLog log;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    Recording(BuildLog log) {
      this.log = log;
    }

    @Override
    public void heading(String text) {
      log.heading(text);
    }

    @Override
    public void note(String text) {
      log.note(text);
    }

    @Override
    public void output(byte[] buffer, int length) {
      output.write(buffer, 0, Math.min(length, OUTPUT_MAX - output.size()));
      log.output(buffer, length);
    }

    String text() {
      return output.toString(UTF_8);
    }
  }
}
