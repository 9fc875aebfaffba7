package dev.millrace.app;

import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code millrace completion}: the script that completes Millrace's commands in a shell. */
@Command(
    name = "completion",
    header = "Print the script that completes commands and options in bash or zsh.",
    description = {
      "",
      "For the current shell:",
      "  source <(millrace completion)",
      "For all of yours:",
      "  millrace completion > ~/.local/share/bash-completion/completions/millrace"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
  /** One script serves both. */
  private enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "SHELL",
      description = "bash or zsh; the script is the same.",
      arity = "0..1")
  @SuppressWarnings("unused") // Taken so that people may say which shell they have.
  private @Nullable Shell shell;

  @Override
  public void run() {
    // The tree that was called holds this command alone: the script is for all of them.
    String script = AutoComplete.bash("millrace", Main.commandLineOfAll());
    CommandLine line = spec.commandLine();
    line.getOut().print(script);
    line.getOut().flush();
  }
}
