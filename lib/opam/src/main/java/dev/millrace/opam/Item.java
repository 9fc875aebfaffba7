package dev.millrace.opam;

import java.util.List;
import java.util.Optional;

/** A part of an opam file: a field, or a section with fields of its own. */
public sealed interface Item {
  /** Returns where the item stands. */
  Position at();

  /** {@code name: value}. */
  record Field(String name, Value value, Position at) implements Item {}

  /** {@code kind "title" { items }}; the title may be absent. */
  record Section(String kind, Optional<String> title, List<Item> items, Position at)
      implements Item {
    /** Copies the items. */
    public Section {
      items = List.copyOf(items);
    }

    /** Returns the value of the first field of this name. */
    public Optional<Value> field(String name) {
      return items.stream()
          .filter(item -> item instanceof Field field && field.name().equals(name))
          .map(item -> ((Field) item).value())
          .findFirst();
    }
  }
}
