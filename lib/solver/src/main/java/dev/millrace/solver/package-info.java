/** Picks package versions as opam-0install does. */
@NullMarked
package dev.millrace.solver;

import org.jspecify.annotations.NullMarked;
