package dev.millrace.app;

import dev.millrace.base.Secret;
import dev.millrace.engine.program.CommandException;
import dev.millrace.engine.web.AccessList;
import dev.millrace.engine.web.SignOnConfig;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.plugins.github.GitHubSignOn;
import dev.millrace.plugins.github.GitHubSignOnConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how visitors of the pages sign in, for all commands that serve some. */
final class SignOnOptions {
  private static final Set<PosixFilePermission> FOR_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "Where browsers find the pages, such as https://ci.example.org; https, unless it is this machine.")
  private @Nullable URI publicUrl;

  @Option(
      names = "--github-client-id",
      paramLabel = "ID",
      description = "Visitors sign in with GitHub: the client id of the OAuth app.")
  private @Nullable String clientId;

  @Option(
      names = "--github-client-secret-file",
      paramLabel = "FILE",
      description = "The client secret of the OAuth app, in a file that only you can read.")
  private @Nullable Path clientSecretFile;

  @Option(
      names = "--github-url",
      paramLabel = "URL",
      defaultValue = "https://github.com",
      description = "Another GitHub to sign in with (default: ${DEFAULT-VALUE}).")
  private URI gitHub = GitHubSignOnConfig.PUBLIC;

  @Option(
      names = "--admin",
      paramLabel = "github:NUMBER",
      description = "May do everything; by the number of the account (may be repeated).")
  private List<String> admins = List.of();

  @Option(
      names = "--builder",
      paramLabel = "github:NUMBER",
      description = "May see the pages, rebuild and cancel; or signed-in (may be repeated).")
  private List<String> builders = List.of();

  @Option(
      names = "--viewer",
      paramLabel = "github:NUMBER",
      description = "May see the pages; or signed-in, or anyone (may be repeated).")
  private List<String> viewers = List.of();

  @Option(
      names = "--monitor",
      paramLabel = "github:NUMBER",
      description = "May read the metrics; or signed-in, or anyone (may be repeated).")
  private List<String> monitors = List.of();

  /**
   * What the options say; empty if visitors cannot sign in.
   *
   * @throws CommandException if they do not go together, or the secret cannot be read
   */
  Optional<SignOnConfig> config() {
    boolean named =
        Stream.of(admins, builders, viewers, monitors).anyMatch(people -> !people.isEmpty());
    if (clientId == null && clientSecretFile == null && publicUrl == null && !named) {
      return Optional.empty();
    }
    if (clientId == null || clientSecretFile == null || publicUrl == null) {
      throw CommandException.usage(
          "To have visitors sign in, give all of --public-url, --github-client-id and --github-client-secret-file");
    }
    try {
      return Optional.of(
          new SignOnConfig(
              GitHubSignOn.create(
                  GitHubSignOnConfig.of(clientId, secret(clientSecretFile)).withSite(gitHub)),
              AccessList.of(grants()),
              publicUrl));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** Who has which role: administrators have all of them, and who builds looks too. */
  private Map<Role, List<String>> grants() {
    Map<Role, List<String>> grants = new EnumMap<>(Role.class);
    grant(grants, admins, Role.ADMIN, Role.BUILDER, Role.VIEWER, Role.MONITOR);
    grant(grants, builders, Role.BUILDER, Role.VIEWER);
    grant(grants, viewers, Role.VIEWER);
    grant(grants, monitors, Role.MONITOR);
    return grants;
  }

  private static void grant(Map<Role, List<String>> grants, List<String> people, Role... roles) {
    for (String who : people) {
      String id = who.startsWith(GitHubSignOn.NAME) ? GitHubSignOn.requireUserId(who) : who;
      for (Role role : roles) {
        grants.computeIfAbsent(role, _ -> new ArrayList<>()).add(id);
      }
    }
  }

  private static Secret secret(Path file) {
    try {
      Set<PosixFilePermission> permissions =
          Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS);
      if (permissions.stream().anyMatch(FOR_OTHERS::contains)) {
        throw CommandException.usage(
            "The secret in \"%s\" is open to others: chmod 600 \"%s\"".formatted(file, file));
      }
      return Secret.readFrom(file);
    } catch (IOException e) {
      throw CommandException.usage(
          "Cannot read the client secret from \"%s\": %s".formatted(file, e.getMessage()));
    }
  }
}
