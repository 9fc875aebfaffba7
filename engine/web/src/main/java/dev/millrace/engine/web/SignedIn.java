package dev.millrace.engine.web;

import dev.millrace.engine.core.SignIns.SignIn;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Somebody who is signed in, as it is listed. Immutable.
 *
 * @param sessions in how many browsers
 * @param end when the last of them is over
 */
record SignedIn(String id, String name, int sessions, Instant end) {
  /** Who is signed in, each once. */
  static List<SignedIn> of(List<SignIn> signIns) {
    Map<String, List<SignIn>> byUser = new LinkedHashMap<>();
    signIns.forEach(
        each -> byUser.computeIfAbsent(each.userId(), _ -> new ArrayList<>()).add(each));
    return byUser.values().stream().map(SignedIn::ofOne).toList();
  }

  private static SignedIn ofOne(List<SignIn> theirs) {
    SignIn last = theirs.getLast();
    return new SignedIn(last.userId(), last.userName(), theirs.size(), last.end());
  }

  String shownName() {
    return LabelText.visible(name);
  }

  String shownId() {
    return LabelText.visible(id);
  }
}
