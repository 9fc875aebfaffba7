package dev.millrace.builder;

import dev.millrace.base.TaskScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** Unpacks a tar stream while somebody still makes it. */
final class TarPipe {
  private static final int BUFFER = 1 << 20;

  private TarPipe() {}

  /** Writes a tar stream. */
  interface Producer {
    void writeTo(OutputStream stream) throws IOException, InterruptedException;
  }

  /** What the producer throws counts before what the unpacking then complains about. */
  static void unpack(StepTrees trees, Path rootfs, Producer producer)
      throws IOException, InterruptedException {
    AtomicBoolean unpacked = new AtomicBoolean();
    try (TaskScope scope = TaskScope.open("tar", 1);
        PipedInputStream in = new PipedInputStream(BUFFER)) {
      PipedOutputStream out = new PipedOutputStream(in);
      var producing =
          scope.fork(
              () -> {
                try (out) {
                  producer.writeTo(out);
                } catch (IOException e) {
                  if (!unpacked.get()) {
                    throw e;
                  }
                  // Nobody reads any more, for a reason that the reader knows.
                }
                return true;
              });
      try {
        trees.unpack(in, rootfs);
        in.transferTo(OutputStream.nullOutputStream());
      } catch (IOException | BuilderException e) {
        finish(scope, in, unpacked);
        throw e;
      }
      finish(scope, in, unpacked);
      assert producing.result();
    }
  }

  private static void finish(TaskScope scope, InputStream in, AtomicBoolean unpacked)
      throws IOException, InterruptedException {
    unpacked.set(true);
    in.close();
    try {
      scope.join();
    } catch (TaskScope.TaskFailedException e) {
      if (e.failure() instanceof IOException io) {
        throw io;
      }
      if (e.failure() instanceof BuilderException builder) {
        throw builder;
      }
      throw e;
    }
  }
}
