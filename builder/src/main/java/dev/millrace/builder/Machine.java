package dev.millrace.builder;

import java.util.List;

/**
 * What the sandboxes must know of the machine's kernel: its name, and the numbers of a few calls
 * that our scripts make themselves.
 *
 * @param name as {@code uname -m} has it
 * @param seccompArchitectures as OCI configurations name them, its own first
 * @param programArchitectures the same for {@link SeccompProgram}
 * @param mountCall number of mount(2)
 * @param prctlCall number of prctl(2)
 * @param setnsCall number of setns(2)
 * @param utimensatCall number of utimensat(2)
 */
record Machine(
    String name,
    List<String> seccompArchitectures,
    List<SeccompProgram.Architecture> programArchitectures,
    int mountCall,
    int prctlCall,
    int setnsCall,
    int utimensatCall) {
  /** As names of images have it. */
  String imageArchitecture() {
    return name.equals("aarch64") ? "arm64" : "amd64";
  }

  static Machine current() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64" ->
          new Machine(
              "x86_64",
              List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86"),
              List.of(SeccompProgram.Architecture.X86_64, SeccompProgram.Architecture.I386),
              165,
              157,
              308,
              280);
      case "aarch64" ->
          new Machine(
              "aarch64",
              List.of("SCMP_ARCH_AARCH64"),
              List.of(SeccompProgram.Architecture.AARCH64),
              40,
              167,
              268,
              88);
      default ->
          throw new BuilderException(
              "Cannot run steps on architecture \"%s\": amd64 and aarch64 are supported"
                  .formatted(name),
              null);
    };
  }
}
