package dev.millrace.engine.web;

import java.util.Arrays;

/**
 * Cuts bytes that arrive in pieces into lines, keeping at most {@link #BYTES_MAX} of each. Owned by
 * one reader.
 */
final class LineSplitter {
  /** What is kept of one line; a line without end must not fill the memory. */
  static final int BYTES_MAX = 32 * 1024;

  /** Takes the lines. */
  @FunctionalInterface
  interface Sink {
    /**
     * Takes one line.
     *
     * @param bytes holds the line from {@code from}, {@code length} long, without its line feed;
     *     valid during the call
     * @param dropped how many bytes the line had beyond these
     * @return whether to go on
     */
    boolean line(byte[] bytes, int from, int length, long dropped);
  }

  private byte[] partial = new byte[256];
  private int partialLength;
  private long dropped;
  private long consumed;
  private boolean stopped;

  LineSplitter(long offset) {
    this.consumed = offset;
  }

  /** Where the line begins that is not complete yet. */
  long offset() {
    return consumed;
  }

  /** Whether there is the beginning of a line. */
  boolean hasPartial() {
    return partialLength > 0 || dropped > 0;
  }

  boolean isStopped() {
    return stopped;
  }

  void feed(byte[] chunk, Sink sink) {
    int start = 0;
    for (int i = 0; i < chunk.length && !stopped; i++) {
      if (chunk[i] == '\n') {
        emit(chunk, start, i, sink);
        start = i + 1;
      }
    }
    if (!stopped) {
      keep(chunk, start, chunk.length);
    }
  }

  /** The last line has no line feed: hands over what there is. */
  void finish(Sink sink) {
    if (hasPartial() && !stopped) {
      emitPartial(sink, 0);
    }
  }

  private void emit(byte[] chunk, int start, int end, Sink sink) {
    if (hasPartial()) {
      keep(chunk, start, end);
      emitPartial(sink, 1);
    } else {
      int length = Math.min(end - start, BYTES_MAX);
      consumed += end - start + 1L;
      stopped = !sink.line(chunk, start, length, end - start - length);
    }
  }

  private void emitPartial(Sink sink, int lineFeed) {
    long all = partialLength + dropped;
    consumed += all + lineFeed;
    long lost = dropped;
    int length = partialLength;
    partialLength = 0;
    dropped = 0;
    stopped = !sink.line(partial, 0, length, lost);
  }

  private void keep(byte[] chunk, int from, int to) {
    int room = Math.min(to - from, BYTES_MAX - partialLength);
    if (partialLength + room > partial.length) {
      partial =
          Arrays.copyOf(
              partial, Math.min(BYTES_MAX, Math.max(partial.length * 2, partialLength + room)));
    }
    System.arraycopy(chunk, from, partial, partialLength, room);
    partialLength += room;
    dropped += to - from - room;
  }
}
