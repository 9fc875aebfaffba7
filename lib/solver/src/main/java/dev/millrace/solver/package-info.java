/**
 * Picks versions of opam packages, the same as opam-0install picks.
 *
 * <p>Start at {@link dev.millrace.solver.Solver}: a {@link dev.millrace.solver.SolveRequest} in, a
 * {@link dev.millrace.solver.SolveResult} out. Inside, {@code Platform} reads and filters a
 * repository for one platform, {@code Search} walks over what is needed and chooses, {@code
 * internal.Sat} decides whether a choice can hold, {@code Diagnostics} explains why nothing does.
 *
 * <p>What is built on it: {@link dev.millrace.solver.ReadSet} says what an answer was made from,
 * and {@link dev.millrace.solver.Following} keeps answers up to date by it; {@link
 * dev.millrace.solver.Conflict} says in few words why there is none, found by {@code
 * ConflictFinder}, which solves again and again with facts left aside ({@code Relaxation}); {@link
 * dev.millrace.solver.ReverseDependencies} and {@link dev.millrace.solver.RepositoryDelta} ask only
 * about what {@code Dependents} says can matter, or what answers that {@link
 * dev.millrace.solver.DeltaBases} kept say.
 *
 * <p>Imports {@code opam} (and {@code base}); knows nothing of CI. The model and the order of
 * choices are opam-0install's; the report is 0install's. The engine is conflict-driven clause
 * learning after MiniSat.
 *
 * <p>Invariants: the answer is the lexicographic optimum of the walk, whatever the engine does
 * inside; one thread works on one request, and asks {@code Patience} at each step whether anybody
 * still waits; what requests share (lists of candidates, what versions ask of others, which
 * candidates meet that) is computed without locks, by whoever comes first, and the same by all.
 */
@NullMarked
package dev.millrace.solver;

import org.jspecify.annotations.NullMarked;
