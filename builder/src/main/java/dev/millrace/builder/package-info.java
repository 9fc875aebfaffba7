/** Runs build specs in sandboxes over snapshot stores. */
@NullMarked
package dev.millrace.builder;

import org.jspecify.annotations.NullMarked;
