package dev.millrace.engine.program;

import dev.millrace.base.Secret;
import dev.millrace.engine.web.AccessList;
import dev.millrace.engine.web.SignOnConfig;
import dev.millrace.engine.web.WebConfig;
import dev.millrace.engine.web.spi.Role;
import dev.millrace.engine.web.spi.SignOn;
import dev.millrace.engine.web.spi.SignOnKind;
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
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The options that say how visitors of the pages sign in, for picocli's {@code @Mixin}. With which
 * sites they can is up to the plugins on the class path, each a {@link SignOnKind}.
 */
public final class SignOnOptions {
  private static final Set<PosixFilePermission> FOR_OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final List<Choice> choices =
      ServiceLoader.load(SignOnKind.class).stream()
          .map(ServiceLoader.Provider::get)
          .map(Choice::new)
          .toList();

  @Option(
      names = "--public-url",
      paramLabel = "URL",
      description =
          "Where browsers find the pages, such as https://ci.example.org; https, unless it is this machine.")
  private @Nullable URI publicUrl;

  @Option(
      names = "--admin",
      paramLabel = "SITE:NUMBER",
      description =
          "May do everything; by the number of the account, such as github:583231 (may be repeated).")
  private List<String> admins = List.of();

  @Option(
      names = "--builder",
      paramLabel = "SITE:NUMBER",
      description = "May see the pages, rebuild and cancel; or signed-in (may be repeated).")
  private List<String> builders = List.of();

  @Option(
      names = "--viewer",
      paramLabel = "SITE:NUMBER",
      description = "May see the pages; or signed-in, or anyone (may be repeated).")
  private List<String> viewers = List.of();

  @Option(
      names = "--monitor",
      paramLabel = "SITE:NUMBER",
      description = "May read the metrics; or signed-in, or anyone (may be repeated).")
  private List<String> monitors = List.of();

  /** The options of one kind of site. */
  private static final class Choice {
    private final SignOnKind kind;
    private final OptionSpec clientId;
    private final OptionSpec secretFile;
    private final OptionSpec site;

    Choice(SignOnKind kind) {
      this.kind = kind;
      String label = kind.label();
      this.clientId =
          option(kind, "-client-id", "ID", String.class)
              .description(
                  "Visitors sign in with %s: the client id of the OAuth app.".formatted(label))
              .build();
      this.secretFile =
          option(kind, "-client-secret-file", "FILE", Path.class)
              .description("The client secret of the OAuth app, in a file that only you can read.")
              .build();
      this.site =
          option(kind, "-url", "URL", URI.class)
              .defaultValue(kind.site().toString())
              .description(
                  "Another %s to sign in with (default: ${DEFAULT-VALUE}).".formatted(label))
              .build();
    }

    private static OptionSpec.Builder option(
        SignOnKind kind, String suffix, String label, Class<?> type) {
      return OptionSpec.builder("--" + kind.name() + suffix).paramLabel(label).type(type);
    }

    boolean isGiven() {
      return id().isPresent() || secretFile().isPresent();
    }

    private Optional<String> id() {
      return Optional.ofNullable(clientId.getValue());
    }

    private Optional<Path> secretFile() {
      return Optional.ofNullable(secretFile.getValue());
    }

    /** Empty if a part is missing. */
    Optional<SignOn> signOn() {
      return id().isEmpty() || secretFile().isEmpty()
          ? Optional.empty()
          : Optional.of(kind.create(site.getValue(), id().get(), secret(secretFile().get())));
    }

    @Override
    public String toString() {
      return "%s and %s".formatted(clientId.longestName(), secretFile.longestName());
    }
  }

  /** Called by picocli with the command that has these options. */
  @Spec(Spec.Target.MIXEE)
  void offer(CommandSpec command) {
    for (Choice choice : choices) {
      command.addOption(choice.clientId).addOption(choice.secretFile).addOption(choice.site);
    }
  }

  /**
   * A configuration with what was given; where visitors cannot sign in, {@code /login} says how to
   * change that.
   *
   * @throws CommandException if it cannot be meant
   */
  public WebConfig apply(WebConfig config) {
    return config()
        .map(
            signOn ->
                config.withSignOn(signOn).withHostNames(Set.of(signOn.publicAddress().getHost())))
        .orElseGet(
            () ->
                config.withPages(
                    choices.stream().limit(1).map(choice -> choice.kind.howTo()).toList()));
  }

  /**
   * What the options say; empty if visitors cannot sign in.
   *
   * @throws CommandException if they do not go together, or the secret cannot be read
   */
  public Optional<SignOnConfig> config() {
    boolean named =
        Stream.of(admins, builders, viewers, monitors).anyMatch(people -> !people.isEmpty());
    List<Choice> given = choices.stream().filter(Choice::isGiven).toList();
    if (given.isEmpty() && publicUrl == null && !named) {
      return Optional.empty();
    }
    if (given.size() > 1) {
      throw CommandException.usage(
          "Visitors sign in with one site only: give either %s or %s"
              .formatted(given.get(0), given.get(1)));
    }
    try {
      return Optional.of(
          new SignOnConfig(
              given.stream()
                  .flatMap(choice -> choice.signOn().stream())
                  .findFirst()
                  .orElseThrow(this::incomplete),
              AccessList.of(grants()),
              Optional.ofNullable(publicUrl).orElseThrow(this::incomplete)));
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(String.valueOf(e.getMessage()));
    }
  }

  private CommandException incomplete() {
    return CommandException.usage(
        choices.isEmpty()
            ? "Visitors cannot sign in: no plugin on the class path knows a site to do so, such as millrace-plugins-github"
            : "To have visitors sign in, give all of --public-url, "
                + String.join(", or ", choices.stream().map(Choice::toString).toList()));
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

  private void grant(Map<Role, List<String>> grants, List<String> people, Role... roles) {
    for (String who : people) {
      String id = requireKnown(who);
      for (Role role : roles) {
        grants.computeIfAbsent(role, _ -> new ArrayList<>()).add(id);
      }
    }
  }

  private String requireKnown(String who) {
    return choices.stream()
        .map(choice -> choice.kind)
        .filter(kind -> who.startsWith(kind.name()))
        .findFirst()
        .map(kind -> kind.requireUserId(who))
        .orElse(who);
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
