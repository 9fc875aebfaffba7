/** Tests of the web interface, over a {@link dev.millrace.engine.web.ScriptedEngine}. */
@NullMarked
package dev.millrace.engine.web;

import org.jspecify.annotations.NullMarked;
