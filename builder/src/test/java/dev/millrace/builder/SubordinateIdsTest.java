package dev.millrace.builder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SubordinateIdsTest {
  @TempDir private Path etc;

  private SubordinateIds read(String users, String groups) throws IOException {
    Files.writeString(etc.resolve("subuid"), users);
    Files.writeString(etc.resolve("subgid"), groups);
    return SubordinateIds.read(etc, "ada", 1001);
  }

  @Test
  void areGrantedByNameAndByNumber() throws Exception {
    assertThat(read("ada:100000:65536\n", "ada:100000:65536\n").granted()).isTrue();
    assertThat(read("1001:100000:65536\n", "1001:100000:65536\n").granted()).isTrue();
  }

  @Test
  void needBothUsersAndGroupsAndEnoughInTheFirstRange() throws Exception {
    assertThat(read("ada:100000:65536\n", "").granted()).isFalse();
    assertThat(read("ada:1:9\nada:100000:65536\n", "ada:100000:65536\n").granted()).isFalse();
    assertThat(read("adam:100000:65536\n", "adam:100000:65536\n").granted()).isFalse();
    assertThat(SubordinateIds.read(etc.resolve("missing"), "ada", 1001).granted()).isFalse();
  }

  @Test
  void theRemedyTakesNobodysRange() throws Exception {
    assertThat(read("", "").remedy())
        .isEqualTo("usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ada");
    assertThat(read("bob:100000:65536\n# no line\n", "eve:200000:10\n").remedy())
        .isEqualTo("usermod --add-subuids 200010-265545 --add-subgids 200010-265545 ada");
  }
}
