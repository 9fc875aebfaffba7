package dev.millrace.opam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Turns {@link PackageTerms} into few bytes and back; texts are numbers in {@link Strings}.
 *
 * <p>The form is that of the index file, which {@link IndexFile} describes. It is read only from
 * bytes whose checksum was right, so that it needs no checks of its own.
 */
final class TermsCodec {
  private static final int AVAILABLE_EVERYWHERE = 1;
  private static final int AVOIDED = 2;
  private static final int HAS_CLASSES = 4;
  private static final int HAS_CONFLICTS = 8;

  private TermsCodec() {}

  static byte[] encode(PackageTerms terms, Strings strings) {
    return new Encoder(strings).encode(terms);
  }

  static PackageTerms decode(byte[] bytes, Strings strings) {
    return new Decoder(bytes, strings).decode();
  }

  // Formulas.
  private static final int EMPTY = 0;
  private static final int ATOM = 1;
  private static final int BLOCK = 2;
  private static final int AND = 3;
  private static final int OR = 4;

  // Filters; AND and OR as above.
  private static final int TRUE = 0;
  private static final int FALSE = 1;
  private static final int TEXT = 2;
  private static final int IDENT = 5;
  private static final int COMPARE = 6;
  private static final int NOT = 7;
  private static final int DEFINED = 8;

  /** Comparisons by their number; after them the number of a condition that is a filter. */
  private static final List<Relop> RELOPS =
      List.of(Relop.EQ, Relop.NEQ, Relop.GEQ, Relop.GT, Relop.LEQ, Relop.LT);

  private static final int FILTER = 6;

  private static final class Encoder {
    private final ByteWriter out = new ByteWriter();
    private final Strings strings;

    Encoder(Strings strings) {
      this.strings = strings;
    }

    byte[] encode(PackageTerms terms) {
      boolean everywhere = terms.available().equals(new Filter.Bool(true));
      out.writeByte(
          (everywhere ? AVAILABLE_EVERYWHERE : 0)
              | (terms.avoidVersion() ? AVOIDED : 0)
              | (terms.conflictClasses().isEmpty() ? 0 : HAS_CLASSES)
              | (terms.conflicts().isEmpty() ? 0 : HAS_CONFLICTS));
      if (!everywhere) {
        filter(terms.available());
      }
      if (!terms.conflictClasses().isEmpty()) {
        out.writeNumber(terms.conflictClasses().size());
        terms.conflictClasses().forEach(name -> text(name.text()));
      }
      if (!terms.conflicts().isEmpty()) {
        formula(terms.conflicts(), this::dependency);
      }
      formula(terms.depends(), this::dependency);
      return out.toBytes();
    }

    private void text(String text) {
      out.writeNumber(strings.number(text));
    }

    private <A> void formula(Formula<A> formula, Consumer<A> atom) {
      switch (formula) {
        case Formula.Empty<A> _ -> out.writeByte(EMPTY);
        case Formula.Atom<A>(var value) -> {
          out.writeByte(ATOM);
          atom.accept(value);
        }
        case Formula.Block<A>(var inner) -> {
          out.writeByte(BLOCK);
          formula(inner, atom);
        }
        case Formula.And<A>(var left, var right) -> {
          out.writeByte(AND);
          formula(left, atom);
          formula(right, atom);
        }
        case Formula.Or<A>(var left, var right) -> {
          out.writeByte(OR);
          formula(left, atom);
          formula(right, atom);
        }
      }
    }

    private void dependency(Dependency dependency) {
      text(dependency.name().text());
      formula(dependency.condition(), this::condition);
    }

    private void condition(Condition condition) {
      switch (condition) {
        case Condition.When(var filter) -> {
          out.writeByte(FILTER);
          filter(filter);
        }
        case Condition.Version(var op, var value) -> {
          out.writeByte(RELOPS.indexOf(op));
          filter(value);
        }
      }
    }

    private void filter(Filter filter) {
      switch (filter) {
        case Filter.Bool(var value) -> out.writeByte(value ? TRUE : FALSE);
        case Filter.Text(var text) -> {
          out.writeByte(TEXT);
          text(text);
        }
        case Filter.Ident(var variable) -> {
          out.writeByte(IDENT);
          variable(variable);
        }
        case Filter.Compare(var op, var left, var right) -> {
          out.writeByte(COMPARE);
          out.writeByte(RELOPS.indexOf(op));
          filter(left);
          filter(right);
        }
        case Filter.And(var left, var right) -> both(AND, left, right);
        case Filter.Or(var left, var right) -> both(OR, left, right);
        case Filter.Not(var inner) -> {
          out.writeByte(NOT);
          filter(inner);
        }
        case Filter.Defined(var inner) -> {
          out.writeByte(DEFINED);
          filter(inner);
        }
      }
    }

    private void both(int shape, Filter left, Filter right) {
      out.writeByte(shape);
      filter(left);
      filter(right);
    }

    private void variable(Variable variable) {
      out.writeNumber(variable.packages().size());
      variable.packages().forEach(this::text);
      text(variable.name());
      out.writeByte(variable.choice().isPresent() ? 1 : 0);
      variable
          .choice()
          .ifPresent(
              choice -> {
                text(choice.ifTrue());
                text(choice.ifFalse());
              });
    }
  }

  private static final class Decoder {
    private final byte[] bytes;
    private final Strings strings;
    private int at;

    Decoder(byte[] bytes, Strings strings) {
      this.bytes = bytes;
      this.strings = strings;
    }

    PackageTerms decode() {
      int head = bytes[at++];
      Filter available = (head & AVAILABLE_EVERYWHERE) != 0 ? new Filter.Bool(true) : filter();
      var classes = new ArrayList<PackageName>();
      if ((head & HAS_CLASSES) != 0) {
        for (int left = number(); left > 0; left--) {
          classes.add(new PackageName(text()));
        }
      }
      Formula<Dependency> conflicts =
          (head & HAS_CONFLICTS) != 0 ? formula(Decoder::dependency) : Formula.empty();
      Formula<Dependency> depends = formula(Decoder::dependency);
      return new PackageTerms(depends, conflicts, classes, available, (head & AVOIDED) != 0);
    }

    private int number() {
      int value = 0;
      for (int shift = 0; ; shift += 7) {
        int next = bytes[at++];
        value |= (next & 0x7F) << shift;
        if (next >= 0) {
          return value;
        }
      }
    }

    private String text() {
      return strings.get(number());
    }

    private <A> Formula<A> formula(Function<Decoder, A> atom) {
      return switch (bytes[at++]) {
        case EMPTY -> Formula.empty();
        case ATOM -> Formula.atom(atom.apply(this));
        case BLOCK -> new Formula.Block<>(formula(atom));
        case AND -> {
          Formula<A> left = formula(atom);
          yield new Formula.And<>(left, formula(atom));
        }
        case OR -> {
          Formula<A> left = formula(atom);
          yield new Formula.Or<>(left, formula(atom));
        }
        default -> throw unknown();
      };
    }

    private IllegalStateException unknown() {
      return new IllegalStateException("The index has no meaning at its byte " + at);
    }

    private Dependency dependency() {
      var name = new PackageName(text());
      return new Dependency(name, formula(Decoder::condition));
    }

    private Condition condition() {
      int op = bytes[at++];
      return op == FILTER
          ? new Condition.When(filter())
          : new Condition.Version(RELOPS.get(op), filter());
    }

    private Filter filter() {
      return switch (bytes[at++]) {
        case TRUE -> new Filter.Bool(true);
        case FALSE -> new Filter.Bool(false);
        case TEXT -> new Filter.Text(text());
        case IDENT -> new Filter.Ident(variable());
        case COMPARE -> {
          Relop op = RELOPS.get(bytes[at++]);
          Filter left = filter();
          yield new Filter.Compare(op, left, filter());
        }
        case AND -> {
          Filter left = filter();
          yield new Filter.And(left, filter());
        }
        case OR -> {
          Filter left = filter();
          yield new Filter.Or(left, filter());
        }
        case NOT -> new Filter.Not(filter());
        case DEFINED -> new Filter.Defined(filter());
        default -> throw unknown();
      };
    }

    private Variable variable() {
      int count = number();
      List<String> packages = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        packages.add(text());
      }
      String name = text();
      return new Variable(
          packages,
          name,
          bytes[at++] == 0 ? Optional.empty() : Optional.of(new Variable.Choice(text(), text())));
    }
  }
}
