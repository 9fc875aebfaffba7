/** Tests of the engine, on problems without packages. */
@NullMarked
package dev.millrace.solver.internal;

import org.jspecify.annotations.NullMarked;
