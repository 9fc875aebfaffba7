package dev.millrace.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Native code that a library carries in its jar, put where the system can load it from: a file in
 * memory, without a name. Copies in {@code /tmp}, as such libraries make by themselves, are left
 * behind by a killed process, and cannot be loaded where {@code /tmp} allows no programs.
 */
final class NativeCode {
  private static final int MFD_CLOEXEC = 1;

  private static final MethodHandle MEMFD_CREATE =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("memfd_create"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

  private NativeCode() {}

  /**
   * Where a resource of the class path can be loaded from, as long as this process lives; empty if
   * there is no such resource, or the kernel has no such files.
   */
  static Optional<Path> inMemory(String resource) {
    try (InputStream in = NativeCode.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      int descriptor = create(resource.substring(resource.lastIndexOf('/') + 1));
      if (descriptor < 0) {
        return Optional.empty();
      }
      // Never closed: the library is opened by this name at some later time.
      Path file = Path.of("/proc/self/fd/" + descriptor);
      try (OutputStream out = Files.newOutputStream(file)) {
        in.transferTo(out);
      }
      return Optional.of(file);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static int create(String name) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) MEMFD_CREATE.invokeExact(arena.allocateFrom(name).address(), MFD_CLOEXEC);
    } catch (Throwable e) {
      throw new IllegalStateException("Cannot call memfd_create(2)", e);
    }
  }
}
