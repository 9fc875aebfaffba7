/** What the CI services share. */
@NullMarked
package dev.millrace.services.cikit;

import org.jspecify.annotations.NullMarked;
