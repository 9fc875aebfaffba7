package dev.millrace.services.solver;

import dev.millrace.opam.Package;
import dev.millrace.services.cikit.PackageSource;
import dev.millrace.services.cikit.PlatformVariables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON of solver-service: pairs are lists of two, variants lists that begin with a name, and a
 * field that is unknown or missing is refused.
 */
final class Protocol {
  /** The most platforms of a request; the community's matrix has some dozens. */
  private static final int PLATFORMS_MAX = 1_000;

  private static final int PACKAGES_MAX = 10_000;

  private Protocol() {}

  /** A commit of a repository. */
  record RepositoryCommit(String url, String hash) {
    @Override
    public String toString() {
      return url + "#" + hash;
    }
  }

  /** A platform, and whether it is asked for lower bounds. */
  record Platform(String id, PlatformVariables variables, boolean lowerBound) {}

  /** What is asked. */
  record Request(
      List<RepositoryCommit> repositories,
      List<PackageSource> roots,
      List<PackageSource> pins,
      List<Platform> platforms) {
    Request {
      repositories = List.copyOf(repositories);
      roots = List.copyOf(roots);
      pins = List.copyOf(pins);
      platforms = List.copyOf(platforms);
    }
  }

  /** What was found for a platform. */
  record Selection(
      String id,
      List<String> compatible,
      List<String> packages,
      List<RepositoryCommit> commits,
      boolean lowerBound) {
    Selection {
      compatible = List.copyOf(compatible);
      packages = List.copyOf(packages);
      commits = List.copyOf(commits);
    }
  }

  /**
   * Reads a request.
   *
   * @throws SolverServiceException if it is not one
   */
  static Request parse(String text) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(text);
    } catch (JacksonException e) {
      throw bad("it is not JSON: " + e.getOriginalMessage());
    }
    checkFields(
        node,
        Set.of("opam_repository_commits", "root_pkgs", "pinned_pkgs", "platforms"),
        "the request");
    List<RepositoryCommit> repositories = new ArrayList<>();
    for (JsonNode pair : list(node, "opam_repository_commits", PACKAGES_MAX)) {
      String hash = string(pair, 1, "opam_repository_commits");
      if (!hash.matches("[0-9a-f]{40}")) {
        throw bad("opam_repository_commits: \"%s\" is not a commit".formatted(hash));
      }
      repositories.add(new RepositoryCommit(string(pair, 0, "opam_repository_commits"), hash));
    }
    if (repositories.isEmpty()) {
      throw bad("opam_repository_commits must name at least one repository");
    }
    List<Platform> platforms = new ArrayList<>();
    for (JsonNode pair : list(node, "platforms", PLATFORMS_MAX)) {
      platforms.add(platform(string(pair, 0, "platforms"), pair.path(1)));
    }
    return new Request(
        repositories, packages(node, "root_pkgs"), packages(node, "pinned_pkgs"), platforms);
  }

  private static Platform platform(String id, JsonNode vars) {
    checkFields(
        vars,
        Set.of(
            "arch",
            "os",
            "os_family",
            "os_distribution",
            "os_version",
            "ocaml_package",
            "ocaml_version",
            "opam_version",
            "lower_bound"),
        "the variables of platform " + id);
    if (!vars.path("lower_bound").isBoolean()) {
      throw bad("lower_bound of platform %s must be true or false".formatted(id));
    }
    return new Platform(
        id,
        new PlatformVariables(
            string(vars, "arch"),
            string(vars, "os"),
            string(vars, "os_family"),
            string(vars, "os_distribution"),
            string(vars, "os_version"),
            string(vars, "ocaml_package"),
            string(vars, "ocaml_version"),
            string(vars, "opam_version")),
        vars.path("lower_bound").asBoolean());
  }

  private static List<PackageSource> packages(JsonNode node, String field) {
    List<PackageSource> packages = new ArrayList<>();
    for (JsonNode pair : list(node, field, PACKAGES_MAX)) {
      String pkg = string(pair, 0, field);
      if (Package.find(pkg).isEmpty()) {
        throw bad("%s: \"%s\" must be NAME.VERSION".formatted(field, pkg));
      }
      packages.add(new PackageSource(pkg, pkg, string(pair, 1, field)));
    }
    return packages;
  }

  private static JsonNode list(JsonNode node, String field, int sizeMax) {
    JsonNode list = node.path(field);
    if (!list.isArray() || list.size() > sizeMax) {
      throw bad("%s must be a list of at most %d".formatted(field, sizeMax));
    }
    return list;
  }

  private static String string(JsonNode pair, int index, String field) {
    if (!pair.isArray() || pair.size() != 2 || (index < 2 && pair.path(0).isMissingNode())) {
      throw bad(field + " must be a list of pairs");
    }
    JsonNode value = pair.path(index);
    if (!value.isString()) {
      throw bad(field + " must have strings in its pairs");
    }
    return value.asString();
  }

  private static String string(JsonNode node, String field) {
    if (!node.path(field).isString()) {
      throw bad(field + " must be a string");
    }
    return node.path(field).asString();
  }

  private static void checkFields(JsonNode node, Set<String> expected, String where) {
    if (!node.isObject()) {
      throw bad(where + " must be an object");
    }
    Set<String> missing = new HashSet<>(expected);
    for (String field : node.propertyNames()) {
      if (!missing.remove(field)) {
        throw bad("%s has the unknown field \"%s\"".formatted(where, field));
      }
    }
    if (!missing.isEmpty()) {
      throw bad(
          "%s lacks %s".formatted(where, String.join(", ", missing.stream().sorted().toList())));
    }
  }

  private static SolverServiceException bad(String problem) {
    return new SolverServiceException("Bad request: " + problem);
  }

  /** Writes the answer. */
  static String render(List<Selection> selections) {
    ArrayNode list = JsonMapper.shared().createArrayNode();
    for (Selection selection : selections) {
      ObjectNode node = list.addObject();
      node.put("id", selection.id());
      selection.compatible().forEach(node.putArray("compat_pkgs")::add);
      selection.packages().forEach(node.putArray("packages")::add);
      ArrayNode commits = node.putArray("commits");
      for (RepositoryCommit commit : selection.commits()) {
        commits.addArray().add(commit.url()).add(commit.hash());
      }
      node.put("lower_bound", selection.lowerBound());
    }
    return JsonMapper.shared()
        .writeValueAsString(JsonMapper.shared().createArrayNode().add("Ok").add(list));
  }

  /** Writes why there is none. */
  static String renderError(String message) {
    ArrayNode error = JsonMapper.shared().createArrayNode().add("Error");
    error.addArray().add("Msg").add(message);
    return JsonMapper.shared().writeValueAsString(error);
  }

  /** Writes that nobody waits for it any more. */
  static String renderCancelled() {
    ArrayNode error = JsonMapper.shared().createArrayNode().add("Error");
    error.addArray().add("Cancelled");
    return JsonMapper.shared().writeValueAsString(error);
  }
}
