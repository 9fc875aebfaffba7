/**
 * Picks versions of opam packages, the same as opam-0install picks.
 *
 * <p>Start at {@link dev.millrace.solver.Solver}: a {@link dev.millrace.solver.SolveRequest} in, a
 * {@link dev.millrace.solver.SolveResult} out. Inside, {@code Platform} reads and filters a
 * repository for one platform, {@code Search} walks over what is needed and chooses, {@code Sat}
 * decides whether a choice can hold, {@code Diagnostics} explains why nothing does.
 *
 * <p>Imports {@code opam} (and {@code base}); knows nothing of CI. The model and the order of
 * choices are opam-0install's; the report is 0install's. The engine is conflict-driven clause
 * learning after MiniSat.
 *
 * <p>Invariants: the answer is the lexicographic optimum of the walk, whatever the engine does
 * inside; one thread works on one request; interruption ends it.
 */
@NullMarked
package dev.millrace.solver;

import org.jspecify.annotations.NullMarked;
