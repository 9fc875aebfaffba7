package dev.millrace.builder;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * System calls that the JDK does not offer.
 *
 * <p>Calls newer than Linux 5.1 have the same number on every architecture, which is why they are
 * made by number; the C library of Debian 12 knows some of them by name only.
 */
final class Linux {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int EINVAL = 22;
  static final int ENOTTY = 25;
  static final int ENOSYS = 38;

  /** Opens a path for nothing but naming it. */
  static final int O_PATH = 0x200000;

  static final int O_CLOEXEC = 0x80000;
  static final int AT_FDCWD = -100;

  private static final int SYS_MOVE_MOUNT = 429;
  private static final int SYS_FSOPEN = 430;
  private static final int SYS_FSCONFIG = 431;
  private static final int SYS_FSMOUNT = 432;
  private static final int SYS_OPENAT2 = 437;

  private static final int RESOLVE_IN_ROOT = 0x10;
  private static final int MNT_DETACH = 2;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  /** {@code long syscall(long number, ...)} with five arguments after the number. */
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(1),
          Linker.Option.captureCallState("errno"));

  private static final MethodHandle MOUNT = bind("mount", 5);
  private static final MethodHandle UMOUNT = bind("umount2", 2);
  private static final MethodHandle SYNCFS = bind("syncfs", 1);
  private static final MethodHandle FSYNC = bind("fsync", 1);
  private static final MethodHandle OPEN = bind("open", 2);
  private static final MethodHandle CLOSE = bind("close", 1);

  /** {@code int ioctl(int fd, unsigned long request, ...)} with one argument more. */
  private static final MethodHandle IOCTL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("ioctl"),
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.firstVariadicArg(2),
          Linker.Option.captureCallState("errno"));

  private Linux() {}

  /** A C function of {@code count} arguments; each is passed as a long, which fits any of them. */
  private static MethodHandle bind(String name, int count) {
    MemoryLayout[] arguments = new MemoryLayout[count];
    Arrays.fill(arguments, ValueLayout.JAVA_LONG);
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        Linker.Option.captureCallState("errno"));
  }

  /** A system call failed. */
  static final class CallException extends IOException {
    private final int errno;

    CallException(String call, int errno) {
      super("%s failed: %s".formatted(call, describe(errno)));
      this.errno = errno;
    }

    int errno() {
      return errno;
    }
  }

  private static String describe(int errno) {
    return switch (errno) {
      case EPERM -> "operation not permitted";
      case ENOENT -> "no such file or directory";
      case EACCES -> "permission denied";
      case EBUSY -> "device or resource busy";
      case EINVAL -> "invalid argument (see the kernel's log)";
      case ENOTTY -> "this file system does not have it";
      case ENOSYS -> "this kernel does not have it";
      default -> "error " + errno;
    };
  }

  /** A file descriptor; whoever opened it closes it. */
  record Descriptor(int number) implements AutoCloseable {
    @Override
    public void close() {
      try (Arena arena = Arena.ofConfined()) {
        int ignored = (int) CLOSE.invokeExact(arena.allocate(STATE), (long) number);
      } catch (Throwable e) {
        throw new IllegalStateException("Cannot call close(2)", e);
      }
    }

    /** A path that leads to what is open. */
    String path() {
      return "/proc/self/fd/" + number;
    }
  }

  static Descriptor open(Path path, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long name = arena.allocateFrom(path.toString()).address();
      int fd = (int) OPEN.invokeExact(state, name, (long) (flags | O_CLOEXEC));
      return new Descriptor(check(fd, "open(\"" + path + "\")", state));
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /** Whether a path exists below a root, whatever links lead to it; they cannot leave the root. */
  static boolean existsInside(Path root, String path) throws IOException {
    try (Arena arena = Arena.ofConfined();
        Descriptor base = open(root, O_PATH)) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment how = arena.allocate(24, 8);
      how.set(ValueLayout.JAVA_LONG, 0, O_PATH | O_CLOEXEC);
      how.set(ValueLayout.JAVA_LONG, 16, RESOLVE_IN_ROOT);
      long fd =
          (long)
              SYSCALL.invokeExact(
                  state,
                  (long) SYS_OPENAT2,
                  (long) base.number(),
                  arena.allocateFrom(path).address(),
                  how.address(),
                  24L,
                  0L);
      if (fd >= 0) {
        new Descriptor((int) fd).close();
        return true;
      }
      return false;
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /** {@code mount(2)}. */
  static void mount(String source, Path target, String type, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source).address(),
                  arena.allocateFrom(target.toString()).address(),
                  arena.allocateFrom(type).address(),
                  flags,
                  arena.allocateFrom(options).address());
      check(result, "mount of %s at \"%s\"".formatted(type, target), state);
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /** Unmounts; detached, it vanishes from sight at once and from the kernel when nobody uses it. */
  static void unmount(Path target, boolean detach) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      long name = arena.allocateFrom(target.toString()).address();
      int result = (int) UMOUNT.invokeExact(state, name, detach ? (long) MNT_DETACH : 0L);
      check(result, "umount of \"%s\"".formatted(target), state);
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /** Writes everything of a file system to its device. */
  static void syncFileSystem(Path inside) throws IOException {
    sync(inside, SYNCFS);
  }

  /** Writes a directory's entries to its device. */
  static void syncDirectory(Path directory) throws IOException {
    sync(directory, FSYNC);
  }

  private static void sync(Path path, MethodHandle call) throws IOException {
    try (Arena arena = Arena.ofConfined();
        Descriptor fd = open(path, 0)) {
      MemorySegment state = arena.allocate(STATE);
      int result = (int) call.invokeExact(state, (long) fd.number());
      check(result, "sync of \"%s\"".formatted(path), state);
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /**
   * {@code ioctl(2)} with a structure that the kernel reads.
   *
   * @param bytes the structure's size; zeros where {@code fill} puts nothing
   */
  static void control(Descriptor fd, int request, int bytes, Consumer<ByteBuffer> fill)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment argument = arena.allocate(bytes, 8);
      fill.accept(argument.asByteBuffer().order(ByteOrder.nativeOrder()));
      int result =
          (int)
              IOCTL.invokeExact(
                  state, fd.number(), Integer.toUnsignedLong(request), argument.address());
      check(result, "ioctl 0x" + Integer.toHexString(request), state);
    } catch (Throwable e) {
      throw propagate(e);
    }
  }

  /** {@code fsopen(2)}. */
  static Descriptor openFileSystem(String type) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      long fd = call(arena, "fsopen", SYS_FSOPEN, arena.allocateFrom(type).address(), 1, 0, 0, 0);
      return new Descriptor((int) fd);
    }
  }

  /** {@code fsconfig(2)} with a text. */
  static void configure(Descriptor context, String key, String value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call(
          arena,
          "fsconfig %s=%s".formatted(key, value),
          SYS_FSCONFIG,
          context.number(),
          1,
          arena.allocateFrom(key).address(),
          arena.allocateFrom(value).address(),
          0);
    }
  }

  /** {@code fsconfig(2)} with a switch. */
  static void configure(Descriptor context, String key) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call(
          arena,
          "fsconfig " + key,
          SYS_FSCONFIG,
          context.number(),
          0,
          arena.allocateFrom(key).address(),
          0,
          0);
    }
  }

  /** Creates the configured file system and mounts it at a directory. */
  static void mountConfigured(Descriptor context, int attributes, Path target) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call(arena, "fsconfig create", SYS_FSCONFIG, context.number(), 6, 0, 0, 0);
      long mount = call(arena, "fsmount", SYS_FSMOUNT, context.number(), 1, attributes, 0, 0);
      try (Descriptor fd = new Descriptor((int) mount)) {
        call(
            arena,
            "move_mount to \"%s\"".formatted(target),
            SYS_MOVE_MOUNT,
            fd.number(),
            arena.allocateFrom("").address(),
            AT_FDCWD,
            arena.allocateFrom(target.toString()).address(),
            4);
      }
    }
  }

  private static long call(
      Arena arena, String name, int number, long a, long b, long c, long d, long e)
      throws IOException {
    try {
      MemorySegment state = arena.allocate(STATE);
      long result = (long) SYSCALL.invokeExact(state, (long) number, a, b, c, d, e);
      if (result < 0) {
        throw new CallException(name, (int) ERRNO.get(state, 0L));
      }
      return result;
    } catch (Throwable failure) {
      throw propagate(failure);
    }
  }

  private static int check(int result, String call, MemorySegment state) throws CallException {
    if (result < 0) {
      throw new CallException(call, (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  private static IOException propagate(Throwable failure) throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    }
    throw new IllegalStateException("Cannot make a system call", failure);
  }
}
