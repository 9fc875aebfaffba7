/**
 * Runs build specs in sandboxes over snapshot stores.
 *
 * <p>{@link dev.millrace.builder.BuilderHome} opens all of it in one directory. Start at {@link
 * dev.millrace.builder.Builder}: it runs the operations of a spec, each at most once for all builds
 * that need it at the same time, and keeps their results. Three seams say where ({@link
 * dev.millrace.builder.Store}), in what ({@link dev.millrace.builder.Sandbox}) and from what
 * ({@link dev.millrace.builder.Fetcher}); {@link dev.millrace.builder.StepTrees} is the only way to
 * touch files that belong to steps.
 *
 * <p>Imports {@code dev.millrace.base}, {@code sexp}, {@code spec} and {@code oci}.
 *
 * <p>Invariants: a snapshot appears whole or not at all and never changes; nothing that a build
 * stands on is deleted; a failed or cancelled step leaves nothing; after a kill, the next start
 * removes what was left. Threads: the step engine owns one per step that is being made; all else
 * runs on its callers' threads.
 */
@NullMarked
package dev.millrace.builder;

import org.jspecify.annotations.NullMarked;
