/** Tests of the engine, and what tests of pipelines are made with. */
@NullMarked
package dev.millrace.engine.core;

import org.jspecify.annotations.NullMarked;
