package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A formula over atoms, as opam builds them: the empty formula is true, yet neutral in both kinds
 * of connection, so that a part that was filtered away leaves no trace.
 *
 * @param <A> the atoms
 */
public sealed interface Formula<A> {
  /** No condition at all. */
  record Empty<A>() implements Formula<A> {
    @Override
    public String toString() {
      return "";
    }
  }

  /** A single condition. */
  record Atom<A>(A value) implements Formula<A> {
    @Override
    public String toString() {
      return value.toString();
    }
  }

  /** A formula in parentheses. */
  record Block<A>(Formula<A> inner) implements Formula<A> {
    @Override
    public String toString() {
      return "(" + inner + ")";
    }
  }

  /** Both must hold. */
  record And<A>(Formula<A> left, Formula<A> right) implements Formula<A> {
    @Override
    public String toString() {
      return inAnd(left) + " & " + inAnd(right);
    }

    private static <A> String inAnd(Formula<A> formula) {
      return formula instanceof Or ? "(" + formula + ")" : formula.toString();
    }
  }

  /** At least one must hold. */
  record Or<A>(Formula<A> left, Formula<A> right) implements Formula<A> {
    @Override
    public String toString() {
      return left + " | " + right;
    }
  }

  /** Returns the empty formula. */
  static <A> Formula<A> empty() {
    return new Empty<>();
  }

  /** Returns the formula of one atom. */
  static <A> Formula<A> atom(A value) {
    return new Atom<>(value);
  }

  /** Returns the formula in parentheses; the empty one stays as it is. */
  static <A> Formula<A> block(Formula<A> inner) {
    return inner instanceof Empty ? inner : new Block<>(inner);
  }

  /** Returns the conjunction; an empty side disappears. */
  static <A> Formula<A> and(Formula<A> left, Formula<A> right) {
    return left instanceof Empty ? right : right instanceof Empty ? left : new And<>(left, right);
  }

  /** Returns the disjunction; an empty side disappears. */
  static <A> Formula<A> or(Formula<A> left, Formula<A> right) {
    return left instanceof Empty ? right : right instanceof Empty ? left : new Or<>(left, right);
  }

  /** Returns the conjunction of all, associated to the left. */
  static <A> Formula<A> ands(List<? extends Formula<A>> formulas) {
    Formula<A> result = empty();
    for (Formula<A> formula : formulas) {
      result = and(result, formula);
    }
    return result;
  }

  /** Returns the disjunction of all, associated to the left. */
  static <A> Formula<A> ors(List<? extends Formula<A>> formulas) {
    Formula<A> result = empty();
    for (Formula<A> formula : formulas) {
      result = or(result, formula);
    }
    return result;
  }

  /** Says whether this is the empty formula. */
  default boolean isEmpty() {
    return this instanceof Empty;
  }

  /** Returns the formula with each atom replaced by a formula. */
  default <B> Formula<B> map(Function<? super A, ? extends Formula<B>> replacement) {
    return switch (this) {
      case Empty<A> _ -> empty();
      case Atom<A>(var value) -> replacement.apply(value);
      case Block<A>(var inner) -> block(inner.map(replacement));
      case And<A>(var left, var right) -> and(left.map(replacement), right.map(replacement));
      case Or<A>(var left, var right) -> or(left.map(replacement), right.map(replacement));
    };
  }

  /** Returns the negation, pushed down to the atoms; the empty formula stays empty. */
  default Formula<A> negate(Function<? super A, ? extends A> negation) {
    return switch (this) {
      case Empty<A> _ -> this;
      case Atom<A>(var value) -> atom(negation.apply(value));
      case Block<A>(var inner) -> block(inner.negate(negation));
      case And<A>(var left, var right) -> or(left.negate(negation), right.negate(negation));
      case Or<A>(var left, var right) -> and(left.negate(negation), right.negate(negation));
    };
  }

  /** Says whether the formula holds when the atoms that {@code holds} accepts do. */
  default boolean eval(Predicate<? super A> holds) {
    return switch (this) {
      case Empty<A> _ -> true;
      case Atom<A>(var value) -> holds.test(value);
      case Block<A>(var inner) -> inner.eval(holds);
      case And<A>(var left, var right) -> left.eval(holds) && right.eval(holds);
      case Or<A>(var left, var right) -> left.eval(holds) || right.eval(holds);
    };
  }

  /** What is left of a formula when some of its atoms are decided. */
  sealed interface Partial<B> {
    /** It holds. */
    record True<B>() implements Partial<B> {}

    /** It does not hold. */
    record False<B>() implements Partial<B> {}

    /** It holds when the formula does. */
    record Rest<B>(Formula<B> formula) implements Partial<B> {}
  }

  /**
   * Decides the formula as far as {@code decide} knows its atoms. Parentheses disappear; an empty
   * rest stays in its place, where it counts as true.
   */
  default <B> Partial<B> evalPartially(Function<? super A, Partial<B>> decide) {
    return switch (this) {
      case Empty<A> _ -> new Partial.Rest<>(empty());
      case Atom<A>(var value) -> decide.apply(value);
      case Block<A>(var inner) -> inner.evalPartially(decide);
      case And<A>(var left, var right) -> {
        Partial<B> l = left.evalPartially(decide);
        Partial<B> r = right.evalPartially(decide);
        if (l instanceof Partial.False || r instanceof Partial.True) {
          yield l;
        }
        if (r instanceof Partial.False || l instanceof Partial.True) {
          yield r;
        }
        yield new Partial.Rest<>(new And<>(rest(l), rest(r)));
      }
      case Or<A>(var left, var right) -> {
        Partial<B> l = left.evalPartially(decide);
        Partial<B> r = right.evalPartially(decide);
        if (l instanceof Partial.True || r instanceof Partial.False) {
          yield l;
        }
        if (r instanceof Partial.True || l instanceof Partial.False) {
          yield r;
        }
        yield new Partial.Rest<>(new Or<>(rest(l), rest(r)));
      }
    };
  }

  private static <B> Formula<B> rest(Partial<B> partial) {
    return partial instanceof Partial.Rest<B>(var formula) ? formula : empty();
  }

  /** Passes each atom to {@code visitor}, left to right. */
  default void forEachAtom(Consumer<? super A> visitor) {
    switch (this) {
      case Empty<A> _ -> {}
      case Atom<A>(var value) -> visitor.accept(value);
      case Block<A>(var inner) -> inner.forEachAtom(visitor);
      case And<A>(var left, var right) -> {
        left.forEachAtom(visitor);
        right.forEachAtom(visitor);
      }
      case Or<A>(var left, var right) -> {
        left.forEachAtom(visitor);
        right.forEachAtom(visitor);
      }
    }
  }

  /** Returns the atoms, left to right. */
  default List<A> atoms() {
    var atoms = new ArrayList<A>();
    forEachAtom(atoms::add);
    return List.copyOf(atoms);
  }
}
