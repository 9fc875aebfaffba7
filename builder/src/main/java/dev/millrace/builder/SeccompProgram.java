package dev.millrace.builder;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@link SeccompProfile} as the kernel's classic BPF takes it, for programs such as bubblewrap
 * that want it ready made. Covers the machine's own calls and, on amd64, those of 32-bit programs;
 * x32 is answered with ENOSYS, as is what the kernel got after our table.
 *
 * <p>Shape: per architecture first the calls whose arguments count, then the allowed numbers as
 * ascending ranges. Reference: the kernel's {@code Documentation/userspace-api/seccomp_filter.rst}
 * and {@code Documentation/networking/filter.rst}. Little-endian machines only.
 */
final class SeccompProgram {
  static final int RETURN_ALLOW = 0x7fff0000;
  static final int RETURN_ERRNO = 0x00050000;
  static final int ENOSYS = 38;

  /** struct seccomp_data: the number, the architecture, then (past the instruction) arguments. */
  private static final int OFFSET_NUMBER = 0;

  private static final int OFFSET_ARCHITECTURE = 4;
  private static final int OFFSET_ARGUMENTS = 16;

  private static final int LOAD = 0x20;
  private static final int AND = 0x54;
  private static final int JUMP = 0x05;
  private static final int JUMP_EQUAL = 0x15;
  private static final int JUMP_GREATER = 0x25;
  private static final int JUMP_AT_LEAST = 0x35;
  private static final int RETURN = 0x06;
  private static final int X32 = 0x40000000;
  private static final int JUMP_MAX = 255;

  /** An architecture: AUDIT_ARCH_… and the column of our table. */
  enum Architecture {
    X86_64(0xc000003e, 1),
    I386(0x40000003, 2),
    AARCH64(0xc00000b7, 3);

    private final int audit;
    private final int column;

    Architecture(int audit, int column) {
      this.audit = audit;
      this.column = column;
    }

    int audit() {
      return audit;
    }

    /** The numbers of this architecture's calls, by name. */
    Map<String, Integer> numbers() {
      Map<String, Integer> numbers = new LinkedHashMap<>();
      SeccompProfile.resource("syscalls.tsv")
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .filter(fields -> !fields[column].equals("-"))
          .forEach(fields -> numbers.put(fields[0], Integer.valueOf(fields[column])));
      return numbers;
    }
  }

  private record Instruction(int code, int jumpTrue, int jumpFalse, int operand) {}

  private SeccompProgram() {}

  /** The program for a machine: an array of struct sock_filter. */
  static byte[] compile(SeccompProfile profile, List<Architecture> architectures) {
    List<Instruction> program = new ArrayList<>();
    for (Architecture architecture : architectures) {
      List<Instruction> section = section(profile, architecture);
      program.add(new Instruction(LOAD, 0, 0, OFFSET_ARCHITECTURE));
      program.add(new Instruction(JUMP_EQUAL, 1, 0, architecture.audit()));
      program.add(new Instruction(JUMP, 0, 0, section.size()));
      program.addAll(section);
    }
    program.add(returning(errno(ENOSYS)));
    ByteBuffer bytes = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction instruction : program) {
      bytes.putShort((short) instruction.code());
      bytes.put((byte) instruction.jumpTrue());
      bytes.put((byte) instruction.jumpFalse());
      bytes.putInt(instruction.operand());
    }
    return bytes.array();
  }

  private static List<Instruction> section(SeccompProfile profile, Architecture architecture) {
    Map<String, Integer> numbers = architecture.numbers();
    TreeMap<Integer, Boolean> allowed = new TreeMap<>();
    Map<Integer, List<SeccompProfile.Rule>> special = new TreeMap<>();
    for (SeccompProfile.Rule rule : profile.rules()) {
      for (String name : rule.names()) {
        Integer number = numbers.get(name);
        if (number == null) {
          continue;
        }
        if (rule.conditions().isEmpty() && rule.action() instanceof SeccompProfile.Action.Allow) {
          allowed.put(number, true);
        } else {
          special.computeIfAbsent(number, _ -> new ArrayList<>()).add(rule);
        }
      }
    }
    List<Instruction> section = new ArrayList<>();
    section.add(new Instruction(LOAD, 0, 0, OFFSET_NUMBER));
    if (architecture == Architecture.X86_64) {
      section.add(new Instruction(JUMP_AT_LEAST, 0, 1, X32));
      section.add(returning(errno(ENOSYS)));
    }
    int last = numbers.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
    section.add(new Instruction(JUMP_GREATER, 0, 1, last));
    section.add(returning(errno(ENOSYS)));
    special.forEach(
        (number, rules) -> {
          List<Instruction> block = block(rules);
          section.add(new Instruction(JUMP_EQUAL, 0, short8(block.size()), number));
          section.addAll(block);
        });
    ranges(List.copyOf(allowed.keySet()), section);
    section.add(returning(errno(SeccompProfile.EPERM)));
    return section;
  }

  private static void ranges(List<Integer> numbers, List<Instruction> section) {
    int i = 0;
    while (i < numbers.size()) {
      int first = numbers.get(i);
      int last = first;
      while (i + 1 < numbers.size() && numbers.get(i + 1) == last + 1) {
        last++;
        i++;
      }
      i++;
      section.add(new Instruction(JUMP_AT_LEAST, 1, 0, first));
      section.add(returning(errno(SeccompProfile.EPERM)));
      section.add(new Instruction(JUMP_GREATER, 1, 0, last));
      section.add(returning(RETURN_ALLOW));
    }
  }

  /** The rules of one call, each falling through to the next when a condition does not hold. */
  private static List<Instruction> block(List<SeccompProfile.Rule> rules) {
    List<Instruction> block = new ArrayList<>();
    for (SeccompProfile.Rule rule : rules) {
      Assembler assembler = new Assembler();
      for (SeccompProfile.Condition condition : rule.conditions()) {
        assembler.require(condition);
      }
      assembler.add(
          returning(
              switch (rule.action()) {
                case SeccompProfile.Action.Allow() -> RETURN_ALLOW;
                case SeccompProfile.Action.Errno(int number) -> errno(number);
              }));
      block.addAll(assembler.assemble());
    }
    block.add(returning(errno(SeccompProfile.EPERM)));
    return block;
  }

  private static Instruction returning(int value) {
    return new Instruction(RETURN, 0, 0, value);
  }

  private static int errno(int number) {
    return RETURN_ERRNO | number;
  }

  private static int short8(int distance) {
    if (distance > JUMP_MAX) {
      throw new IllegalStateException("A jump must be at most 255 long, was " + distance);
    }
    return distance;
  }

  /** One rule: jumps that lead to its end, where the next rule begins, are filled in last. */
  private static final class Assembler {
    private static final int TO_END = -1;
    private final List<Instruction> code = new ArrayList<>();

    void add(Instruction instruction) {
      code.add(instruction);
    }

    void require(SeccompProfile.Condition condition) {
      int low = OFFSET_ARGUMENTS + 8 * condition.argument();
      int high = low + 4;
      long value = condition.value();
      switch (condition.comparison()) {
        case EQUAL -> {
          equal(high, -1, (int) (value >>> 32));
          equal(low, -1, (int) value);
        }
        case MASKED_EQUAL -> {
          equal(high, (int) (condition.mask() >>> 32), (int) (value >>> 32));
          equal(low, (int) condition.mask(), (int) value);
        }
        case NOT_EQUAL -> {
          // Another upper half decides it: over the two instructions that ask for the lower.
          add(new Instruction(LOAD, 0, 0, high));
          add(new Instruction(JUMP_EQUAL, 0, 2, (int) (value >>> 32)));
          add(new Instruction(LOAD, 0, 0, low));
          add(new Instruction(JUMP_EQUAL, TO_END, 0, (int) value));
        }
      }
    }

    private void equal(int offset, int mask, int value) {
      add(new Instruction(LOAD, 0, 0, offset));
      if (mask != -1) {
        add(new Instruction(AND, 0, 0, mask));
      }
      add(new Instruction(JUMP_EQUAL, 0, TO_END, value));
    }

    List<Instruction> assemble() {
      List<Instruction> assembled = new ArrayList<>();
      for (int i = 0; i < code.size(); i++) {
        Instruction instruction = code.get(i);
        int end = short8(code.size() - i - 1);
        assembled.add(
            new Instruction(
                instruction.code(),
                instruction.jumpTrue() == TO_END ? end : instruction.jumpTrue(),
                instruction.jumpFalse() == TO_END ? end : instruction.jumpFalse(),
                instruction.operand()));
      }
      return assembled;
    }
  }
}
