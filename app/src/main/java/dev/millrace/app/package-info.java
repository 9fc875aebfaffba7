/**
 * The command line: what a person or a script says to Millrace.
 *
 * <p>Start at {@link dev.millrace.app.Main}: it knows every command by name, and how it ends is
 * told as {@link dev.millrace.engine.program.CommandLines} has it: an exit code, and one clear line
 * for a failure. A new command is a class annotated for picocli and one line in {@link
 * dev.millrace.app.Commands}. May import every floor; nothing imports it. With the programs' module
 * below the only one that reads arguments, environment and system properties, and writes to the
 * standard streams.
 */
@NullMarked
package dev.millrace.app;

import org.jspecify.annotations.NullMarked;
