package dev.millrace.sexp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.base.RandomTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SexpProperties {
  private static final String LETTERS = "ab\"\\();#| \n\t\r\b\u0001é€x0189";

  @Test
  void whatIsWrittenReadsBack() {
    RandomTest.check(
        2_000,
        40,
        (random, size) -> {
          Sexp sexp = sexp(random, size);

          assertThat(Sexp.parse(sexp.render())).isEqualTo(sexp);
          assertThat(Sexp.parse(sexp.renderSpaced(random.nextInt(100)))).isEqualTo(sexp);
        });
  }

  @Test
  void anyTextIsReadOrRefusedWithAPlace() {
    RandomTest.check(
        5_000,
        60,
        (random, size) -> {
          String text = text(random, size);
          try {
            assertThat(Sexp.parseAll(text)).isNotNull();
          } catch (SexpException e) {
            assertThat(e.location().line()).isPositive();
          }
        });
  }

  private static Sexp sexp(Random random, int size) {
    if (size <= 1 || random.nextInt(3) == 0) {
      return Sexp.atom(text(random, random.nextInt(1 + Math.min(size, 8))));
    }
    List<Sexp> items = new ArrayList<>();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      items.add(sexp(random, size / count));
    }
    return Sexp.list(items);
  }

  private static String text(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
    }
    return text.toString();
  }
}
