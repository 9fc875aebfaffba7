package dev.millrace.incremental;

import java.util.Arrays;
import java.util.NoSuchElementException;

/**
 * What is to be recomputed, earliest on the time line first: a binary heap. Relabelling the time
 * line keeps the order of tags, and what leaves the time line leaves the heap, so the heap stays
 * one.
 */
final class Agenda {
  private Computed<?>[] heap = new Computed<?>[16];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(Computed<?> node) {
    if (node.place >= 0) {
      return;
    }
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, size * 2);
    }
    siftUp(size++, node);
  }

  Computed<?> removeFirst() {
    if (size == 0) {
      throw new NoSuchElementException("Nothing is to be recomputed");
    }
    Computed<?> first = heap[0];
    remove(first);
    return first;
  }

  void remove(Computed<?> node) {
    int hole = node.place;
    if (hole < 0) {
      return;
    }
    node.place = -1;
    Computed<?> last = heap[--size];
    Arrays.fill(heap, size, size + 1, null);
    if (hole != size) {
      if (hole > 0 && last.tag < heap[(hole - 1) / 2].tag) {
        siftUp(hole, last);
      } else {
        siftDown(hole, last);
      }
    }
  }

  private void siftUp(int start, Computed<?> node) {
    int hole = start;
    while (hole > 0) {
      int parent = (hole - 1) / 2;
      if (heap[parent].tag <= node.tag) {
        break;
      }
      put(hole, heap[parent]);
      hole = parent;
    }
    put(hole, node);
  }

  private void siftDown(int start, Computed<?> node) {
    int hole = start;
    while (true) {
      int child = 2 * hole + 1;
      if (child >= size) {
        break;
      }
      if (child + 1 < size && heap[child + 1].tag < heap[child].tag) {
        child++;
      }
      if (node.tag <= heap[child].tag) {
        break;
      }
      put(hole, heap[child]);
      hole = child;
    }
    put(hole, node);
  }

  private void put(int place, Computed<?> node) {
    heap[place] = node;
    node.place = place;
  }
}
