package dev.millrace.engine.web;

import dev.millrace.engine.core.JobQuery.Order;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The head of a column of the list of jobs. Immutable.
 *
 * @param label its name
 * @param style the style class of its cells
 * @param address where the list is ordered by it (the other way round, if it is already); empty if
 *     it cannot be
 * @param sorted {@code ascending} or {@code descending} if the list is ordered by it
 */
record SortColumn(String label, String style, Optional<String> address, Optional<String> sorted) {
  /**
   * A column by which the list can be ordered, its name in addresses, and what a first click does.
   */
  private record Sort(String label, String style, String name, Order up, Order down, Order first) {}

  private static final List<Sort> SORTS =
      List.of(
          new Sort(
              "Job",
              "name",
              "job",
              Order.DESCRIPTION,
              Order.DESCRIPTION_BACKWARDS,
              Order.DESCRIPTION),
          new Sort(
              "Operation",
              "",
              "operation",
              Order.OPERATION,
              Order.OPERATION_BACKWARDS,
              Order.OPERATION),
          new Sort(
              "Build", "num", "build", Order.BUILD, Order.BUILD_BACKWARDS, Order.BUILD_BACKWARDS),
          new Sort("Created", "", "created", Order.OLDEST, Order.NEWEST, Order.NEWEST));

  /** The order of a name such as {@code job} or {@code -job}; newest first for any other. */
  static Order order(String name) {
    for (Sort sort : SORTS) {
      if (name.equals(sort.name())) {
        return sort.up();
      }
      if (name.equals("-" + sort.name())) {
        return sort.down();
      }
    }
    return Order.NEWEST;
  }

  static List<SortColumn> all(Order order, Parameters query) {
    return List.of(
        plain("State", ""),
        of(SORTS.get(0), order, query),
        of(SORTS.get(1), order, query),
        of(SORTS.get(2), order, query),
        of(SORTS.get(3), order, query),
        plain("Waited", "num"),
        plain("Reason", ""));
  }

  /** The same heads where there is no order to choose. */
  static List<SortColumn> plain() {
    return all(Order.NEWEST, new Parameters(Map.of())).stream()
        .map(column -> plain(column.label(), column.style()))
        .toList();
  }

  private static SortColumn plain(String label, String style) {
    return new SortColumn(label, style, Optional.empty(), Optional.empty());
  }

  private static SortColumn of(Sort sort, Order order, Parameters query) {
    Optional<String> sorted =
        order == sort.up()
            ? Optional.of("ascending")
            : order == sort.down() ? Optional.of("descending") : Optional.empty();
    Order next = sorted.isEmpty() ? sort.first() : order == sort.up() ? sort.down() : sort.up();
    Parameters there =
        next == Order.NEWEST
            ? query.without("sort")
            : query.with("sort", (next == sort.down() ? "-" : "") + sort.name());
    return new SortColumn(sort.label(), sort.style(), Optional.of("/jobs" + there.query()), sorted);
  }
}
