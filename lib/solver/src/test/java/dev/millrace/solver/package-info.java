/** Tests of the solver. */
@NullMarked
package dev.millrace.solver;

import org.jspecify.annotations.NullMarked;
