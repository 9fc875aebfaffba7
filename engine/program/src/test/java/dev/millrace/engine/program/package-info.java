@NullMarked
package dev.millrace.engine.program;

import org.jspecify.annotations.NullMarked;
