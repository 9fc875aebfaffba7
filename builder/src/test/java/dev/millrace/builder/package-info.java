/** Tests, and the contracts and fakes that other modules use. */
@NullMarked
package dev.millrace.builder;

import org.jspecify.annotations.NullMarked;
