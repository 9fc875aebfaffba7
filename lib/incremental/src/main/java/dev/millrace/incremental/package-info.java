/**
 * Self-adjusting values: a graph of values computed from other values, which after a change of some
 * inputs recomputes only what depends on them.
 *
 * <p>Start at {@link dev.millrace.incremental.Graph}. Imports nothing of Millrace.
 *
 * <p>Invariants: a value is recomputed at most once per round, and only when an input of it has
 * changed; a value made inside a computation goes away when that computation is redone; what a
 * graph shows is what computing everything afresh would show. A graph with all its values belongs
 * to one thread.
 */
@NullMarked
package dev.millrace.incremental;

import org.jspecify.annotations.NullMarked;
