package dev.millrace.app;

import dev.millrace.base.Command;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;

/**
 * What a person types, for a process; it stops when the process ends, although nothing interrupts
 * the reading of standard input.
 */
final class StandardInput implements Command.Input {
  private static final byte[] END = new byte[0];

  private final BlockingQueue<byte[]> pieces = new SynchronousQueue<>();

  @Override
  public void writeTo(OutputStream stream) throws IOException, InterruptedException {
    Thread.ofPlatform().daemon().name("millrace-stdin").start(this::read);
    for (byte[] piece = pieces.take(); piece.length > 0; piece = pieces.take()) {
      stream.write(piece);
      stream.flush();
    }
  }

  private void read() {
    byte[] buffer = new byte[1 << 13];
    try {
      for (int length = System.in.read(buffer); length > 0; length = System.in.read(buffer)) {
        pieces.put(java.util.Arrays.copyOf(buffer, length));
      }
      pieces.put(END);
    } catch (IOException e) {
      // As if it had ended.
      pieces.offer(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
