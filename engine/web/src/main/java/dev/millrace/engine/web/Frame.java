package dev.millrace.engine.web;

import dev.millrace.engine.core.StageState;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the layout needs around every page.
 *
 * @param title the page's name
 * @param subject what the site is about at this moment
 * @param heading whether the layout writes the title as the heading, or the page does
 * @param state sets the title's glyph and the icon
 * @param section the address of the section that is open
 * @param crumbs label and address of the pages above
 * @param wide whether the page uses the full width
 * @param live the address of the page's event stream
 * @param running whether something on the page is about to change (without script: "Refresh")
 * @param flash a message on what was just done
 * @param theme {@code light} or {@code dark} if the user chose one
 * @param address this page's own address
 * @param token for forms
 * @param user the name of who has signed in
 * @param signIn the label and address of the sign-on, for who has not
 */
record Frame(
    Site site,
    String title,
    Optional<String> subject,
    boolean heading,
    Optional<StageState> state,
    String section,
    List<Map.Entry<String, String>> crumbs,
    boolean wide,
    Optional<String> live,
    boolean running,
    Optional<String> flash,
    Optional<String> theme,
    String address,
    String token,
    Optional<String> user,
    Optional<Map.Entry<String, String>> signIn) {

  private static final int SUBJECT_IN_TITLE_MAX = 60;

  /** What is the same on all pages. */
  record Site(
      String name, String version, List<Map.Entry<String, String>> sections, Assets assets) {}

  String pageTitle() {
    return pageTitle(state, title, subject, site.name());
  }

  /** What stands on the browser's tab: the most telling first, as little of it may be seen. */
  static String pageTitle(
      Optional<StageState> state, String title, Optional<String> subject, String site) {
    return state.map(each -> StateLook.of(each).glyph() + " ").orElse("")
        + title
        + subject.map(text -> " · " + LabelText.clip(text, SUBJECT_IN_TITLE_MAX)).orElse("")
        + " · "
        + site;
  }

  String icon() {
    return site.assets().icon(state.orElse(StageState.PASSED));
  }

  String picture() {
    return site.assets().picture(state.orElse(StageState.PASSED));
  }

  String nextTheme() {
    return switch (theme.orElse("")) {
      case "light" -> "dark";
      case "dark" -> "system";
      default -> "light";
    };
  }

  String themeWord() {
    return theme.map(each -> each.equals("dark") ? "Dark" : "Light").orElse("System");
  }
}
