package dev.millrace.engine.web;

import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.StageState;
import java.lang.reflect.Proxy;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Run by {@link FloodIT} in a process of its own, whose memory can be told: a site that changes
 * once a second, until its standard input ends.
 */
final class FloodedSite {
  /** The fault of telling one open page after another what is new, while all others wait. */
  static final String ONE_BY_ONE = "one-by-one";

  private FloodedSite() {}

  /**
   * Prints the port and the process's number.
   *
   * @param arguments the faults that it is to have
   */
  public static void main(String[] arguments) throws Exception {
    ScriptedEngine engine = TestObjects.engine();
    EngineControl control =
        List.of(arguments).contains(ONE_BY_ONE) ? onePageAtATime(engine) : engine;
    try (WebInterface web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0).withLiveStreamsMax(1_100),
            control,
            InstantSource.fixed(TestObjects.NOW),
            List.of())) {
      System.out.println(web.port() + " " + ProcessHandle.current().pid());
      CountDownLatch end = new CountDownLatch(1);
      // A virtual one would keep one of the few threads that the site itself runs on.
      Thread.ofPlatform()
          .daemon()
          .start(
              () -> {
                try {
                  while (System.in.read() >= 0) {
                    // Until whoever started it has gone.
                  }
                } catch (java.io.IOException e) {
                  // That is an end too.
                }
                end.countDown();
              });
      for (int round = 0; !end.await(1, TimeUnit.SECONDS); round++) {
        engine.setResult(round % 2 == 0 ? StageState.FAILED : StageState.RUNNING, false);
      }
    }
  }

  private static EngineControl onePageAtATime(EngineControl engine) {
    Lock lock = new ReentrantLock(true);
    return (EngineControl)
        Proxy.newProxyInstance(
            FloodedSite.class.getClassLoader(),
            new Class<?>[] {EngineControl.class},
            (_, method, arguments) -> {
              boolean news = method.getName().equals("awaitChange");
              Object answer = news ? method.invoke(engine, arguments) : "";
              lock.lock();
              try {
                if (news) {
                  TimeUnit.MILLISECONDS.sleep(5);
                  return answer;
                }
                return method.invoke(engine, arguments);
              } finally {
                lock.unlock();
              }
            });
  }
}
