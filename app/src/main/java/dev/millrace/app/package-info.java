/**
 * The command line: what a person or a script says to Millrace, and the only place that prints.
 *
 * <p>Start at {@link dev.millrace.app.Main}: it knows every command by name, turns every end into
 * one of the exit codes of {@link dev.millrace.app.ExitCode}, and every failure into one clear
 * line. A new command is a class annotated for picocli and one line in {@link
 * dev.millrace.app.Commands}. May import every floor; nothing imports it. Only this module reads
 * arguments, environment and system properties, and writes to the standard streams.
 */
@NullMarked
package dev.millrace.app;

import org.jspecify.annotations.NullMarked;
