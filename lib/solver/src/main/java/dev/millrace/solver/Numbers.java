package dev.millrace.solver;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Numbers things in the order in which they are first seen. Only ever grows. Thread-safe. */
final class Numbers<T> {
  private final ConcurrentHashMap<T, Integer> numbers = new ConcurrentHashMap<>();
  private final List<T> things = new ArrayList<>();

  int number(T thing) {
    Integer known = numbers.get(thing);
    if (known != null) {
      return known;
    }
    synchronized (things) {
      return numbers.computeIfAbsent(
          thing,
          added -> {
            things.add(added);
            return things.size() - 1;
          });
    }
  }

  T get(int number) {
    synchronized (things) {
      return things.get(number);
    }
  }

  List<T> all() {
    synchronized (things) {
      return List.copyOf(things);
    }
  }
}
