package dev.millrace.builder;

import dev.millrace.sexp.Sexp;
import java.util.List;

/**
 * What a copy puts where.
 *
 * @param sources what is copied
 * @param destination absolute, as it was written
 * @param into whether the sources are put into the destination, or the only one becomes it
 */
record CopyPlan(List<Manifest> sources, String destination, boolean into) {
  CopyPlan {
    sources = List.copyOf(sources);
  }

  Sexp toSexp() {
    List<Sexp> manifests = sources.stream().map(Manifest::toSexp).toList();
    Sexp target = Sexp.atom(destination);
    return into
        ? Sexp.list(Sexp.atom("Copy_items"), Sexp.list(Sexp.list(manifests), target))
        : Sexp.list(Sexp.atom("Copy_item"), Sexp.list(manifests.getFirst(), target));
  }
}
