/**
 * The program around a pipeline: command line, console, pages, exit code.
 *
 * <p>Start at {@link dev.millrace.engine.program.PipelineProgram}, which makes a whole program of a
 * function that describes a pipeline. A program with a command line of its own takes the parts:
 * {@link dev.millrace.engine.program.EngineOptions}, {@link
 * dev.millrace.engine.program.ServerOptions} and {@link dev.millrace.engine.program.SignOnOptions}
 * for picocli, {@link dev.millrace.engine.program.CommandLines} for how wrong use and failures are
 * told, {@link dev.millrace.engine.program.Console} for progress.
 *
 * <p>With {@code app}, the only place that reads arguments and environment, and that prints:
 * results go to the standard output, all else to the error output.
 */
@NullMarked
package dev.millrace.engine.program;

import org.jspecify.annotations.NullMarked;
