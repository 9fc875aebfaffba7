/**
 * Build specs: the small language that says how to make a root file system, step by step.
 *
 * <p>Start at {@link dev.millrace.spec.Spec}: it is parsed from text, or made by code, and rendered
 * as text or, by {@link dev.millrace.spec.Dockerfile}, as a Dockerfile. The builder runs it. The
 * language, and every byte of what is printed, is OBuilder's.
 *
 * <p>Imports {@code dev.millrace.sexp}. Everything is immutable.
 */
@NullMarked
package dev.millrace.spec;

import org.jspecify.annotations.NullMarked;
