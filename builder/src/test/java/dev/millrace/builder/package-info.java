/** Tests of the builder. */
@NullMarked
package dev.millrace.builder;

import org.jspecify.annotations.NullMarked;
