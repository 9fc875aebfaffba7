package dev.millrace.app;

import dev.millrace.opam.Package;
import dev.millrace.solver.Conflict;
import dev.millrace.solver.SolveRequest;
import dev.millrace.solver.SolveResult;
import dev.millrace.solver.Solver;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers of the solver as JSON. */
final class SolveAnswers {
  private SolveAnswers() {}

  /** One answer as a line. */
  static String render(Solver solver, SolveRequest request, SolveResult result, boolean explain)
      throws InterruptedException {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    add(result, answer);
    if (explain && result instanceof SolveResult.NoSolution) {
      answer.set(
          "conflict", JsonMapper.shared().valueToTree(conflict(solver.findConflict(request))));
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

  private static Map<String, Object> conflict(Conflict conflict) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put(
        "reasons",
        conflict.reasons().stream()
            .map(
                reason ->
                    Map.of(
                        "package", reason.subject(),
                        "bound", reason.bound(),
                        "origin", reason.origin()))
            .toList());
    object.put(
        "remedies",
        conflict.remedies().stream()
            .map(remedy -> Map.of("changes", remedy.changes(), "packages", remedy.packages()))
            .toList());
    return object;
  }
}
