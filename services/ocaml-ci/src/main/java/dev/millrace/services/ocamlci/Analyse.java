package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.engine.core.Job;
import dev.millrace.engine.core.JobFailedException;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.Operation;
import dev.millrace.engine.core.Pool;
import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.plugins.git.Commit;
import dev.millrace.services.cikit.Analysis;
import dev.millrace.services.cikit.AnalysisOutcome;
import dev.millrace.services.cikit.CiKitException;
import dev.millrace.services.cikit.JobPlanner;
import dev.millrace.services.cikit.OpamVersionSolver;
import dev.millrace.services.cikit.PlannedJob;
import dev.millrace.services.cikit.RepositoryContent;
import dev.millrace.services.cikit.SelectionSources;
import dev.millrace.services.cikit.TestedPlatform;
import dev.millrace.services.cikit.Variant;
import dev.millrace.services.cikit.VersionSolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Decides which versions to build with, and so which jobs there are. */
final class Analyse implements Operation<Analyse.Subject, Analyse.Question, Analyse.Answer> {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final SelectionSources NOTHING =
      new SelectionSources(List.of(), List.of(), List.of(), List.of());

  private final Pool pool = Pool.of("analyse", 4);
  private final OpenRepositories repositories;
  private final int parallelMax;

  Analyse(OpenRepositories repositories, int parallelMax) {
    this.repositories = repositories;
    this.parallelMax = parallelMax;
  }

  /**
   * Which files are analysed: those of another commit are another thing, whose jobs are not these.
   *
   * @param project its directory
   * @param tree the commit's files
   */
  record Subject(String project, String tree) {
    static Subject of(String project, Commit commit) {
      return new Subject(project, commit.tree().hex());
    }
  }

  /** What is to be built, where, and from which packages. */
  record Question(
      Commit commit,
      RepositoryContent content,
      List<TestedPlatform> platforms,
      RepositoryVersion repository) {
    Question {
      platforms = List.copyOf(platforms);
    }

    Optional<TestedPlatform> platform(Variant variant) {
      return platforms.stream().filter(platform -> platform.variant().equals(variant)).findFirst();
    }

    private TestedPlatform requirePlatform(Variant variant) {
      return platform(variant)
          .orElseThrow(() -> new NoSuchElementException("No platform " + variant));
    }
  }

  /** The jobs. */
  record Answer(AnalysisOutcome outcome, List<Planned> jobs) {
    Answer {
      jobs = List.copyOf(jobs);
    }
  }

  /**
   * A job, and what it is made from.
   *
   * @param sources what its packages are made from
   * @param digest of all the files that its packages have in the repository: what they say, not
   *     when they were committed
   */
  record Planned(PlannedJob planned, SelectionSources sources, String digest) {}

  private record Stored(String outcome, List<String> sources, List<String> digests) {}

  @Override
  public String id() {
    return "ci-analyse";
  }

  @Override
  public String describe(Subject subject, Question question) {
    return "(analysis)";
  }

  @Override
  public String keyDigest(Subject subject) {
    return "2 " + subject.tree() + " " + subject.project();
  }

  /**
   * The opam repository moves all day, and hardly ever changes the answer: the jobs go on
   * meanwhile.
   */
  @Override
  public boolean latched() {
    return true;
  }

  @Override
  public String valueDigest(Question question) {
    return Digests.of(
        List.of(
            question.repository().toString(),
            question.repository().version(),
            question.platforms().stream()
                .map(TestedPlatform::encode)
                .collect(Collectors.joining("\n"))));
  }

  @Override
  public String encode(Answer answer) {
    return JSON.writeValueAsString(
        new Stored(
            answer.outcome().encode(),
            answer.jobs().stream().map(job -> job.sources().encode()).toList(),
            answer.jobs().stream().map(Planned::digest).toList()));
  }

  @Override
  public Answer decode(String text) {
    Stored stored = JSON.readValue(text, Stored.class);
    AnalysisOutcome outcome = AnalysisOutcome.decode(stored.outcome());
    List<PlannedJob> planned = JobPlanner.plan(outcome);
    List<Planned> jobs = new ArrayList<>();
    for (int i = 0; i < planned.size(); i++) {
      jobs.add(
          new Planned(
              planned.get(i),
              SelectionSources.decode(stored.sources().get(i)),
              stored.digests().get(i)));
    }
    return new Answer(outcome, jobs);
  }

  @Override
  public Answer run(Job job, Subject subject, Question question)
      throws IOException, InterruptedException, JobFailedException {
    job.start(Level.HARMLESS, Optional.of(pool));
    job.log("Commit: " + question.commit());
    job.log("opam repository: " + question.repository());
    if (question.platforms().isEmpty()) {
      throw new JobFailedException("No platform's base image could be had");
    }
    try (OpamRepository repository = repositories.open(question.repository())) {
      AnalysisOutcome outcome =
          new Analysis(solver(repository, question.repository()), parallelMax)
              .analyse(question.content(), question.platforms(), text -> print(job, text));
      List<Planned> jobs = new ArrayList<>();
      for (PlannedJob planned : JobPlanner.plan(outcome)) {
        jobs.add(describe(planned, question, repository));
      }
      return new Answer(outcome, jobs);
    } catch (CiKitException e) {
      throw new JobFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static VersionSolver solver(OpamRepository repository, RepositoryVersion version) {
    return OpamVersionSolver.open(
        repository,
        version.toString(),
        version.kind() == RepositoryVersion.Kind.GIT
            ? Optional.of(version.version())
            : Optional.empty());
  }

  private static Planned describe(
      PlannedJob planned, Question question, OpamRepository repository) {
    if (!(planned.work() instanceof PlannedJob.Work.Run)) {
      return new Planned(planned, NOTHING, "");
    }
    SelectionSources sources =
        SelectionSources.of(
            planned,
            question.content(),
            question.requirePlatform(planned.variant()).variables(),
            repository);
    List<byte[]> files = new ArrayList<>();
    for (String text : sources.packages()) {
      Package pkg = Package.parse(text);
      files.add(text.getBytes(UTF_8));
      repository.findBytes(pkg).ifPresent(files::add);
      repository
          .listFiles(pkg)
          .forEach(
              (name, bytes) -> {
                files.add(name.getBytes(UTF_8));
                files.add(bytes);
              });
    }
    return new Planned(planned, sources, Digests.ofBytes(files));
  }

  /** Explanations have many lines, and read better without a time before each. */
  private static void print(Job job, String text) {
    int end = text.indexOf('\n');
    job.log(end < 0 ? text : text.substring(0, end));
    if (end >= 0) {
      byte[] rest = (text.substring(end + 1) + "\n").getBytes(UTF_8);
      job.write(rest, 0, rest.length);
    }
  }
}
