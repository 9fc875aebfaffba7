package dev.millrace.app;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code millrace completion}: the script that completes Millrace's commands in a shell. */
@Command(
    name = "completion",
    header = "Print the script that completes commands and options in bash or zsh.",
    description = {
      "For the current shell:  source <(millrace completion)",
      "For all of yours:       millrace completion"
          + " > ~/.local/share/bash-completion/completions/millrace"
    },
    mixinStandardHelpOptions = true)
final class CompletionCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    // The tree that was called holds this command alone: the script is for all of them.
    String script = AutoComplete.bash("millrace", Main.commandLineOfAll());
    CommandLine line = spec.commandLine();
    line.getOut().print(script);
    line.getOut().flush();
  }
}
