package dev.millrace.services.cikit;

import dev.millrace.spec.Dockerfile;
import java.util.List;
import java.util.Optional;

/** The part of a job's log that tells how to do the same by hand, with nothing but Docker. */
public final class ReproduceBlock {
  /** The line that ends the block. */
  public static final String END = "END-REPRO-BLOCK";

  private static final String BLUE = "\u001b[34m";
  private static final String PLAIN = "\u001b[0m";

  private ReproduceBlock() {}

  /** Where somebody else finds the versions that the job was solved with. */
  public sealed interface Versions {
    /** In the public repository, of which published images have a clone. */
    record Public(String commit) implements Versions {}

    /**
     * Elsewhere.
     *
     * @param getRepository a shell command that writes {@link #REPOSITORY}
     * @param getArchives one that writes {@link #ARCHIVES}, if there is a mirror of sources
     */
    record Elsewhere(String getRepository, Optional<String> getArchives) implements Versions {}

    /** The directory that packages are read from, beside the project's files. */
    String REPOSITORY = RepositorySource.InContext.REPOSITORY;

    /** The directory that sources are looked for in. */
    String ARCHIVES = RepositorySource.InContext.ARCHIVES;
  }

  /**
   * The lines of the block, without line ends.
   *
   * @param getSources shell commands, one a line, that bring the commit into the current directory
   * @param notes what differs from the job, a line each
   */
  public static List<String> of(
      PlannedJob job,
      RepositoryContent content,
      String getSources,
      Versions versions,
      List<String> notes) {
    PlannedJob.Work.Run run = job.requireRun();
    Selection selection = published(run.selection());
    PlannedJob byHand =
        new PlannedJob(
            job.label(),
            job.kind(),
            job.variant(),
            job.experimental(),
            new PlannedJob.Work.Run(selection, run.systemTools()));
    RepositorySource source =
        switch (versions) {
          case Versions.Public(String commit) -> new RepositorySource.InImage(commit);
          case Versions.Elsewhere elsewhere ->
              new RepositorySource.InContext(elsewhere.getArchives().isPresent());
        };
    String dockerfile =
        Dockerfile.render(
            byHand.spec(content, image(job.variant()), source),
            Dockerfile.Dialect.BUILDKIT,
            Dockerfile.Escape.UNIX);
    StringBuilder text = new StringBuilder("\nTo reproduce locally:\n\n");
    text.append(getSources.stripTrailing()).append('\n');
    if (versions instanceof Versions.Elsewhere elsewhere) {
      text.append(elsewhere.getRepository()).append('\n');
      elsewhere.getArchives().ifPresent(command -> text.append(command).append('\n'));
    }
    notes.forEach(note -> text.append("# ").append(note).append('\n'));
    text.append("cat > Dockerfile <<'END-OF-DOCKERFILE'\n");
    text.append(BLUE).append(dockerfile.stripTrailing()).append(PLAIN).append('\n');
    text.append("END-OF-DOCKERFILE\n");
    text.append("docker build .\n");
    text.append(END).append("\n\n");
    return text.toString().lines().toList();
  }

  private static String image(Variant variant) {
    return Optional.of(
            new Platform.Name(variant.distribution(), variant.ocaml(), variant.architecture()))
        .flatMap(Platform::published)
        .map(platform -> platform.base().name())
        .orElse(
            "ocaml/opam:%s-ocaml-%s"
                .formatted(variant.distribution(), variant.ocaml().dockerTag()));
  }

  /** Published images have a compiler that opam built, in place of the distribution's. */
  private static Selection published(Selection selection) {
    return new Selection(
        selection.variant(),
        selection.packages().stream().filter(pkg -> !pkg.startsWith("ocaml-system.")).toList(),
        selection.onlyPackages(),
        selection.commit(),
        selection.lowerBound());
  }
}
