package dev.millrace.engine.program;

import dev.millrace.engine.core.Current;
import dev.millrace.engine.core.Engine;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;

/**
 * A whole program around a pipeline: serves its pages, shows how jobs go, and has the options
 * {@code --once}, {@code --plan}, {@code --confirm}, {@code --port} and more, which {@code --help}
 * lists.
 *
 * <pre>{@code
 * void main(String[] args) {
 *   PipelineProgram.of("greet", engine -> engine.run("greet", new Greet(), Current.of("world")))
 *       .main(args);
 * }
 * }</pre>
 *
 * <p>Exit codes are those of {@link ExitCode}.
 */
public final class PipelineProgram {
  private final String name;
  private final String description;
  private final Function<Engine, Current<?>> pipeline;

  private PipelineProgram(String name, String description, Function<Engine, Current<?>> pipeline) {
    this.name = name;
    this.description = description;
    this.pipeline = pipeline;
  }

  /**
   * A program of this name.
   *
   * @param pipeline makes the stages and returns the one that stands for the whole; called once,
   *     see {@link Engine#start}
   */
  public static PipelineProgram of(String name, Function<Engine, Current<?>> pipeline) {
    return new PipelineProgram(name, "Keeps the pipeline \"" + name + "\" up to date.", pipeline);
  }

  /** The same, with what it does in one sentence for {@code --help}. */
  public PipelineProgram describedAs(String sentence) {
    return new PipelineProgram(name, sentence, pipeline);
  }

  /** Does what the arguments say, and ends the process. */
  public void main(String[] args) {
    // Libraries that log with the JDK say what is wrong like all others, and no more than that.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    PrintWriter out = new PrintWriter(System.out, false, System.out.charset());
    PrintWriter err = new PrintWriter(System.err, true, System.err.charset());
    int status = run(List.of(args), out, err);
    out.flush();
    System.exit(status);
  }

  /** Does what the arguments say, and returns the exit code. */
  public int run(List<String> args, PrintWriter out, PrintWriter err) {
    CommandLine line = new CommandLine(new PipelineCommand(name, pipeline));
    line.getCommandSpec().name(name).usageMessage().header(description);
    return CommandLines.setUp(line, out, err).execute(args.toArray(String[]::new));
  }
}
