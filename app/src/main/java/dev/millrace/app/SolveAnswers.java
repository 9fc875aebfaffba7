package dev.millrace.app;

import dev.millrace.opam.Package;
import dev.millrace.solver.Conflict;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Answers of the solver as JSON. */
final class SolveAnswers {
  /** How long a short explanation is looked for. */
  static final Duration CONFLICT_MAX = Duration.ofMinutes(1);

  private SolveAnswers() {}

  /** One answer as a line. */
  static String render(Solver solver, SolveRequest request, SolveResult result, boolean explain)
      throws InterruptedException {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    add(result, answer);
    if (explain && result instanceof SolveResult.NoSolution) {
      solver
          .findConflict(request, CONFLICT_MAX)
          .ifPresent(found -> answer.set("conflict", conflict(found)));
    }
    return JsonMapper.shared().writeValueAsString(answer);
  }

  /** Adds what became of a request to what is said of it. */
  static void add(SolveResult result, ObjectNode target) {
    target.put("ok", result instanceof SolveResult.Solution);
    switch (result) {
      case SolveResult.Solution solution -> {
        // In the order of bytes, as the answers that ours are compared with.
        List<String> packages =
            solution.packages().stream().map(Package::toString).sorted().toList();
        packages.forEach(target.putArray("packages")::add);
      }
      case SolveResult.NoSolution none -> target.put("diagnostics", none.explanation());
    }
  }

  private static ObjectNode conflict(Conflict conflict) {
    ObjectNode object = JsonMapper.shared().createObjectNode();
    ArrayNode reasons = object.putArray("reasons");
    for (Conflict.Reason reason : conflict.reasons()) {
      reasons
          .addObject()
          .put("package", reason.subject())
          .put("bound", reason.bound())
          .put("origin", reason.origin());
    }
    ArrayNode remedies = object.putArray("remedies");
    for (Conflict.Remedy remedy : conflict.remedies()) {
      ObjectNode node = remedies.addObject();
      remedy.changes().forEach(node.putArray("changes")::add);
      remedy.packages().forEach(node.putArray("packages")::add);
    }
    return object;
  }
}
