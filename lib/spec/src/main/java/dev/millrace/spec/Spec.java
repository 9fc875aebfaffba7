package dev.millrace.spec;

import dev.millrace.sexp.Sexp;
import java.util.List;

/**
 * How to make a root file system: a base, and operations on it.
 *
 * @param children further builds from which this one may copy, made first
 * @param from the name of the base
 * @param ops in order
 */
public record Spec(List<Child> children, String from, List<Op> ops) {
  /** A build with a name. */
  public record Child(String name, Spec spec) {}

  /** Copies. */
  public Spec {
    children = List.copyOf(children);
    ops = List.copyOf(ops);
  }

  /** A build without children. */
  public static Spec of(String from, List<Op> ops) {
    return new Spec(List.of(), from, ops);
  }

  /**
   * Reads a spec.
   *
   * @throws SpecException if it is none: everything that is wrong, with lines and columns
   */
  public static Spec parse(String text) {
    return SpecReader.read(text);
  }

  /**
   * Checks that every copy is from a build that is in scope: an earlier sibling, or an earlier
   * sibling of an enclosing build. {@link #parse} has done it.
   *
   * @throws SpecException if one is not
   */
  public Spec requireScope() {
    new SpecScope().require(this);
    return this;
  }

  /** The spec as an S-expression. */
  public Sexp toSexp() {
    return SpecPrinter.toSexp(this);
  }

  /** The spec for people, one operation a line, with a newline at its end. */
  public String render() {
    return SpecPrinter.spec(this);
  }

  /** The spec on one line, as short as possible, without a newline. */
  public String renderLine() {
    return toSexp().render();
  }
}
