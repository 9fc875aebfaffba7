package dev.millrace.services.cikit;

import dev.millrace.opam.OpamFile;
import dev.millrace.opam.OpamParseException;
import dev.millrace.opam.PackageVersion;
import java.util.List;

/** Reads the opam file of a project's package; what is wrong with it is said in words for users. */
final class ProjectOpamFile {
  private static final PackageVersion FORMAT = new PackageVersion("2.0");

  private ProjectOpamFile() {}

  /**
   * Parses it.
   *
   * @throws CiKitException if opam could not read it: with file, line and column
   */
  static OpamFile parse(PackageSource source) {
    OpamFile file;
    try {
      file = OpamFile.parse(source.opam(), source.file());
    } catch (OpamParseException e) {
      throw CiKitException.of("Cannot read opam file: %s".formatted(e.getMessage()), e);
    }
    List<String> version = file.strings("opam-version");
    if (version.stream().anyMatch(v -> PackageVersion.parse(v).compareTo(FORMAT) < 0)) {
      throw new CiKitException(
          "%s: Package %s uses unsupported opam version %s (need >= 2)"
              .formatted(source.file(), source.pkg(), version.getFirst()));
    }
    return file;
  }
}
