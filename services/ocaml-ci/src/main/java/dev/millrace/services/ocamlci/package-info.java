/** CI for OCaml projects. */
@NullMarked
package dev.millrace.services.ocamlci;

import org.jspecify.annotations.NullMarked;
