/** Tests. */
@NullMarked
package dev.millrace.sexp;

import org.jspecify.annotations.NullMarked;
