package dev.millrace.opam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Goal: what is printed is read as the same; by random trees of every kind of value. */
final class OpamPrinterProperties {
  private static final String CHARACTERS = "ab\"\\ \n\t\r%{}é";

  @Test
  void printsWhatItReads() {
    RandomTest.check(
        500,
        6,
        (random, size) -> {
          List<Item> items = items(random, size);

          assertThat(OpamSyntax.parse(OpamText.encode(OpamPrinter.print(items)), "x"))
              .isEqualTo(items);
        });
  }

  /** Of a file with comments, some items are changed, some left out, and some are new. */
  @Test
  void aChangedFileHasTheChangesAndAllElseAsItWas() {
    RandomTest.check(
        300,
        5,
        (random, size) -> {
          var text = new StringBuilder("# the first line\n");
          var wanted = new ArrayList<Item>();
          var kept = new ArrayList<String>(List.of("# the first line\n"));
          for (int i = 0; i < 4; i++) {
            Item old = new Item.Field("f" + i, value(random, size), Position.NONE);
            String shown = "(* " + i + " *)  " + OpamPrinter.print(List.of(old));
            text.append(shown);
            switch (random.nextInt(3)) {
              case 0 -> wanted.add(new Item.Field("f" + i, value(random, size), Position.NONE));
              case 1 -> {}
              default -> {
                wanted.add(old);
                kept.add(shown);
              }
            }
          }
          if (random.nextBoolean()) {
            wanted.add(
                new Item.Section("new", Optional.empty(), items(random, size), Position.NONE));
          }

          String changed = OpamPrinter.preserve(OpamText.encode(text.toString()), wanted);

          assertThat(OpamSyntax.parse(OpamText.encode(changed), "x")).isEqualTo(wanted);
          assertThat(changed).contains(kept);
        });
  }

  @Test
  void refusesOrReadsAnyBytes() {
    RandomTest.check(
        500,
        200,
        (random, size) -> {
          var text = new StringBuilder("f: ");
          String alphabet = "ab1_ :{}[]()\"\\#*&|!?<>=~+-\n\u00ff";
          for (int i = 0; i < size; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
          }
          byte[] bytes = text.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
          try {
            List<Item> items = OpamSyntax.parse(bytes, "x");
            assertThat(OpamSyntax.parse(OpamText.encode(OpamPrinter.print(items)), "x"))
                .isEqualTo(items);
          } catch (OpamParseException e) {
            assertThat(e).hasMessageStartingWith("x:");
          }
        });
  }

  private static List<Item> items(Random random, int size) {
    var items = new ArrayList<Item>();
    for (int i = random.nextInt(size + 1); i > 0; i--) {
      Item item =
          random.nextInt(4) > 0
              ? new Item.Field("field", value(random, size), Position.NONE)
              : new Item.Section(
                  "section",
                  random.nextBoolean() ? Optional.of(text(random)) : Optional.empty(),
                  size > 1 ? items(random, size - 1) : List.of(),
                  Position.NONE);
      items.add(item);
    }
    return items;
  }

  private static List<Value> values(Random random, int size) {
    var values = new ArrayList<Value>();
    for (int i = random.nextInt(size + 1); i > 0; i--) {
      values.add(value(random, size - 1));
    }
    return values;
  }

  /** Makes values that need no parentheses but those of groups. */
  private static Value value(Random random, int size) {
    Position at = Position.NONE;
    if (size <= 0) {
      return atom(random);
    }
    return switch (random.nextInt(9)) {
      case 0 -> new Value.ListOf(values(random, size), at);
      case 1 -> new Value.Group(values(random, size), at);
      case 2 -> new Value.Option(atom(random), values(random, size), at);
      case 3 -> new Value.Not(new Value.Group(values(random, size), at), at);
      case 4 -> new Value.RelopOf(Relop.LEQ, atom(random), atom(random), at);
      case 5 -> new Value.LogopOf(Value.Logop.AND, atom(random), atom(random), at);
      case 6 ->
          new Value.LogopOf(
              Value.Logop.OR,
              new Value.LogopOf(Value.Logop.AND, atom(random), atom(random), at),
              new Value.Defined(atom(random), at),
              at);
      case 7 -> new Value.Not(new Value.PrefixRelop(Relop.EQ, atom(random), at), at);
      // Beside another value, and without parentheses, it would be read as one comparison.
      default -> new Value.Group(List.of(new Value.PrefixRelop(Relop.NEQ, atom(random), at)), at);
    };
  }

  private static Value atom(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> new Value.Bool(random.nextBoolean(), Position.NONE);
      case 1 -> new Value.Int(random.nextInt(), Position.NONE);
      case 2 -> new Value.Ident("a+b:c", Position.NONE);
      default -> new Value.Str(text(random), Position.NONE);
    };
  }

  private static String text(Random random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(60); i > 0; i--) {
      text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
    }
    return text.toString();
  }
}
