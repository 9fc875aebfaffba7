/**
 * CI for OCaml projects.
 *
 * <p>Start at {@link dev.millrace.services.ocamlci.LocalCi}: one project on this machine. {@code
 * LocalPipeline} is its graph; {@code ExtractContent}, {@code ImportBase}, {@code Analyse} and
 * {@code RunJob} are the operations, each a thin wrapper that gives a job of the engine to what
 * {@code services.cikit} decides and {@code builder} runs.
 *
 * <p>Jobs are keyed by content: the project's tree, the steps, and what the chosen packages say.
 * Neither a commit nor a new version of the opam repository that changes none of these runs
 * anything.
 */
@NullMarked
package dev.millrace.services.ocamlci;

import org.jspecify.annotations.NullMarked;
