/** Tests of self-adjusting values. */
@NullMarked
package dev.millrace.incremental;

import org.jspecify.annotations.NullMarked;
