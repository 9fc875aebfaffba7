/** The pipeline engine. */
@NullMarked
package dev.millrace.engine.core;

import org.jspecify.annotations.NullMarked;
