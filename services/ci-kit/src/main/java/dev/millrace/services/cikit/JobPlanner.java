package dev.millrace.services.cikit;

import dev.millrace.ocaml.OcamlVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns what was decided for a commit into its jobs. */
public final class JobPlanner {
  private JobPlanner() {}

  /**
   * The jobs of a commit, in the order in which they are shown: builds, the lower bound, lints. The
   * analysis itself is not among them.
   */
  public static List<PlannedJob> plan(AnalysisOutcome outcome) {
    List<PlannedJob> jobs = new ArrayList<>();
    for (Selection selection : buildable(outcome.selections())) {
      JobKind kind = selection.lowerBound() ? JobKind.LOWER_BOUND : JobKind.BUILD;
      String label = selection.lowerBound() ? kind.label() : selection.variant().toString();
      jobs.add(job(label, kind, selection.variant(), run(selection, List.of())));
    }
    // A project without a solution on 64-bit x86 Linux has nothing to run lints on.
    Optional<Selection> forLints = Analysis.forLints(outcome.selections());
    if (forLints.isPresent()) {
      Variant variant = forLints.get().variant();
      lint(JobKind.LINT_FMT, variant, outcome.ocamlformat()).ifPresent(jobs::add);
      lint(JobKind.LINT_DOC, variant, outcome.odoc()).ifPresent(jobs::add);
      lint(JobKind.LINT_OPAM, variant, outcome.opamDuneLint()).ifPresent(jobs::add);
    }
    return jobs;
  }

  private record Place(String distribution, OcamlVersion ocaml, String arch, boolean lowerBound) {}

  /**
   * Of several opams on one place the oldest; of the lower bounds the one of the oldest compiler.
   */
  private static List<Selection> buildable(List<Selection> selections) {
    Map<Place, Selection> places = new LinkedHashMap<>();
    for (Selection selection : selections) {
      Variant variant = selection.variant();
      places.merge(
          new Place(
              variant.distribution(),
              variant.ocaml(),
              variant.architecture().opamName(),
              selection.lowerBound()),
          selection,
          (one, other) ->
              one.variant().opam().compareTo(other.variant().opam()) <= 0 ? one : other);
    }
    List<Selection> result =
        new ArrayList<>(places.values().stream().filter(s -> !s.lowerBound()).toList());
    places.values().stream()
        .filter(selection -> selection.lowerBound() && selection.variant().isMainstream())
        .min(Comparator.comparing(selection -> selection.variant().ocaml()))
        .ifPresent(result::add);
    return result;
  }

  private static Optional<PlannedJob> lint(JobKind kind, Variant usual, ToolChoice tool) {
    Optional<PlannedJob.Work> work =
        switch (tool) {
          case ToolChoice.NotWanted() -> Optional.empty();
          case ToolChoice.Solved(Selection selection) -> Optional.of(run(selection, List.of()));
          case ToolChoice.Packaged(Selection selection, String systemPackage) ->
              Optional.of(run(selection, List.of(systemPackage)));
          case ToolChoice.Unavailable(String reason) ->
              Optional.of(new PlannedJob.Work.Skip(reason));
          case ToolChoice.Mistaken(String problem) ->
              Optional.of(new PlannedJob.Work.Fail(problem));
        };
    return work.map(
        known ->
            job(
                kind.label(),
                kind,
                known instanceof PlannedJob.Work.Run run ? run.selection().variant() : usual,
                known));
  }

  private static PlannedJob.Work run(Selection selection, List<String> systemTools) {
    return new PlannedJob.Work.Run(selection, systemTools);
  }

  private static PlannedJob job(String label, JobKind kind, Variant variant, PlannedJob.Work work) {
    return new PlannedJob(label, kind, variant, JobResult.isExperimental(kind, variant), work);
  }
}
