package dev.millrace.engine.web;

import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.EngineControl;
import dev.millrace.engine.core.EngineControl.Overview;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One picture of the pipeline for one address: which groups are open in it, where everything is,
 * and what has failed. Immutable.
 *
 * @param stages how many stages the whole pipeline has
 * @param problems every failing stage of the whole pipeline
 * @param timeline when its jobs ran, if the address asks for that
 */
record PipelineView(
    Overview overview,
    Parameters query,
    PipelineFilter filter,
    int stages,
    Diagram diagram,
    Geometry geometry,
    List<Problem> problems,
    Optional<Timeline> timeline,
    Instant now) {
  /** From how many nodes on groups start folded. */
  static final int FOLD_FROM = 150;

  /** Up to how many nodes a page shows both the diagram and, on narrow screens, the list. */
  static final int BOTH_MAX = 400;

  /** Up to how many nodes a diagram is drawn: beyond, nobody finds anything in it. */
  static final int DRAW_MAX = 1_500;

  /** How many stages one page of the list shows. */
  static final int ROWS_PAGE = 500;

  private static final int PROBLEMS_MAX = 50;
  private static final int PROBLEM_NODES_MAX = 50;
  private static final String TIMELINE = "timeline";

  /** Failing stages with one reason, all of which count, or none. */
  record Problem(Optional<String> reason, List<Diagram.Node> nodes) {
    boolean isAdvice() {
      return NodeView.isAdvice(nodes.getFirst());
    }

    /** Those that have a place on the page. */
    List<Diagram.Node> shownNodes() {
      return nodes.subList(0, Math.min(PROBLEM_NODES_MAX, nodes.size()));
    }

    /** The reason as long as fits beside a name. */
    Reason shown() {
      return Reason.of(reason.orElse("No reason given"));
    }
  }

  static PipelineView of(EngineControl engine, Parameters query, Layouts layouts, Instant now) {
    Overview overview = engine.overview();
    Set<String> unfold = new LinkedHashSet<>(query.all("unfold"));
    Set<String> fold = new LinkedHashSet<>(query.all("fold"));
    PipelineFilter filter = PipelineFilter.of(query);
    Diagram whole = engine.wholeDiagram();
    Diagram diagram = filter.isActive() ? filter.apply(whole) : unfolded(engine, unfold, fold);
    boolean drawn = diagram.nodes().size() <= DRAW_MAX;
    return new PipelineView(
        overview,
        query,
        filter,
        whole.nodes().size(),
        diagram,
        drawn ? layouts.of(DiagramShape.of(diagram)) : Geometry.NONE,
        problems(whole),
        drawn && isTimeline(query)
            ? Optional.of(Timeline.of(diagram, engine::findJob, now))
            : Optional.empty(),
        now);
  }

  /** Big diagrams start folded, but not around a failure, unless there are too many of these. */
  private static Diagram unfolded(EngineControl engine, Set<String> unfold, Set<String> fold) {
    Diagram diagram = engine.diagram(unfold, fold);
    if (diagram.nodes().size() <= FOLD_FROM) {
      return diagram;
    }
    Diagram quiet = engine.diagram(unfold, closing(diagram, unfold, fold, false));
    return quiet.nodes().size() <= 2 * FOLD_FROM
        ? quiet
        : engine.diagram(unfold, closing(diagram, unfold, fold, true));
  }

  private static Set<String> closing(
      Diagram diagram, Set<String> unfold, Set<String> fold, boolean all) {
    Set<String> closing = new LinkedHashSet<>(fold);
    for (Diagram.Group group : diagram.groups()) {
      if (!unfold.contains(group.key()) && (all || failures(group.counts()) == 0)) {
        closing.add(group.key());
      }
    }
    return closing;
  }

  private static int failures(StageCounts counts) {
    return counts.of(StageState.FAILED) + counts.of(StageState.ERROR);
  }

  /**
   * Every failing stage, also what is folded or filtered away; equal reasons together, what does
   * not count last.
   */
  private static List<Problem> problems(Diagram whole) {
    List<Problem> problems = new ArrayList<>();
    addProblems(problems, whole, false);
    addProblems(problems, whole, true);
    return problems;
  }

  private static void addProblems(List<Problem> problems, Diagram whole, boolean advice) {
    Map<String, List<Diagram.Node>> byReason = new LinkedHashMap<>();
    for (Diagram.Node node : whole.nodes()) {
      if (StateLook.isBad(node.state()) && NodeView.isAdvice(node) == advice) {
        byReason.computeIfAbsent(node.message().orElse(""), _ -> new ArrayList<>()).add(node);
      }
    }
    byReason.forEach(
        (reason, nodes) ->
            problems.add(
                new Problem(Optional.of(reason).filter(r -> !r.isBlank()), List.copyOf(nodes))));
  }

  /** The problems that have a place on the page. */
  List<Problem> shownProblems() {
    return problems.subList(0, Math.min(PROBLEMS_MAX, problems.size()));
  }

  /** Whether there are more problems than the page has room for. */
  boolean hasMoreProblems() {
    return problems.size() > PROBLEMS_MAX
        || problems.stream().anyMatch(problem -> problem.nodes().size() > PROBLEM_NODES_MAX);
  }

  /** The list of all that failed. */
  static String failingAddress() {
    return "/?view=list&only=" + PipelineFilter.FAILING;
  }

  int problemCount() {
    return problems.stream().mapToInt(problem -> problem.nodes().size()).sum();
  }

  /** How many problems there are, and how many of them do not count. */
  String problemsText() {
    int all = problemCount();
    int advice =
        problems.stream()
            .filter(Problem::isAdvice)
            .mapToInt(problem -> problem.nodes().size())
            .sum();
    String text = all == 1 ? "1 problem" : "%d problems".formatted(all);
    if (advice == 0) {
      return text;
    }
    return advice == all
        ? "%s that %s not count".formatted(text, all == 1 ? "does" : "do")
        : "%s, of which %d %s not count".formatted(text, advice, advice == 1 ? "does" : "do");
  }

  /** Which of the views the address asks for; both, for the style sheet to choose, if none. */
  String view() {
    if (!isDrawable()) {
      return "list";
    }
    String view = query.first("view").orElse("");
    if (view.equals("graph") || view.equals("list") || view.equals(TIMELINE)) {
      return view;
    }
    return diagram.nodes().size() <= BOTH_MAX ? "both" : "graph";
  }

  /** Whether there is not too much for a diagram. */
  boolean isDrawable() {
    return diagram.nodes().size() <= DRAW_MAX;
  }

  private static boolean isTimeline(Parameters query) {
    return query.first("view").orElse("").equals(TIMELINE);
  }

  boolean showsGraph() {
    return view().equals("graph") || view().equals("both");
  }

  boolean showsList() {
    return view().equals("list") || view().equals("both");
  }

  String address(Parameters parameters) {
    return "/" + parameters.query();
  }

  String viewAddress(String view) {
    return address(query.with("view", view));
  }

  /** The address with a group opened. */
  String unfoldAddress(String key) {
    return address(including(without("fold", key), "unfold", key));
  }

  /** The address with a group closed. */
  String foldAddress(String key) {
    return address(including(without("unfold", key), "fold", key));
  }

  private Parameters without(String name, String value) {
    return query.with(name, query.all(name).stream().filter(v -> !v.equals(value)).toList());
  }

  private static Parameters including(Parameters parameters, String name, String value) {
    Set<String> values = new LinkedHashSet<>(parameters.all(name));
    values.add(value);
    return parameters.with(name, List.copyOf(values));
  }

  static String jobAddress(JobId id) {
    return "/job/" + id.value();
  }

  /** The unfolded groups, outer ones first. */
  List<Diagram.Group> frames() {
    return diagram.groups().stream().filter(g -> geometry.groups().containsKey(g.key())).toList();
  }

  /** The nodes as they are drawn. */
  List<NodeView> nodes() {
    return diagram.nodes().stream().map(this::node).toList();
  }

  /** What the list shows on this page. */
  List<NodeView> rows() {
    return listed().skip((page() - 1L) * ROWS_PAGE).limit(ROWS_PAGE).map(this::node).toList();
  }

  private Stream<Diagram.Node> listed() {
    return diagram.nodes().stream().filter(node -> node.kind() != Diagram.Kind.GATE);
  }

  private int pages() {
    return (int) Math.max(1, (listed().count() + ROWS_PAGE - 1) / ROWS_PAGE);
  }

  private int page() {
    String text = query.first("page").filter(given -> given.matches("\\d{1,6}")).orElse("1");
    return Math.clamp(Integer.parseInt(text), 1, pages());
  }

  /** The page of the list before this one. */
  Optional<String> previousPage() {
    return page() > 1 ? Optional.of(pageAddress(page() - 1)) : Optional.empty();
  }

  /** The page of the list after this one. */
  Optional<String> nextPage() {
    return page() < pages() ? Optional.of(pageAddress(page() + 1)) : Optional.empty();
  }

  private String pageAddress(int page) {
    return address(query.with("page", Integer.toString(page)));
  }

  /** How much of the pipeline is seen. */
  String shown() {
    return filter.isActive()
        ? "%,d of %,d stages".formatted(listed().count(), stages)
        : "%,d %s".formatted(stages, stages == 1 ? "stage" : "stages");
  }

  /** The same picture as a file of another kind. */
  String exportAddress(String file) {
    return file + query.without("view").without("page").query();
  }

  private NodeView node(Diagram.Node node) {
    Geometry.Rect place = geometry.nodes().getOrDefault(node.id(), new Geometry.Rect(0, 0, 0, 0));
    Optional<Diagram.Group> group =
        node.kind() == Diagram.Kind.FOLDED
            ? diagram.groups().stream()
                .filter(g -> node.group().equals(Optional.of(g.key())))
                .findFirst()
            : Optional.empty();
    return new NodeView(node, place, href(node), group.map(Diagram.Group::counts), now);
  }

  private String href(Diagram.Node node) {
    if (node.kind() == Diagram.Kind.FOLDED && node.group().isPresent()) {
      return unfoldAddress(node.group().get());
    }
    return node.job().map(PipelineView::jobAddress).orElse(StageView.address(node.id()));
  }

  /** The label of a group by its key. */
  String groupLabel(String key) {
    return diagram.groups().stream()
        .filter(group -> group.key().equals(key))
        .map(Diagram.Group::label)
        .filter(label -> !label.isBlank())
        .findFirst()
        .map(LabelText::visible)
        .orElse(key);
  }
}
