package dev.millrace.engine.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.millrace.engine.core.ActionRecord;
import dev.millrace.engine.core.Diagram;
import dev.millrace.engine.core.JobId;
import dev.millrace.engine.core.JobReason;
import dev.millrace.engine.core.LogRule;
import dev.millrace.engine.core.RunPlan;
import dev.millrace.engine.core.StageCounts;
import dev.millrace.engine.core.StageState;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Goal: whatever builds, branches, packages and people are called or print, it is text. Method: 300
 * hostile texts, each in every place that shows text of others, in a browser that says what became
 * of them: what ran, what was asked for elsewhere, what elements and links there are, and which
 * characters reached the page.
 */
@ExtendWith(Chromium.class)
@Timeout(120)
class HostileTextIT {
  private static final List<String> ATTACKS =
      List.of(
          "<script>window.pwned=1</script>",
          "<img src=x onerror=window.pwned=2>",
          "<img src=//evil.example/x>",
          "<svg onload=window.pwned=3><use href=data:x></svg>",
          "<iframe srcdoc='<script>parent.pwned=4</script>'></iframe>",
          "<iframe src=//evil.example/></iframe>",
          "<a href=javascript:window.pwned=5 autofocus onfocus=window.pwned=5>x</a>",
          "<base href=//evil.example/>",
          "<meta http-equiv=refresh content=0;//evil.example/>",
          "<form action=//evil.example/><button formaction=javascript:window.pwned=6>x</button>",
          "<style>@import url(//evil.example/)</style>",
          "<link rel=stylesheet href=//evil.example/>",
          "<object data=//evil.example/></object><embed src=//evil.example/>",
          "<details open ontoggle=window.pwned=7>x</details>",
          "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=window.pwned=8&gt;\">",
          "<template><script>window.pwned=9</script></template>",
          "</title></textarea></script></style></pre></span></div></svg><script>window.pwned=10</script>",
          "--><!--><![CDATA[<script>window.pwned=11</script>]]>",
          "&lt;script&gt;window.pwned=12&lt;/script&gt;&#60;img src=x onerror=window.pwned=12&#62;",
          "${7*7}{{7*7}}#{7*7}<%=7*7%>@{'x'}!{\"x\"}",
          "javascript:window.pwned=13//data:text/html,<script>window.pwned=13</script>",
          "\u202e\u2066\u200f\u061c\u200b\ufeff\u2028\u2029moc.elpmaxe",
          "\u0000\u0001\b\u000b\f\u000e\u007f\u0080\u009b31m\u009d8;;javascript:window.pwned=14\u009c",
          "\ud800 \udc00 \uffff \ufffe",
          "\r\nevent: html\r\ndata: <script>window.pwned=15</script>\r\n\r\n",
          "\nLocation: //evil.example/\nSet-Cookie: session=x",
          "x style=position:fixed onmouseover=window.pwned=16 class=is-failed id=main",
          "<p id=main tabindex=0 data-live=//evil.example/ data-copy=x>",
          "<script src=//evil.example/x.js></script>",
          "%3Cscript%3Ewindow.pwned=17%3C/script%3E");

  private static final List<UnaryOperator<String>> WRAPPINGS =
      List.of(
          text -> text,
          text -> "\"" + text + "\"",
          text -> "\">" + text + "<\"",
          text -> "'>" + text + "<'",
          text -> "\u001b[31;1m" + text + "\u001b[0m",
          text -> "\u001b]8;;https://example.org/\u0007" + text,
          text -> "\u001b]8;;" + text + "\u001b\\click\u001b]8;;\u001b\\",
          text -> "\u001b]8;;javascript:window.pwned=18\u0007" + text + "\u001b]8;;\u0007",
          text -> text.replace("<", "<\u0000").replace(">", "\u001b[2J>") + text,
          text -> "\u001b]0;" + text + "\u0007\u001b[" + text);

  private static final List<String> TEXTS =
      ATTACKS.stream().flatMap(a -> WRAPPINGS.stream().map(wrap -> wrap.apply(a))).toList();

  private static final String LOOK =
      """
      () => {
        const found = [];
        if (window.pwned !== undefined) found.push('ran: ' + window.pwned);
        const ours = new Set(['A','ARTICLE','BUTTON','CODE','DD','DETAILS','DIV','DL','DT','FIELDSET','FOOTER','FORM','H1','H2',
          'HEADER','INPUT','LABEL','LEGEND','LI','MAIN','NAV','OL','OPTION','P','PRE','Q','SECTION','SELECT','SPAN','STRONG','SUMMARY',
          'TABLE','TBODY','TD','TH','THEAD','TIME','TR','UL','svg','a','path','rect','text','title','use','g','circle','defs','marker','symbol']);
        for (const e of document.body.querySelectorAll('*')) {
          if (!ours.has(e.tagName)) found.push('element: ' + e.outerHTML.slice(0, 200));
          for (const a of e.attributes) {
            if (/^on|^style$|^srcdoc$/i.test(a.name)) found.push('attribute: ' + a.name + '=' + a.value);
            if (/^(href|xlink:href|src|action|formaction|data-live)$/i.test(a.name)) {
              const to = new URL(a.value, location.href);
              const link = e.tagName === 'A' && a.name === 'href' && !!e.closest('.log, #excerpt');
              if (!(to.origin === location.origin || (link && /^https?:$/.test(to.protocol)))) found.push('address: ' + a.name + '=' + a.value);
            }
          }
        }
        if (document.querySelectorAll('base, meta[http-equiv], #main ~ #main').length) found.push('head');
        // An editor has what is stored as it is.
        document.querySelectorAll('.fields input').forEach(e => e.removeAttribute('value'));
        const text = document.documentElement.outerHTML + document.title;
        const bad = /[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]|[\\ud800-\\udbff](?![\\udc00-\\udfff])/g;
        for (const c of text.matchAll(bad)) found.push('character: ' + c[0].charCodeAt(0).toString(16) + ' in ' + JSON.stringify(text.slice(Math.max(0, c.index - 40), c.index + 20)));
        return found.slice(0, 10);
      }""";

  private static final List<RunPlan.Fate> FATES = List.copyOf(EnumSet.allOf(RunPlan.Fate.class));
  private static final List<ActionRecord.What> ACTIONS =
      List.copyOf(EnumSet.allOf(ActionRecord.What.class));

  private final ScriptedEngine engine = new ScriptedEngine();
  private final AtomicReference<String> subject = new AtomicReference<>("");
  private final WebInterface web;
  private final String home;

  HostileTextIT() throws IOException, InterruptedException {
    fill();
    web =
        WebInterface.start(
            WebConfig.defaults()
                .withAddress("127.0.0.1", 0)
                .withSubject(() -> Optional.of(subject.get())),
            engine,
            InstantSource.fixed(TestObjects.NOW),
            List.of());
    home = "http://127.0.0.1:" + web.port();
  }

  @BeforeEach
  void isUp() {
    assertThat(TEXTS).hasSizeGreaterThanOrEqualTo(300);
  }

  @AfterEach
  void close() {
    web.close();
  }

  private static JobId job(int number) {
    return TestObjects.job(1_000 + number, "build");
  }

  /** Every text in every place. */
  private void fill() throws InterruptedException {
    List<Diagram.Node> nodes = new ArrayList<>();
    List<Diagram.Group> groups = new ArrayList<>();
    List<RunPlan.Work> works = new ArrayList<>();
    List<ActionRecord> actions = new ArrayList<>();
    List<LogRule> rules = new ArrayList<>();
    String log = String.join("\n", TEXTS);
    for (int i = 0; i < TEXTS.size(); i++) {
      String text = TEXTS.get(i);
      JobReason reason =
          new JobReason(
              JobReason.Kind.REBUILD,
              text,
              List.of(new JobReason.Cause(text, text, text, Optional.of(job(i)))));
      engine.addJob(
          TestObjects.saying(
              TestObjects.summary(job(i), "build", text, StageState.FAILED), text, text),
          ScriptedLog.of(i % 60 == 0 ? log : "\u001b[01;34m/src: (run " + text + ")\n" + text));
      engine.setReason(job(i), reason);
      groups.add(
          new Diagram.Group("g" + i, text, Optional.empty(), false, new StageCounts(Map.of())));
      nodes.add(
          new Diagram.Node(
              i,
              Diagram.Kind.STAGE,
              text,
              StageState.FAILED,
              Optional.of(StageState.RUNNING),
              Optional.of(job(i)),
              Optional.of(text),
              Optional.of("g" + i),
              Optional.of(TestObjects.NOW),
              false));
      works.add(
          new RunPlan.Work(
              text,
              text,
              text,
              FATES.get(i % FATES.size()),
              Optional.empty(),
              Optional.of(reason)));
      actions.add(
          new ActionRecord(
              TestObjects.NOW, text, ACTIONS.get(i % ACTIONS.size()), text, Optional.of(text)));
      String pattern = com.google.re2j.Pattern.quote(text.replace("\0", ""));
      if (LogRule.problems(pattern, text).isEmpty()) {
        rules.add(new LogRule(pattern, text, i));
      }
    }
    engine.logRules().put(rules, "nobody");
    engine.setActions(actions);
    engine.setPlan(new RunPlan(works, TEXTS));
    engine.setDiagram(new Diagram(nodes, List.of(), groups));
    engine.setResult(StageState.FAILED, false);
  }

  private List<String> addresses() {
    List<String> addresses =
        new ArrayList<>(
            List.of("/?view=graph", "/?view=list", "/?view=timeline", "/plan", "/log-rules"));
    Stream.of("", "?page=2", "?page=3", "?page=4").map("/actions"::concat).forEach(addresses::add);
    for (int page = 1; page <= 1 + TEXTS.size() / JobsView.PAGE; page++) {
      addresses.add("/jobs?page=" + page);
    }
    for (int i = 0; i < TEXTS.size(); i += 60) {
      String text = URLEncoder.encode(TEXTS.get(i), StandardCharsets.UTF_8);
      addresses.addAll(
          List.of(
              "/job/" + job(i) + "?find=" + text,
              "/stage/" + i,
              "/?q=" + text + "&unfold=" + text + "&view=" + text + "&page=" + text,
              "/jobs?q=" + text + "&op=" + text + "&sort=" + text + "&state=" + text,
              "/" + text.replace("+", "%20") + "?done=" + text,
              "/log-rules?job=" + text + "&pattern=" + text));
    }
    return addresses;
  }

  @Test
  void isTextWhereverItIsShown(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      List<String> asked = watch(tab);
      tab.expectRefusals();
      int i = 0;
      for (String address : addresses()) {
        subject.set(TEXTS.get(i++ * 7 % TEXTS.size()));
        tab.open(home + address);
        assertThat(tab.evaluate(LOOK)).as("at %s", address).isEqualTo(List.of());
      }
      assertThat(asked).as("what was asked for elsewhere").isEmpty();
    }
  }

  private List<String> watch(Tab tab) {
    List<String> asked = new ArrayList<>();
    tab.page()
        .onRequest(
            request -> {
              if (!request.url().startsWith(home + "/")) {
                asked.add(request.url());
              }
            });
    tab.page().onDialog(dialog -> asked.add("dialog: " + dialog.message()));
    return asked;
  }

  /** What comes to an open page goes another way than what it was opened with. */
  @Test
  void isTextWhenItComesToAnOpenPage(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      List<String> asked = watch(tab);
      for (String address : List.of("/?view=list&q=pwned", "/?view=graph&q=pwned=1", "/stage/0")) {
        tab.open(home + address);
        tab.page().waitForCondition(() -> "Live".equals(tab.find("#live-word").textContent()));
        for (int i = 0; i < TEXTS.size(); i += 11) {
          engine.setState(i, StageState.ERROR, Optional.of("new " + TEXTS.get(i)));
        }
        engine.setState(0, StageState.ERROR, Optional.of("the last <b>pwned=1</b> " + address));
        tab.page().waitForCondition(() -> tab.find("main").innerText().contains("the last <b>"));
        assertThat(tab.evaluate(LOOK)).as("at %s", address).isEqualTo(List.of());
      }
      assertThat(asked).isEmpty();
    }
  }

  /** The picture is a document of its own, with a policy of its own. */
  @Test
  void isTextInThePicture(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      List<String> asked = watch(tab);
      String picture = tab.open(home + "/pipeline.svg?q=pwned").text();
      assertThat(picture).contains("&lt;script");
      assertThat(
              tab.evaluate(
                  """
                  () => [String(window.pwned), ...[...document.querySelectorAll('*')].filter(e => /script|foreignObject|image|iframe|animate|set/i.test(e.tagName)
                    || [...e.attributes].some(a => /^on/i.test(a.name))).map(e => e.outerHTML)]"""))
          .isEqualTo(List.of("undefined"));
      assertThat(asked).isEmpty();
    }
  }

  /** The method itself: a page that had a fault is found out. */
  @Test
  void aFaultWouldBeSeen(Browser browser) {
    try (Tab tab = new Tab(browser)) {
      tab.open(home + "/plan");
      tab.evaluate(
          "() => { const p = document.querySelector('main p');"
              + " p.innerHTML = '<img alt=\"\"><a href=\"javascript:0\">x</a>\\u202e'; }");

      assertThat((List<?>) tab.evaluate(LOOK)).hasSize(3);
    }
  }
}
