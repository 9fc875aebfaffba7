package dev.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.program.SignOnOptions;
import dev.millrace.engine.web.SignOnConfig;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.User;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Goal: the options of the sign-on mean what they say, with the plugins that come with Millrace.
 */
class SignOnOptionsTest {
  @TempDir private Path directory;
  private Path secret;

  @Command
  private static final class Holder {
    @Mixin private SignOnOptions signOn;
  }

  @BeforeEach
  void writeSecret() throws IOException {
    secret = Files.writeString(directory.resolve("secret"), "s3cret\n");
    permit("rw-------");
  }

  private void permit(String permissions) throws IOException {
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString(permissions));
  }

  private static Optional<SignOnConfig> parse(String... arguments) {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(arguments);
    return holder.signOn.config();
  }

  private Optional<SignOnConfig> parseWhole(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--public-url=https://ci.example.org",
                "--github-client-id=Iv1.7",
                "--github-client-secret-file=" + secret));
    arguments.addAll(Arrays.asList(more));
    return parse(arguments.toArray(String[]::new));
  }

  private static String roles(SignOnConfig config, Optional<User> user) {
    return String.join(
        " ",
        Arrays.stream(Role.values())
            .filter(role -> config.access().has(user, role))
            .map(Role::toString)
            .toList());
  }

  @Test
  void withoutOptionsNobodySignsIn() {
    assertThat(parse()).isEmpty();
  }

  @Test
  void eachPersonHasTheRolesOfTheirOption() {
    SignOnConfig config =
        parseWhole(
                "--admin=github:1",
                "--builder=github:2",
                "--builder=github:3",
                "--viewer=signed-in",
                "--monitor=anyone",
                "--github-url=https://ghe.example.org")
            .orElseThrow();

    assertThat(roles(config, Optional.of(new User("github:1", "a"))))
        .isEqualTo("viewer builder monitor admin");
    assertThat(roles(config, Optional.of(new User("github:3", "b"))))
        .isEqualTo("viewer builder monitor");
    assertThat(roles(config, Optional.of(new User("github:4", "c")))).isEqualTo("viewer monitor");
    assertThat(roles(config, Optional.empty())).isEqualTo("monitor");
    assertThat(config.provider().begin("s", URI.create("https://ci.example.org/login/github")))
        .hasToString(
            config
                .provider()
                .begin("s", URI.create("https://ci.example.org/login/github"))
                .toString())
        .hasHost("ghe.example.org");
  }

  @Test
  void whoeverIsNotNamedHasNoRole() {
    SignOnConfig config = parseWhole("--admin=github:1").orElseThrow();

    assertThat(roles(config, Optional.of(new User("github:4", "c")))).isEmpty();
    assertThat(roles(config, Optional.empty())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--admin=github:octocat, https://api.github.com/users/NAME",
    "--admin=anyone, cannot be given to \"anyone\"",
    "--builder=anyone, cannot be given to \"anyone\"",
    "--github-url=http://github.com, Cannot sign in at",
    "--github-client-secret-file=/nowhere/secret, Cannot read the client secret",
    "--github-client-id=a b, Cannot use \"a b\"",
    "--public-url=http://ci.example.org, https://ci.example.org"
  })
  void whatCannotBeMeantIsSaid(String argument, String message) {
    String name = argument.substring(0, argument.indexOf('='));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--public-url=https://ci.example.org",
                "--github-client-id=Iv1.7",
                "--github-client-secret-file=" + secret));
    arguments.removeIf(other -> other.startsWith(name + "="));
    arguments.add(argument);

    assertThatThrownBy(() -> parse(arguments.toArray(String[]::new)))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"--public-url=https://x.example", "--github-client-id=i", "--admin=github:mia"})
  void aPartOfASignOnIsNone(String argument) {
    assertThatThrownBy(() -> parse(argument))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("give all of --public-url, --github-client-id");
  }

  @ParameterizedTest
  @CsvSource({"rw-r-----", "rw----r--", "rw--w----"})
  void aSecretThatIsOpenToOthersIsRefused(String permissions) throws IOException {
    permit(permissions);

    assertThatThrownBy(this::parseWhole)
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("chmod 600 \"" + secret + "\"");
  }
}
