package dev.millrace.app;

import dev.millrace.engine.program.CommandException;
import dev.millrace.opam.OpamIndex;
import dev.millrace.opam.OpamRepositories;
import dev.millrace.opam.OpamRepository;
import dev.millrace.plugins.git.Commit;
import dev.millrace.plugins.git.CommitHash;
import dev.millrace.plugins.git.GitClones;
import dev.millrace.plugins.git.GitException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where packages are looked up, for all commands that do. */
final class PackageSources {
  private static final String PUBLIC = "https://github.com/ocaml/opam-repository.git";
  private static final Pattern URL = Pattern.compile("(git\\+)?(https?|ssh|git|file)://.+");

  @Option(
      names = {"--repository", "--opam-repository"},
      paramLabel = "PATH|URL[@COMMIT]",
      description = {
        "Look packages up in this opam repository: a git repository, bare or not, of which only the objects are read; a directory that"
            + " is not kept in git; or a git URL. Several lie over each other: of a version, the last one that has it counts.",
        "Default: the public one on GitHub."
      })
  private List<String> repositories = List.of();

  @Option(
      names = "--state-dir",
      paramLabel = "DIR",
      description = "Keep copies and the index of packages here (default: see README).")
  private @Nullable Path stateDirectory;

  private @Nullable OpamIndex index;

  /** What the options would be. */
  static PackageSources of(String repository, @Nullable Path stateDirectory) {
    PackageSources sources = new PackageSources();
    sources.repositories = repository.isEmpty() ? List.of() : List.of(repository);
    sources.stateDirectory = stateDirectory;
    return sources;
  }

  /** One place. */
  private record Place(String where, Optional<String> commit) {
    static Place parse(String text) {
      int at = text.lastIndexOf('@');
      boolean whole = at < 0 || text.indexOf('/', at) >= 0 || Files.exists(Path.of(text));
      return whole
          ? new Place(text, Optional.empty())
          : new Place(text.substring(0, at), Optional.of(text.substring(at + 1)));
    }
  }

  /** Opens what the options name; whoever asked closes it. */
  OpamRepository open() throws InterruptedException {
    List<OpamRepository> opened = new ArrayList<>();
    try {
      for (String text : repositories.isEmpty() ? List.of(PUBLIC) : repositories) {
        opened.add(open(Place.parse(text)));
      }
    } catch (RuntimeException | InterruptedException e) {
      opened.forEach(OpamRepository::close);
      throw e;
    }
    return opened.size() == 1 ? opened.getFirst() : OpamRepositories.overlay(opened);
  }

  /** Opens a commit of the one git repository that the options name. */
  OpamRepository open(String commit) throws InterruptedException {
    if (repositories.size() > 1) {
      throw CommandException.usage(
          "Cannot compare commits of several repositories: name one with --repository");
    }
    Place place = Place.parse(repositories.isEmpty() ? PUBLIC : repositories.getFirst());
    return open(new Place(place.where(), Optional.of(commit)));
  }

  private OpamRepository open(Place place) throws InterruptedException {
    if (URL.matcher(place.where()).matches()) {
      return fetch(place);
    }
    Path path = Path.of(place.where());
    if (!Files.isDirectory(path)) {
      throw CommandException.usage(
          "Cannot use \"%s\" as an opam repository: it is neither a git URL nor a directory"
              .formatted(place.where()));
    }
    boolean git = Files.exists(path.resolve(".git")) || Files.isDirectory(path.resolve("objects"));
    if (!git && place.commit().isPresent()) {
      throw CommandException.usage(
          "Cannot open the commit %s of \"%s\": it is not a git repository"
              .formatted(place.commit().get(), place.where()));
    }
    if (!git) {
      return directory(path);
    }
    return git(path, place.commit().orElse("HEAD"));
  }

  private static OpamRepository directory(Path path) {
    if (!Files.isDirectory(path.resolve("packages"))) {
      throw CommandException.usage(
          "Cannot use \"%s\" as an opam repository: it must hold a directory packages"
              .formatted(path));
    }
    return OpamRepositories.directory(path);
  }

  private OpamRepository git(Path path, String revision) throws InterruptedException {
    try {
      OpamIndex known = index;
      if (known == null) {
        known = OpamIndex.in(state().resolve("opam-index"));
        index = known;
      }
      return known.open(path, revision);
    } catch (UncheckedIOException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }

  private OpamRepository fetch(Place place) throws InterruptedException {
    GitClones clones = new GitClones(state().resolve("opam-repositories"));
    try {
      Commit commit =
          place.commit().isPresent()
              ? clones.fetchCommit(place.where(), new CommitHash(place.commit().get()))
              : clones.fetchBranch(place.where(), "HEAD");
      return git(commit.gitDirectory(), commit.hash().hex());
    } catch (GitException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Where copies, the index and answers are kept. */
  Path state() {
    return stateDirectory == null ? StateDirectory.standard() : stateDirectory.toAbsolutePath();
  }
}
