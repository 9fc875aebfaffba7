package dev.millrace.opam;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The system packages a package needs, by platform. */
public record Depexts(List<Filtered<List<String>>> groups) {
  /** Copies the groups. */
  public Depexts {
    var copies = new ArrayList<Filtered<List<String>>>();
    groups.forEach(group -> copies.add(new Filtered<>(List.copyOf(group.value()), group.filter())));
    groups = List.copyOf(copies);
  }

  /** Returns the packages of all groups whose filter is true; undefined is not. */
  public SortedSet<String> packages(Environment environment) {
    var packages = new TreeSet<String>();
    for (Filtered<List<String>> group : groups) {
      if (group.counts(environment)) {
        packages.addAll(group.value());
      }
    }
    return Collections.unmodifiableSortedSet(packages);
  }
}
