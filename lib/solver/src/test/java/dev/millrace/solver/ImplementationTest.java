package dev.millrace.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.TaskScope;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ImplementationTest {
  /** A disjunction is equal only to itself: what one search met must be met again by it. */
  @Test
  void whoAsksForRequirementsAtOnceGetsTheSameRoles() throws Exception {
    CountDownLatch bothCompute = new CountDownLatch(2);
    Implementation.Version version =
        new Implementation.Version(
            Package.parse("a.1"),
            List.of(),
            () -> {
              bothCompute.countDown();
              // Not for long: only one may get here.
              waitFor(bothCompute);
              return List.of(new Requirement(eitherOfTwo(), true, List.of()));
            });

    TaskScope.Task<List<Requirement>> one;
    TaskScope.Task<List<Requirement>> other;
    try (TaskScope scope = TaskScope.open("requirements", 2)) {
      one = scope.fork(version::requirements);
      other = scope.fork(version::requirements);
      scope.join();
    }

    assertThat(one.result().getFirst().role()).isSameAs(other.result().getFirst().role());
    assertThat(version.requirements()).isSameAs(one.result());
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await(200, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Role eitherOfTwo() {
    return new Role.Virtual(List.of(alternative(0, "b"), alternative(1, "c")));
  }

  private static Implementation.Alternative alternative(int rank, String name) {
    return new Implementation.Alternative(
        rank, List.of(new Requirement(new Role.Real(PackageName.parse(name)), true, List.of())));
  }
}
