/** Tests of the git plugin. */
@NullMarked
package dev.millrace.plugins.git;

import org.jspecify.annotations.NullMarked;
