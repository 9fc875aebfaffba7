package dev.millrace.opam;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Numbers the strings of an index, and finds them by number. Only ever grows. Thread-safe.
 *
 * <p>What came from a file is decoded when it is asked for: most of it never is.
 */
final class Strings {
  private final ByteBuffer stored;
  private final int storedCount;
  private final int dataStart;
  // By number, of what came from the file. Racing threads decode the same text.
  private final String[] decoded;
  private final ConcurrentHashMap<String, Integer> numbers = new ConcurrentHashMap<>();
  private final List<String> added = new ArrayList<>();
  private boolean numbered;

  /** No strings yet. */
  Strings() {
    this(ByteBuffer.allocate(0), 0);
  }

  /** The strings of a file: {@code count + 1} offsets and then the bytes. */
  Strings(ByteBuffer stored, int count) {
    this.stored = stored;
    this.storedCount = count;
    this.dataStart = (count + 1) * Integer.BYTES;
    this.decoded = new String[count];
  }

  String get(int number) {
    if (number >= storedCount) {
      synchronized (added) {
        return added.get(number - storedCount);
      }
    }
    String known = decoded[number];
    if (known == null) {
      int from = stored.getInt(number * Integer.BYTES);
      byte[] bytes = new byte[stored.getInt((number + 1) * Integer.BYTES) - from];
      stored.get(dataStart + from, bytes);
      known = OpamText.decode(bytes);
      decoded[number] = known;
    }
    return known;
  }

  int number(String text) {
    numberStored();
    Integer known = numbers.get(text);
    if (known != null) {
      return known;
    }
    synchronized (added) {
      known = numbers.get(text);
      if (known == null) {
        known = storedCount + added.size();
        added.add(text);
        numbers.put(text, known);
      }
      return known;
    }
  }

  /** Reading needs no numbers; what adds to a file's strings needs all of them. */
  private void numberStored() {
    synchronized (added) {
      if (!numbered) {
        for (int i = 0; i < storedCount; i++) {
          numbers.put(get(i), i);
        }
        numbered = true;
      }
    }
  }

  /** Writes all of them in the form that the constructor takes, with their count before it. */
  void write(ByteWriter out) {
    var all = new ArrayList<byte[]>();
    int count;
    synchronized (added) {
      count = storedCount + added.size();
    }
    for (int i = 0; i < count; i++) {
      all.add(OpamText.encode(get(i)));
    }
    out.writeInt(count);
    int offset = 0;
    for (byte[] bytes : all) {
      out.writeInt(offset);
      offset += bytes.length;
    }
    out.writeInt(offset);
    all.forEach(out::write);
  }
}
