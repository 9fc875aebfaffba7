/**
 * Answers requests for package versions as the community's solver-service does: the same JSON, over
 * the standard input ({@link dev.millrace.services.solver.LineServer}) or HTTP ({@link
 * dev.millrace.services.solver.HttpServer}).
 *
 * <p>Start at {@link dev.millrace.services.solver.SolverService}: a request's text in, a response's
 * text out. Inside, {@code Protocol} reads and writes the JSON, {@code Stores} has the commits of
 * opam repositories here, and {@code History} finds the oldest commit on which the answer rests.
 * Picking versions is done by {@code ci-kit}'s solver, which knows what a platform allows.
 *
 * <p>Any number of requests at once, each platform of each by a worker; a request ends when the
 * thread that asks is interrupted, and is answered then as cancelled.
 *
 * <p>Imports {@code base}, {@code opam}, {@code plugins.git} and {@code ci-kit}.
 */
@NullMarked
package dev.millrace.services.solver;

import org.jspecify.annotations.NullMarked;
