package dev.millrace.builder;

import dev.millrace.base.Command;
import dev.millrace.base.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Passes a step's output on with the values of its secrets replaced, also where one arrives in
 * pieces. One thread at a time.
 */
final class SecretMask implements Command.Output {
  /** Shorter values are left: they would take half the log with them and protect nothing. */
  private static final int LENGTH_MIN = 4;

  private static final byte[] MASK = "********".getBytes(StandardCharsets.UTF_8);

  private final List<byte[]> values = new ArrayList<>();
  private final Command.Output next;

  /** What may be the beginning of a value. */
  private byte[] held = new byte[0];

  SecretMask(Collection<Secret> secrets, Command.Output next) {
    this.next = next;
    for (Secret secret : secrets) {
      byte[] value = secret.reveal().strip().getBytes(StandardCharsets.UTF_8);
      if (value.length >= LENGTH_MIN) {
        values.add(value);
      }
    }
    // The longest first, so that no part of it is left when another one is its beginning.
    values.sort((a, b) -> Integer.compare(b.length, a.length));
  }

  @Override
  public void write(byte[] buffer, int length) throws IOException {
    if (values.isEmpty()) {
      next.write(buffer, length);
      return;
    }
    byte[] all = Arrays.copyOf(held, held.length + length);
    System.arraycopy(buffer, 0, all, held.length, length);
    int from = 0;
    int at = 0;
    while (at < all.length) {
      int matched = match(all, at);
      if (matched > 0) {
        pass(all, from, at);
        next.write(MASK, MASK.length);
        at += matched;
        from = at;
      } else if (matched < 0) {
        break;
      } else {
        at++;
      }
    }
    pass(all, from, at);
    held = Arrays.copyOfRange(all, at, all.length);
  }

  /** The length of the value that starts here; -1 if one may start here; 0 if none does. */
  private int match(byte[] all, int at) {
    boolean begins = false;
    for (byte[] value : values) {
      int common = 0;
      while (common < value.length
          && at + common < all.length
          && all[at + common] == value[common]) {
        common++;
      }
      if (common == value.length) {
        return common;
      }
      begins |= at + common == all.length;
    }
    return begins ? -1 : 0;
  }

  private void pass(byte[] all, int from, int to) throws IOException {
    if (to > from) {
      next.write(Arrays.copyOfRange(all, from, to), to - from);
    }
  }

  /** Passes on what was held back: the output has ended. */
  void finish() throws IOException {
    if (held.length > 0) {
      next.write(held, held.length);
      held = new byte[0];
    }
  }
}
