package dev.millrace.opam;

import java.util.Arrays;
import java.util.Optional;

/** A comparison of two versions. */
public enum Relop {
  /** Equal. */
  EQ("="),
  /** Not equal. */
  NEQ("!="),
  /** Greater or equal; also written {@code ~}. */
  GEQ(">="),
  /** Greater. */
  GT(">"),
  /** Less or equal. */
  LEQ("<="),
  /** Less. */
  LT("<");

  private final String symbol;

  Relop(String symbol) {
    this.symbol = symbol;
  }

  static Optional<Relop> find(String symbol) {
    return symbol.equals("~")
        ? Optional.of(GEQ)
        : Arrays.stream(values()).filter(op -> op.symbol.equals(symbol)).findFirst();
  }

  /** Returns the comparison that holds exactly when this one does not. */
  public Relop negated() {
    return switch (this) {
      case EQ -> NEQ;
      case NEQ -> EQ;
      case GEQ -> LT;
      case LT -> GEQ;
      case GT -> LEQ;
      case LEQ -> GT;
    };
  }

  /** Says whether the comparison holds for a {@link Comparable#compareTo} result. */
  public boolean holds(int comparison) {
    return switch (this) {
      case EQ -> comparison == 0;
      case NEQ -> comparison != 0;
      case GEQ -> comparison >= 0;
      case GT -> comparison > 0;
      case LEQ -> comparison <= 0;
      case LT -> comparison < 0;
    };
  }

  @Override
  public String toString() {
    return symbol;
  }
}
