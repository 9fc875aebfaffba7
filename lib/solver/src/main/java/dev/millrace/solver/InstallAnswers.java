package dev.millrace.solver;

import dev.millrace.opam.OpamRepository;
import dev.millrace.opam.Package;
import dev.millrace.opam.PackageName;
import dev.millrace.opam.PackageVersion;
import dev.millrace.solver.InstallQuestion.Answer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The answers for all versions of one state of a repository. Immutable but for the numbers, which
 * states share; thread-safe.
 *
 * <p>Each answer is kept as bytes and decoded when somebody asks, in the form that {@code
 * docs/formats/install-answers.md} describes.
 */
final class InstallAnswers {
  private final Numbers<PackageName> names;
  private final Numbers<Package> packages;
  private final Map<Package, byte[]> answers;

  InstallAnswers(
      Numbers<PackageName> names, Numbers<Package> packages, Map<Package, byte[]> answers) {
    this.names = names;
    this.packages = packages;
    this.answers = answers;
  }

  /**
   * Asks for every version.
   *
   * @throws SolverException if a file that matters cannot be understood
   * @throws InterruptedException if the caller is interrupted
   */
  static InstallAnswers of(Solver solver, InstallQuestion question, int threads)
      throws InterruptedException {
    InstallAnswers answers =
        new InstallAnswers(new Numbers<>(), new Numbers<>(), new ConcurrentHashMap<>());
    OpamRepository repository = solver.repository();
    List<Package> all = new ArrayList<>();
    for (PackageName name : repository.listNames()) {
      for (PackageVersion version : repository.listVersions(name)) {
        all.add(new Package(name, version));
      }
    }
    Parallel.each(
        all, threads, pkg -> answers.answers.put(pkg, answers.encode(question.ask(pkg, solver))));
    return answers;
  }

  /** The same on a later state, in which these answers are others, or there are none. */
  InstallAnswers next(Map<Package, Answer> changed, Collection<Package> removed) {
    Map<Package, byte[]> next = new HashMap<>(answers);
    changed.forEach((pkg, answer) -> next.put(pkg, encode(answer)));
    removed.forEach(next::remove);
    return new InstallAnswers(names, packages, next);
  }

  Numbers<PackageName> names() {
    return names;
  }

  Numbers<Package> packages() {
    return packages;
  }

  Map<Package, byte[]> encoded() {
    return answers;
  }

  /** The answer for a version; without a solution for one that is not there. */
  Answer find(Package pkg) {
    byte[] known = answers.get(pkg);
    return known == null
        ? new Answer(Optional.empty(), new ReadSet(Set.of(), Set.of(), Set.of(), false))
        : decode(known);
  }

  /** The versions whose answers may be others when versions of these packages have changed. */
  List<Package> listChanging(Set<PackageName> changed, Impact impact) {
    BitSet numbers = new BitSet();
    changed.forEach(name -> numbers.set(names.number(name)));
    List<Package> changing = new ArrayList<>();
    answers.forEach(
        (pkg, bytes) -> {
          if (new Reader(bytes).hasAny(numbers) && impact.mayChange(pkg, decode(bytes))) {
            changing.add(pkg);
          }
        });
    return changing;
  }

  private byte[] encode(Answer answer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(answer.readSet().names(), names, out);
    write(answer.readSet().excluded(), packages, out);
    write(answer.readSet().asked(), packages, out);
    write(answer.packages().isPresent() ? 1 : 0, out);
    answer.packages().ifPresent(solution -> write(solution, packages, out));
    return out.toByteArray();
  }

  private static <T> void write(
      Collection<T> things, Numbers<T> numbers, ByteArrayOutputStream out) {
    int[] sorted = things.stream().mapToInt(numbers::number).sorted().toArray();
    write(sorted.length, out);
    int last = 0;
    for (int number : sorted) {
      write(number - last, out);
      last = number;
    }
  }

  private static void write(int number, ByteArrayOutputStream out) {
    int rest = number;
    while ((rest & ~0x7F) != 0) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  private Answer decode(byte[] bytes) {
    Reader reader = new Reader(bytes);
    Set<PackageName> met = new HashSet<>(reader.list(names::get));
    Set<Package> excluded = new HashSet<>(reader.list(packages::get));
    Set<Package> asked = new HashSet<>(reader.list(packages::get));
    Optional<List<Package>> solution =
        reader.number() == 0
            ? Optional.empty()
            : Optional.of(reader.list(packages::get).stream().sorted().toList());
    return new Answer(solution, new ReadSet(met, excluded, asked, false));
  }

  /** Reads one answer. */
  private static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    int number() {
      int number = 0;
      for (int shift = 0; ; shift += 7) {
        byte next = bytes[at++];
        number |= (next & 0x7F) << shift;
        if (next >= 0) {
          return number;
        }
      }
    }

    <T> List<T> list(Function<Integer, T> things) {
      int count = number();
      List<T> list = new ArrayList<>(count);
      int last = 0;
      for (int i = 0; i < count; i++) {
        last += number();
        list.add(things.apply(last));
      }
      return list;
    }

    /** Says whether the list that follows has any of these. */
    boolean hasAny(BitSet wanted) {
      int last = 0;
      for (int left = number(); left > 0; left--) {
        last += number();
        if (wanted.get(last)) {
          return true;
        }
      }
      return false;
    }
  }
}
