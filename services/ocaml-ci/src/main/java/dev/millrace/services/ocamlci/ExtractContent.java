package dev.millrace.services.ocamlci;

import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.Done;
import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Operation;
import dev.millrace.engine.core.Pool;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.GitException;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.services.cikit.Analysis;
import dev.millrace.services.cikit.CiKitException;
import dev.millrace.services.cikit.ContentExtraction;
import dev.millrace.services.cikit.RepositoryContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads what a commit says about how to build it. */
final class ExtractContent implements Operation<Commit, Done, RepositoryContent> {
  private final GitRepository project;
  private final ContentExtraction extraction;
  private final Path scratch;
  private final Pool pool = Pool.of("extract_commit", 20);

  ExtractContent(GitRepository project, ContentExtraction extraction, Path scratch) {
    this.project = project;
    this.extraction = extraction;
    this.scratch = scratch;
  }

  @Override
  public String id() {
    return "ci-extract";
  }

  @Override
  public String describe(Commit commit, Done value) {
    return "Read the opam files of " + commit;
  }

  /** Of the files alone: another commit with the same ones needs no reading. */
  @Override
  public String keyDigest(Commit commit) {
    return "1 " + commit.tree();
  }

  @Override
  public String valueDigest(Done value) {
    return "";
  }

  @Override
  public String encode(RepositoryContent outcome) {
    return outcome.encode();
  }

  @Override
  public RepositoryContent decode(String text) {
    return RepositoryContent.decode(text);
  }

  @Override
  public RepositoryContent run(Job job, Commit commit, Done value)
      throws IOException, InterruptedException, JobFailedException {
    job.start(Level.HARMLESS, Optional.of(pool));
    try (TemporaryDirectory directory = TemporaryDirectory.in(scratch, "extract-")) {
      Path files = directory.path().resolve("source");
      project.export(commit, files);
      // Here, so that a project without packages is told so even where no packages can be reached.
      return Analysis.requirePackages(extraction.extract(files, job::log));
    } catch (GitException | CiKitException e) {
      throw new JobFailedException(String.valueOf(e.getMessage()), e);
    }
  }
}
