package dev.millrace.app;

import java.util.concurrent.CountDownLatch;

/**
 * While it is open, Ctrl-C and a polite kill interrupt the thread that opened it, and the process
 * ends when that has closed it: no process and no mount stays behind.
 */
final class Cancellation implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  private Cancellation(Thread thread) {
    this.hook = new Thread(() -> cancel(thread), "millrace-cancel");
  }

  static Cancellation ofThisThread() {
    Cancellation cancellation = new Cancellation(Thread.currentThread());
    Runtime.getRuntime().addShutdownHook(cancellation.hook);
    return cancellation;
  }

  private void cancel(Thread thread) {
    thread.interrupt();
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: that is what it was for.
    }
  }
}
