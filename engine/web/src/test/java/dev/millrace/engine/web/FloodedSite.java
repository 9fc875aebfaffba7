package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Run by {@link FloodIT} in a process of its own, whose memory can be told: a site that changes
 * once a second, until its standard input ends.
 */
final class FloodedSite {
  private FloodedSite() {}

  /** Prints the port and the process's number. */
  public static void main(String[] arguments) throws Exception {
    ScriptedEngine engine = TestObjects.engine();
    try (WebInterface web =
        WebInterface.start(
            WebConfig.defaults().withAddress("127.0.0.1", 0).withLiveStreamsMax(1_100),
            engine,
            InstantSource.fixed(TestObjects.NOW),
            List.of())) {
      System.out.println(web.port() + " " + ProcessHandle.current().pid());
      CountDownLatch end = new CountDownLatch(1);
      Thread.ofVirtual()
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
}
