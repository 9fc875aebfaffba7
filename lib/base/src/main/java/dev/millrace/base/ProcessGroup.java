package dev.millrace.base;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Signals to whole process groups, which the JDK cannot send. */
final class ProcessGroup {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;

  private static final MethodHandle KILL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("kill"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private ProcessGroup() {}

  /** Ends every process of the group at once; nothing happens if the group is gone. */
  static void kill(long group) {
    send(group, SIGKILL);
  }

  /** Asks every process of the group to end. */
  static void terminate(long group) {
    send(group, SIGTERM);
  }

  private static void send(long group, int signal) {
    if (group <= 1) {
      throw new IllegalArgumentException("A process group must be above 1, was " + group);
    }
    try {
      int ignored = (int) KILL.invokeExact((int) -group, signal);
    } catch (Throwable e) {
      throw new IllegalStateException("Cannot call kill(2)", e);
    }
  }
}
