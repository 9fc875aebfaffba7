package dev.millrace.services.ocamlci;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.builder.BuildLog;
import dev.millrace.engine.core.Job;

/** Writes what a build says into a job's log, coloured as OBuilder does. */
final class JobBuildLog implements BuildLog {
  private final Job job;

  JobBuildLog(Job job) {
    this.job = job;
  }

  @Override
  public void heading(String text) {
    // The pages fold logs at these lines: their form is part of the interface.
    write("\u001b[01;34m" + text + "\u001b[0m\n");
  }

  @Override
  public void note(String text) {
    write("\u001b[01;33m" + text + "\u001b[0m\n");
  }

  @Override
  public void output(byte[] buffer, int length) {
    job.write(buffer, 0, length);
  }

  private void write(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    job.write(bytes, 0, bytes.length);
  }
}
