/**
 * What a service implements to add pages of its own to the web interface: start at {@link
 * dev.millrace.engine.web.spi.WebPage}. And what a plugin implements so that visitors can sign in:
 * start at {@link dev.millrace.engine.web.spi.SignOn}, and at {@link
 * dev.millrace.engine.web.spi.SignOnKind} to be among the options of programs.
 */
@NullMarked
package dev.millrace.engine.web.spi;

import org.jspecify.annotations.NullMarked;
