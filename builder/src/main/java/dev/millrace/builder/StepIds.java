package dev.millrace.builder;

import dev.millrace.base.Secret;
import dev.millrace.sexp.Sexp;
import dev.millrace.spec.Account;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a step's id is made of: OBuilder's own preimages, bit for bit, so that its stores and its
 * logs can be compared with ours. Only secrets differ: their values enter as a keyed digest,
 * because an id is public. Immutable.
 */
final class StepIds {
  private final byte[] key;

  /** Ids whose secrets are digested with this key. */
  StepIds(byte[] key) {
    this.key = key.clone();
  }

  /** A secret of a step, and where it is seen. */
  record MountedSecret(Secret value, String target) {}

  /** The id of an imported base. */
  SnapshotId base(String from) {
    return digest(from);
  }

  /** The id of a command's result; secrets in the order of the spec. */
  SnapshotId run(
      SnapshotId base,
      String workdir,
      Account user,
      List<Sandbox.Variable> environment,
      String command,
      List<String> shell,
      List<String> network,
      List<MountedSecret> secrets) {
    List<Sexp> variables =
        environment.stream()
            .map(v -> Sexp.list(Sexp.atom(v.name()), Sexp.atom(v.value())))
            .toList();
    List<Sexp> mounts =
        secrets.reversed().stream()
            .map(s -> Sexp.list(field("value", digest(s.value())), field("target", s.target())))
            .toList();
    return digest(
        Sexp.list(
                field("base", base.hex()),
                field("workdir", workdir),
                field("user", user(user)),
                field("env", Sexp.list(variables)),
                field("cmd", command),
                field("shell", Sexp.atoms(shell)),
                field("network", Sexp.atoms(network)),
                field("mount_secrets", Sexp.list(mounts)))
            .render());
  }

  /** The id of a copy's result. */
  SnapshotId copy(SnapshotId base, Account user, CopyPlan plan) {
    return digest(
        Sexp.list(field("base", base.hex()), field("user", user(user)), field("op", plan.toSexp()))
            .render());
  }

  /** The id under which what a failed step left is kept. */
  static SnapshotId failed(SnapshotId step) {
    return digest(Sexp.list(field("failed", step.hex())).render());
  }

  private static Sexp user(Account account) {
    return switch (account) {
      case Account.Unix(int uid, int gid) ->
          Sexp.list(field("uid", Integer.toString(uid)), field("gid", Integer.toString(gid)));
      case Account.Named(String name) -> Sexp.list(field("name", name));
    };
  }

  private static Sexp field(String name, String value) {
    return field(name, Sexp.atom(value));
  }

  private static Sexp field(String name, Sexp value) {
    return Sexp.list(Sexp.atom(name), value);
  }

  private String digest(Secret secret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return HexFormat.of()
          .formatHex(mac.doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has HmacSHA256", e);
    }
  }

  private static SnapshotId digest(String preimage) {
    MessageDigest sha = sha256();
    return new SnapshotId(
        HexFormat.of().formatHex(sha.digest(preimage.getBytes(StandardCharsets.UTF_8))));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
