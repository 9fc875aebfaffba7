/** Test support shared by all modules, and the tests of this one. */
@NullMarked
package dev.millrace.base;

import org.jspecify.annotations.NullMarked;
