package dev.millrace.engine.core;

import dev.millrace.base.Secret;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Takes secrets out of what a job prints, also where they come in pieces: what could be the
 * beginning of one is held back until it is known not to be. One thread at a time.
 */
final class Mask {
  private static final byte[] STARS = "***".getBytes(StandardCharsets.UTF_8);

  /** A shorter line of a secret of several lines gives nothing away. */
  private static final int LINE_MIN = 8;

  /** The longest first, so that a secret which begins like another is taken out whole. */
  private final List<byte[]> hidden = new ArrayList<>();

  private byte[] held = {};

  /** From now on hides this, and each line of it, for programs print keys line by line. */
  void hide(Secret secret) {
    String text = secret.reveal();
    add(text);
    text.lines().filter(line -> line.length() >= LINE_MIN).forEach(this::add);
    hidden.sort(Comparator.<byte[]>comparingInt(pattern -> pattern.length).reversed());
  }

  private void add(String text) {
    if (!text.isBlank()) {
      hidden.add(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  boolean hidesNothing() {
    return hidden.isEmpty();
  }

  /** A whole text without secrets. */
  String cover(String text) {
    String covered = text;
    for (byte[] pattern : hidden) {
      covered =
          covered.replace(
              new String(pattern, StandardCharsets.UTF_8),
              new String(STARS, StandardCharsets.UTF_8));
    }
    return covered;
  }

  /** What can be printed now. */
  byte[] next(byte[] bytes, int offset, int length) {
    byte[] all = new byte[held.length + length];
    System.arraycopy(held, 0, all, 0, held.length);
    System.arraycopy(bytes, offset, all, held.length, length);
    return pass(all, false);
  }

  /** What was held back, as nothing more comes for now. */
  byte[] rest() {
    return pass(held, true);
  }

  private byte[] pass(byte[] all, boolean last) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(all.length);
    int at = 0;
    while (at < all.length) {
      int found = 0;
      boolean open = false;
      for (byte[] pattern : hidden) {
        int same = common(all, at, pattern);
        if (same == pattern.length) {
          found = Math.max(found, same);
        } else {
          open |= at + same == all.length;
        }
      }
      if (open && !last) {
        // Even where a shorter secret has been found: a longer one may begin with it.
        break;
      }
      if (found > 0) {
        out.writeBytes(STARS);
        at += found;
      } else {
        out.write(all[at++]);
      }
    }
    held = java.util.Arrays.copyOfRange(all, at, all.length);
    return out.toByteArray();
  }

  private static int common(byte[] all, int at, byte[] pattern) {
    int same = 0;
    while (same < pattern.length && at + same < all.length && all[at + same] == pattern[same]) {
      same++;
    }
    return same;
  }
}
