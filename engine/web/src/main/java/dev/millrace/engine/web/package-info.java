/** The web interface of an engine. */
@NullMarked
package dev.millrace.engine.web;

import org.jspecify.annotations.NullMarked;
