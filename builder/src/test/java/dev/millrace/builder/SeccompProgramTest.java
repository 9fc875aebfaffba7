package dev.millrace.builder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.builder.SeccompProgram.Architecture;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Runs the program as the kernel would, for every call of the table, and compares with the list.
 */
final class SeccompProgramTest {
  private static final int ALLOW = SeccompProgram.RETURN_ALLOW;
  private static final SeccompProfile PROFILE = SeccompProfile.standard(false);
  private static final byte[] PROGRAM =
      SeccompProgram.compile(PROFILE, List.of(Architecture.X86_64, Architecture.I386));

  @Test
  void answersEveryCallAsTheListSays() {
    for (Architecture architecture : List.of(Architecture.X86_64, Architecture.I386)) {
      Map<String, Integer> numbers = architecture.numbers();
      Map<String, Integer> expected = new TreeMap<>();
      Map<String, Integer> actual = new TreeMap<>();
      numbers.forEach(
          (name, number) -> {
            expected.put(name, decide(name, 0));
            actual.put(name, run(PROGRAM, architecture.audit(), number, 0, 0, 0));
          });
      assertThat(actual).isEqualTo(expected);
    }
  }

  /** The naive reading of the list, for calls whose arguments are all {@code value}. */
  private static int decide(String name, long value) {
    for (SeccompProfile.Rule rule : PROFILE.rules()) {
      if (rule.names().contains(name)
          && rule.conditions().stream()
              .allMatch(
                  condition ->
                      switch (condition.comparison()) {
                        case EQUAL -> value == condition.value();
                        case NOT_EQUAL -> value != condition.value();
                        case MASKED_EQUAL -> (value & condition.mask()) == condition.value();
                      })) {
        return switch (rule.action()) {
          case SeccompProfile.Action.Allow() -> ALLOW;
          case SeccompProfile.Action.Errno(int number) -> errno(number);
        };
      }
    }
    return errno(1);
  }

  @Test
  void looksAtBothHalvesOfAnArgument() {
    int socket = number("socket");
    int audit = Architecture.X86_64.audit();

    assertThat(run(PROGRAM, audit, socket, 1, 1, 0)).isEqualTo(ALLOW);
    assertThat(run(PROGRAM, audit, socket, 1L << 32 | 1, 1, 0)).isEqualTo(errno(1));
    assertThat(run(PROGRAM, audit, socket, 38, 5, 0)).isEqualTo(errno(1));
    assertThat(run(PROGRAM, audit, socket, 16, 3, 0)).isEqualTo(ALLOW);
    assertThat(run(PROGRAM, audit, socket, 16, 3, 9)).isEqualTo(errno(93));
    assertThat(run(PROGRAM, audit, socket, 16, 3, 1L << 32)).isEqualTo(errno(93));
  }

  @Test
  void refusesNewNamespaces() {
    int clone = number("clone");

    assertThat(run(PROGRAM, Architecture.X86_64.audit(), clone, 0x3d0f00, 0, 0)).isEqualTo(ALLOW);
    for (int flag : new int[] {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000}) {
      assertThat(run(PROGRAM, Architecture.X86_64.audit(), clone, flag | 17, 0, 0))
          .isEqualTo(errno(1));
    }
  }

  /** The kernel looks at the lower half of an ioctl's number only. */
  @Test
  void refusesSubvolumes() {
    int ioctl = number("ioctl");
    int audit = Architecture.X86_64.audit();

    for (long request : new long[] {0x5000940e, 0x50009417, 0x50009418, 1L << 32 | 0x5000940e}) {
      assertThat(run(PROGRAM, audit, ioctl, 3, request, 0)).isEqualTo(errno(1));
    }
    for (long request : new long[] {0x5401, 0x5413, 0x40049409, 0xc020660bL}) {
      assertThat(run(PROGRAM, audit, ioctl, 3, request, 0)).isEqualTo(ALLOW);
    }
  }

  @Test
  void saysNotImplementedToWhatItDoesNotKnow() {
    assertThat(run(PROGRAM, Architecture.X86_64.audit(), 5000, 0, 0, 0)).isEqualTo(errno(38));
    assertThat(run(PROGRAM, Architecture.X86_64.audit(), 0x40000000, 0, 0, 0)).isEqualTo(errno(38));
    assertThat(run(PROGRAM, Architecture.AARCH64.audit(), 64, 0, 0, 0)).isEqualTo(errno(38));
  }

  @Test
  void fastSyncSucceedsWithoutDoingAnything() {
    byte[] fast =
        SeccompProgram.compile(SeccompProfile.standard(true), List.of(Architecture.X86_64));
    int fsync = number("fsync");

    assertThat(run(fast, Architecture.X86_64.audit(), fsync, 0, 0, 0)).isEqualTo(errno(0));
    assertThat(run(PROGRAM, Architecture.X86_64.audit(), fsync, 0, 0, 0)).isEqualTo(ALLOW);
  }

  private static int number(String name) {
    return requireNonNull(Architecture.X86_64.numbers().get(name));
  }

  private static int errno(int number) {
    return SeccompProgram.RETURN_ERRNO | number;
  }

  private static int run(byte[] program, int architecture, int number, long... arguments) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(number).putInt(architecture).putLong(0);
    for (long argument : arguments) {
      data.putLong(argument);
    }
    ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    int at = 0;
    while (true) {
      int operation = code.getShort(at * 8);
      int jumpTrue = code.get(at * 8 + 2) & 0xff;
      int jumpFalse = code.get(at * 8 + 3) & 0xff;
      int operand = code.getInt(at * 8 + 4);
      at++;
      switch (operation) {
        case 0x20 -> accumulator = data.getInt(operand);
        case 0x54 -> accumulator &= operand;
        case 0x05 -> at += operand;
        case 0x15 -> at += accumulator == operand ? jumpTrue : jumpFalse;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, operand) > 0 ? jumpTrue : jumpFalse;
        case 0x35 ->
            at += Integer.compareUnsigned(accumulator, operand) >= 0 ? jumpTrue : jumpFalse;
        case 0x06 -> {
          return operand;
        }
        default -> throw new AssertionError("instruction " + operation);
      }
    }
  }
}
