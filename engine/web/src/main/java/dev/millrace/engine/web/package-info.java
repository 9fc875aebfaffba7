/**
 * The web interface of an engine: pages for people, events for open pages, numbers for machines.
 *
 * <p>Start at {@link dev.millrace.engine.web.WebInterface}. It speaks to the engine only through
 * {@link dev.millrace.engine.core.EngineControl} and imports nothing else of Millrace but the base
 * library; services add pages through {@link dev.millrace.engine.web.spi.WebPage}, and plugins the
 * sites that visitors sign in with through {@link dev.millrace.engine.web.spi.SignOn}.
 *
 * <p>Invariants: no GET changes anything but who the visitor is; every address takes a role or is
 * named as free of one ({@code Router}); every answer carries the security headers; every page
 * reads without script; whatever a build printed reaches the page as text. One virtual thread
 * serves each request; an open page's event stream is one request that lasts. What is shared
 * between requests (layouts, log indexes, streams) is thread-safe and bounded.
 */
@NullMarked
package dev.millrace.engine.web;

import org.jspecify.annotations.NullMarked;
