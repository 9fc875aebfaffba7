/** Tests. */
@NullMarked
package dev.millrace.spec;

import org.jspecify.annotations.NullMarked;
