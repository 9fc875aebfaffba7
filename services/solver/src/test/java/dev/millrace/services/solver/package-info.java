/** Tests of the solver service. */
@NullMarked
package dev.millrace.services.solver;

import org.jspecify.annotations.NullMarked;
