/** Tests. */
@NullMarked
package dev.millrace.services.cikit;

import org.jspecify.annotations.NullMarked;
