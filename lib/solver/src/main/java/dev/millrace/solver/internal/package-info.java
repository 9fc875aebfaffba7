/**
 * The engine that decides whether choices can hold together, which knows nothing of packages:
 * {@link dev.millrace.solver.internal.Sat} searches, its {@code Guide} makes the choices, and
 * {@link dev.millrace.solver.internal.Patience} says how long somebody waits.
 *
 * <p>Imports nothing. Public to the solver alone.
 */
@NullMarked
package dev.millrace.solver.internal;

import org.jspecify.annotations.NullMarked;
