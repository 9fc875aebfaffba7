import dev.millrace.base.Command;
import dev.millrace.base.TemporaryDirectory;
import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Level;
import dev.millrace.engine.core.TextOperation;
import dev.millrace.engine.program.PipelineProgram;
import dev.millrace.plugins.git.GitRepository;
import dev.millrace.plugins.git.HeadMonitor;

/** Tests each new commit of a git repository: change the two settings, then the pipeline. */
final Path project = Path.of(System.getProperty("project", "."));

final Command test = Command.of("sh", "-c", "ls && test -f README.md");

void main(String[] args) {
  GitRepository repository = GitRepository.open(project);
  TextOperation run =
      TextOperation.of(
          "test",
          (job, commit, _) -> {
            job.start(Level.AVERAGE);
            TemporaryDirectory sources = job.own(TemporaryDirectory.in(Path.of("/tmp"), "test-"));
            repository.export(repository.commit(commit), sources.path());
            job.run(test.in(sources.path()));
            return "passed";
          });
  PipelineProgram.of(
          "my-pipeline",
          engine -> {
            Current<String> head =
                engine
                    .monitor("head", new HeadMonitor(repository))
                    .map(commit -> commit.hash().hex());
            return engine.run("test", run, head, Current.of(""));
          })
      .main(args);
}
