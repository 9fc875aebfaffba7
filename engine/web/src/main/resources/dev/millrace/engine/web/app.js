// Improves pages that work without it. No inline code, no eval, no dependency.
(() => {
  "use strict";
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode */ } },
  };

  // Times
  const two = (n) => String(n).padStart(2, "0");
  const duration = (s) => s < 60 ? `${s}s` : s < 3600 ? `${Math.floor(s / 60)}m${two(s % 60)}s`
    : s < 86400 ? `${Math.floor(s / 3600)}h${two(Math.floor(s / 60) % 60)}m` : `${Math.floor(s / 86400)}d${two(Math.floor(s / 3600) % 24)}h`;
  const ago = (s) => s < 10 ? "just now" : s < 60 ? `${s} s ago` : s < 3600 ? `${Math.floor(s / 60)} min ago`
    : s < 86400 ? `${Math.floor(s / 3600)} h ago` : s < 172800 ? "1 day ago" : `${Math.floor(s / 86400)} days ago`;
  const seconds = (iso) => Math.max(0, Math.floor((Date.now() - Date.parse(iso)) / 1000));
  const put = (el, text) => { if (el.textContent !== text) el.textContent = text; };
  const tick = () => {
    if (document.hidden) return;
    all("time[data-ago]").forEach((el) => put(el, ago(seconds(el.dateTime))));
    all("[data-since]").forEach((el) => { if (el.dataset.since) put(el, duration(seconds(el.dataset.since))); });
  };
  setInterval(tick, 1000);

  // Putting fragments in place: only what differs is touched, so that focus and scroll stay.
  const keep = new Set(["open", "data-touched"]);
  const sync = (old, now) => {
    for (const { name } of [...old.attributes]) if (!now.hasAttribute(name) && !keep.has(name)) old.removeAttribute(name);
    for (const { name, value } of [...now.attributes]) if (old.getAttribute(name) !== value && !keep.has(name)) old.setAttribute(name, value);
  };
  const morph = (old, now) => {
    if (old.isEqualNode(now)) return;
    if (old.nodeType !== now.nodeType || old.nodeName !== now.nodeName || (old.id || "") !== (now.id || "")) { old.replaceWith(now); return; }
    if (old.nodeType !== 1) { old.nodeValue = now.nodeValue; return; }
    sync(old, now);
    const next = [...now.childNodes];
    const byId = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
    next.forEach((child, i) => {
      const here = old.childNodes[i];
      const known = child.id && byId.get(child.id);
      if (known && known !== here) { old.insertBefore(known, here || null); morph(known, child); }
      else if (here) morph(here, child);
      else old.appendChild(child);
    });
    while (old.childNodes.length > next.length) old.lastChild.remove();
  };
  const parse = (text, svg) => {
    const holder = document.createElement("template");
    const table = !svg && /^\s*<tr/.test(text);
    holder.innerHTML = svg ? `<svg>${text}</svg>` : table ? `<table><tbody>${text}</tbody></table>` : text;
    return svg ? holder.content.firstElementChild.firstElementChild : table ? holder.content.querySelector("tr") : holder.content.firstElementChild;
  };
  const patch = (text, svg) => {
    const now = parse(text, svg);
    const old = now && $(now.id);
    if (!old) return;
    // What has the focus stays where it is in the window, whatever grows above it.
    const at = document.activeElement, top = at.closest("main") && at.getBoundingClientRect().top;
    settle(old, now);
    const moved = scrollY > 0 && top >= 0 && top < innerHeight && at.isConnected ? at.getBoundingClientRect().top - top : 0;
    if (moved) scrollBy(0, moved);
  };
  const settle = (old, now) => {
    if (now.id === "diagram") { const s = scale; now.setAttribute("width", old.getAttribute("width")); now.setAttribute("height", old.getAttribute("height")); morph(old, now); zoomTo(s); return; }
    morph(old, now);
  };

  // Events
  let stream = document.body.dataset.live;
  let source = null, paused = false, lastSaid = 0, said = "", waiting = 0, position = "";
  const word = (text, state) => { if ($("live")) { put($("live-word"), text); $("live").dataset.live = state; } };
  // The state alone: the time beside it changes all the time.
  const state = () => [...(document.querySelector("main .head .chip") || document.createElement("i")).childNodes].filter((n) => n.nodeType === 3).map((n) => n.nodeValue).join("").trim();
  // One message in five seconds; what came in between is told when these are over.
  const announce = () => {
    const text = state();
    if (text === said || waiting) return;
    const wait = lastSaid + 5000 - Date.now();
    if (wait > 0) { waiting = setTimeout(() => { waiting = 0; announce(); }, wait); return; }
    said = text; lastSaid = Date.now();
    put($("announce"), text);
  };
  const updated = () => { const at = $("updated"); if (at) { at.dateTime = new Date().toISOString(); at.title = at.dateTime; put(at, ago(0)); } };
  const heard = (handler) => (event) => { if (event.lastEventId) position = event.lastEventId; handler(event.data); word("Live", "on"); updated(); announce(); };
  const open = () => {
    if (!stream || source || paused) return;
    const url = new URL(stream, location.href);
    if (position) { url.searchParams.set("since", position); if (url.searchParams.has("line")) url.searchParams.set("line", position); }
    source = new EventSource(url);
    source.onopen = () => word("Live", "on");
    source.onerror = () => { word("⟳ Reconnecting", "broken"); if (source && source.readyState === 2) { shut(); setTimeout(open, 5000); } };
    source.addEventListener("html", heard((text) => patch(text, false)));
    source.addEventListener("svg", heard((text) => patch(text, true)));
    source.addEventListener("meta", heard((text) => {
      const [, icon, picture, title] = /^(\S+) (\S+) (.*)$/s.exec(text);
      for (const [id, href] of [["favicon-png", picture], ["favicon", icon]]) if ($(id).getAttribute("href") !== href) $(id).setAttribute("href", href);
      if (document.title !== title) document.title = title;
    }));
    source.addEventListener("log", heard(append));
    source.addEventListener("end", () => { shut(); word("Finished", "off"); paused = true; if ($("pause")) $("pause").hidden = true; });
  };
  const shut = () => { if (source) source.close(); source = null; };
  document.addEventListener("visibilitychange", () => { if (document.hidden) shut(); else open(); });
  addEventListener("pagehide", shut);
  if ($("pause")) $("pause").addEventListener("click", () => {
    paused = !paused;
    put($("pause"), paused ? "Resume updates" : "Pause updates");
    if (paused) { shut(); word("Paused", "off"); } else open();
  });

  // Copy buttons, confirmation, forms that apply as one types
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const words = button.dataset.words || (button.dataset.words = button.textContent);
    const done = (text) => { put(button, text); setTimeout(() => put(button, words), 2000); };
    navigator.clipboard.writeText($(button.dataset.copy).textContent).then(() => done("Copied"), () => done("Cannot copy"));
  });
  const dialog = (title) => {
    const box = document.createElement("dialog");
    const head = document.createElement("h2");
    head.textContent = title;
    head.id = "dialog-h";
    box.setAttribute("aria-labelledby", "dialog-h");
    box.append(head);
    document.body.append(box);
    box.addEventListener("close", () => box.remove());
    return box;
  };
  const button = (text, style, click) => {
    const b = document.createElement("button");
    b.className = style; b.textContent = text; b.addEventListener("click", click);
    return b;
  };
  document.addEventListener("submit", (event) => {
    const form = event.target, by = event.submitter;
    const question = (by && by.dataset.confirm) || form.dataset.confirm;
    if (!question || form.dataset.sure) return;
    event.preventDefault();
    const box = dialog(question);
    const row = document.createElement("div");
    row.className = "acts";
    const verb = (by || form.querySelector("button")).textContent;
    row.append(button(verb, "btn danger", () => { form.dataset.sure = "1"; form.requestSubmit(by); }), button("Keep it", "btn", () => box.close()));
    box.append(row);
    box.showModal();
  });
  all("form[data-auto]").forEach((form) => {
    let timer = 0, asked = 0;
    const apply = async () => {
      const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
      const address = form.getAttribute("action") + (query && `?${query}`);
      const mine = ++asked;
      const answer = await fetch(address);
      const text = answer.ok ? await answer.text() : "";
      if (!text || mine !== asked) return;
      const now = new DOMParser().parseFromString(text, "text/html");
      history.replaceState(null, "", address);
      morph($("main"), now.getElementById("main"));
      stream = now.body.dataset.live;
      position = "";
      shut();
      open();
    };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 300); });
  });

  // Selection
  const count = () => {
    const boxes = all("[name=job]"), n = boxes.filter((b) => b.checked).length;
    if ($("picked")) put($("picked"), n ? `${n} selected` : "None selected");
    if ($("pick-all")) { $("pick-all").checked = n > 0 && n === boxes.length; $("pick-all").indeterminate = n > 0 && n < boxes.length; }
  };
  document.addEventListener("change", (event) => {
    if (event.target.id === "pick-all") all("[name=job]").forEach((b) => { b.checked = event.target.checked; });
    if (event.target.matches("#pick-all, [name=job]")) count();
  });

  // Diagram
  let scale = 1;
  const canvas = $("canvas");
  const zoomTo = (s) => {
    const svg = $("diagram");
    if (!svg) return;
    scale = Math.min(3, Math.max(0.08, s));
    svg.setAttribute("width", Math.round(svg.dataset.w * scale));
    svg.setAttribute("height", Math.round(svg.dataset.h * scale));
  };
  const zoomBy = (f) => {
    const x = (canvas.scrollLeft + canvas.clientWidth / 2) / scale, y = (canvas.scrollTop + canvas.clientHeight / 2) / scale;
    zoomTo(scale * f);
    canvas.scrollTo(x * scale - canvas.clientWidth / 2, y * scale - canvas.clientHeight / 2);
  };
  const fit = () => {
    const svg = $("diagram");
    const room = document.fullscreenElement === canvas ? canvas.clientHeight : innerHeight * 0.72;
    zoomTo(Math.min(1, (canvas.clientWidth - 4) / svg.dataset.w, room / svg.dataset.h));
  };
  const zooms = {
    in: () => zoomBy(1.25), out: () => zoomBy(0.8), one: () => zoomTo(1), fit,
    full: () => document.fullscreenElement ? document.exitFullscreen() : canvas.requestFullscreen(),
  };
  if (canvas) {
    all("[data-zoom]").forEach((b) => b.addEventListener("click", () => zooms[b.dataset.zoom]()));
    const svg = $("diagram");
    // A little too wide shrinks to fit; a big diagram stays readable and scrolls.
    if (svg && svg.dataset.w > canvas.clientWidth && svg.dataset.w * 0.7 < canvas.clientWidth) fit();
    canvas.addEventListener("wheel", (e) => { if (e.ctrlKey) { e.preventDefault(); zoomBy(e.deltaY < 0 ? 1.1 : 0.9); } }, { passive: false });
    const tip = document.createElement("div");
    tip.className = "tipbox"; tip.hidden = true; tip.setAttribute("aria-hidden", "true");
    document.body.append(tip);
    canvas.addEventListener("focusin", (e) => {
      const node = e.target.closest(".node");
      if (!node || !node.matches(":focus-visible")) return;
      node.scrollIntoView({ block: "nearest", inline: "nearest" });
      const title = node.querySelector("title");
      if (!title) return;
      tip.textContent = title.textContent;
      const box = node.getBoundingClientRect();
      tip.hidden = false;
      tip.style.left = `${Math.max(4, Math.min(box.left, innerWidth - 460))}px`;
      tip.style.top = `${box.bottom + 6}px`;
    });
    canvas.addEventListener("focusout", () => { tip.hidden = true; });
    canvas.addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });
  }
  const neighbour = (from, dx, dy) => {
    const a = from.getBoundingClientRect();
    let best = null, least = Infinity;
    for (const node of all("#diagram .node:not(.group)")) {
      if (node === from) continue;
      const b = node.getBoundingClientRect();
      const x = b.left + b.width / 2 - a.left - a.width / 2, y = b.top + b.height / 2 - a.top - a.height / 2;
      const along = x * dx + y * dy, across = Math.abs(x * dy) + Math.abs(y * dx);
      if (along > 4 && along + across * 3 < least) { least = along + across * 3; best = node; }
    }
    return best;
  };

  // Log
  const log = $("log");
  let hits = [], hit = -1, fresh = 0;
  const job = log && log.dataset.job;
  const atEnd = () => innerHeight + scrollY >= document.body.scrollHeight - 120;
  const reveal = (el) => { for (let d = el.closest("details"); d; d = d.parentElement.closest("details")) d.open = true; };
  const ensure = async (n) => {
    if ($(`L${n}`)) return true;
    const gap = all(".gap").find((g) => n >= +g.dataset.first && n <= +g.dataset.last);
    if (!gap) return false;
    const first = Math.max(+gap.dataset.first, Math.floor((n - 1) / 500) * 500 + 1 - 500);
    await fill(gap, first, Math.min(+gap.dataset.last, first + 1999));
    return !!$(`L${n}`);
  };
  const gapHtml = (gap, first, last) => {
    if (first > last) return null;
    const copy = gap.cloneNode(true);
    copy.id = `gap${first}`; copy.dataset.first = first; copy.dataset.last = last;
    const n = (x) => x.toLocaleString("en-US");
    copy.querySelector("span").textContent = `${n(last - first + 1)} lines not shown (${n(first)}–${n(last)}).`;
    const a = copy.querySelector("a");
    const end = Math.min(last, first + 9999);
    a.href = `?lines=${first}-${end}#L${first}`;
    a.textContent = `Show lines ${n(first)}–${n(end)}`;
    return copy;
  };
  const fill = async (gap, first, last) => {
    const answer = await fetch(`${job}/lines?lines=${first}-${last}`);
    if (!answer.ok) return;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    const parts = [gapHtml(gap, +gap.dataset.first, first - 1), holder.content, gapHtml(gap, last + 1, +gap.dataset.last)];
    gap.replaceWith(...parts.filter(Boolean));
  };
  const clearPicked = () => all(".picked", log).forEach((el) => el.classList.remove("picked"));
  const pick = async (jump) => {
    const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(location.hash);
    if (!log || !match) return;
    clearPicked();
    const first = +match[1], last = Math.min(+(match[2] || first), first + 2000);
    if (!(await ensure(first))) return;
    for (let n = first; n <= last; n++) { const a = $(`L${n}`); const line = a && a.closest(".l"); if (line) line.classList.add("picked"); }
    const target = $(`L${first}`);
    reveal(target);
    if (jump) target.scrollIntoView({ block: "center" });
  };
  const append = (html) => {
    const follow = atEnd();
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const part of [...holder.content.children]) {
      if (part.dataset.group) { if (!$(part.dataset.group)) log.append(...part.childNodes); continue; }
      let block = $(part.dataset.block);
      if (!block) {
        block = document.createElement("pre");
        block.id = part.dataset.block;
        block.className = "short";
        ($(part.dataset.in) || log).append(block);
      }
      const news = [...part.childNodes].filter((line) => !$(line.firstElementChild.id));
      fresh += news.length;
      block.append(...news);
    }
    if (follow) { fresh = 0; scrollTo(0, document.body.scrollHeight); }
    showFresh();
  };
  const showFresh = () => { const b = $("follow"); if (b) { b.hidden = !fresh; if (fresh) put(b, fresh === 1 ? "1 new line" : `${fresh} new lines`); } };
  const mark = (n) => { all(".hit", log).forEach((el) => el.classList.remove("hit")); const a = $(`L${n}`); if (a && a.closest(".l")) a.closest(".l").classList.add("hit"); };
  const go = async (step) => {
    if (!hits.length) return;
    hit = (hit + step + hits.length) % hits.length;
    put($("hits"), `${hit + 1}/${hits.length}`);
    if (await ensure(hits[hit])) { const el = $(`L${hits[hit]}`); reveal(el); mark(hits[hit]); el.scrollIntoView({ block: "center" }); }
  };
  if (log) {
    const toggle = (id, apply, initial) => {
      const b = $(id);
      const set = (on) => { b.setAttribute("aria-pressed", on); b.classList.toggle("on", on); apply(on); store.set(id, on ? "1" : "0"); };
      const saved = store.get(id);
      set(saved === null ? initial : saved === "1");
      b.addEventListener("click", () => set(b.getAttribute("aria-pressed") !== "true"));
    };
    toggle("wrap", (on) => log.classList.toggle("wrap", on), false);
    toggle("stamps", (on) => log.classList.toggle("nostamp", !on), true);
    if ($("open-all")) $("open-all").addEventListener("click", () => {
      const groups = all("details", log), close = groups.every((g) => g.open);
      groups.forEach((g) => { g.open = !close; });
      put($("open-all"), close ? "Open all" : "Close all");
    });
    log.addEventListener("click", (e) => {
      const more = e.target.closest("[data-fetch]");
      if (more) {
        e.preventDefault();
        const gap = more.closest(".gap");
        fill(gap, +gap.dataset.first, Math.min(+gap.dataset.last, +gap.dataset.first + 9999));
        return;
      }
      const number = e.target.closest("a[data-n]");
      if (!number) return;
      e.preventDefault();
      const n = +number.dataset.n, old = /^#L(\d+)/.exec(location.hash);
      history.replaceState(null, "", e.shiftKey && old ? `#L${Math.min(n, old[1])}-L${Math.max(n, old[1])}` : `#L${n}`);
      pick(false);
    });
    document.querySelector(".log-search").addEventListener("submit", async (e) => {
      e.preventDefault();
      const q = $("lq").value.trim();
      hits = []; hit = -1;
      if (q) {
        put($("hits"), "…");
        const answer = await fetch(`${job}/search?q=${encodeURIComponent(q)}`);
        hits = answer.ok ? (await answer.json()).lines : [];
      }
      for (const id of ["hit-prev", "hit-next"]) $(id).hidden = !hits.length;
      put($("hits"), q ? (hits.length ? `1/${hits.length}` : "None found") : "");
      go(1);
    });
    $("hit-next").addEventListener("click", () => go(1));
    $("hit-prev").addEventListener("click", () => go(-1));
    $("follow").addEventListener("click", () => { fresh = 0; showFresh(); scrollTo(0, document.body.scrollHeight); });
    addEventListener("scroll", () => { if (fresh && atEnd()) { fresh = 0; showFresh(); } }, { passive: true });
    addEventListener("hashchange", () => pick(true));
    pick(true);
  }

  // Keys
  const KEYS = [["?", "This list"], ["/", "Search"], ["g h", "Home"], ["g j", "Jobs"], ["j  k", "Next, previous"], ["Enter", "Open"], ["u", "Up"],
    ["e", "First error of a job"], ["n  N", "Next, previous hit"], ["w", "Wrap lines"], ["t", "Show times"], ["b  G", "Top, end"],
    ["← ↑ ↓ →", "Move in the diagram"], ["+ − 0", "Zoom in, out, full size"], ["f", "Fit the diagram"]];
  const help = () => {
    if (document.querySelector("dialog[open]")) return;
    const box = dialog("Keyboard shortcuts");
    const list = document.createElement("dl");
    list.className = "keys";
    for (const [key, what] of KEYS) {
      const dt = document.createElement("dt"), dd = document.createElement("dd"), kbd = document.createElement("kbd");
      kbd.textContent = key; dt.append(kbd); dd.textContent = what; list.append(dt, dd);
    }
    const off = store.get("keys") === "off";
    const row = document.createElement("div");
    row.className = "acts";
    row.append(button("Close", "btn primary", () => box.close()),
      button(off ? "Switch shortcuts on" : "Switch shortcuts off", "btn", () => { store.set("keys", off ? "on" : "off"); box.close(); }));
    box.append(list, row);
    box.showModal();
  };
  if ($("keys-help")) $("keys-help").addEventListener("click", help);
  let row = -1, lead = 0;
  const step = (by) => {
    const rows = all("[data-row]").filter((r) => r.offsetParent);
    if (!rows.length) return;
    if (rows[row]) rows[row].classList.remove("sel");
    row = Math.min(rows.length - 1, Math.max(0, row + by));
    rows[row].classList.add("sel");
    const link = rows[row].querySelector("a");
    if (link) link.focus({ preventScroll: true });
    rows[row].scrollIntoView({ block: "nearest" });
  };
  const press = (id) => { const b = $(id); if (b && !b.hidden) b.click(); };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  document.addEventListener("keydown", (e) => {
    const t = e.target;
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
    if (t.matches && t.matches("input, select, textarea, [contenteditable]")) { if (e.key === "Escape") t.blur(); return; }
    if (store.get("keys") === "off" || document.querySelector("dialog[open]")) return;
    const node = t.closest && t.closest("#diagram .node");
    if (node && ARROWS[e.key]) { const next = neighbour(node, ...ARROWS[e.key]); if (next) next.focus(); e.preventDefault(); return; }
    const led = Date.now() - lead < 1500;
    lead = 0;
    const goTo = (address) => { location.href = address; };
    const keys = {
      "?": help, "/": () => { const s = log ? $("lq") : $("pq") || $("q"); s.focus(); s.select(); }, g: () => { lead = Date.now(); },
      u: () => goTo(all(".crumbs a").pop().href), e: () => press("first-error"), n: () => go(1), N: () => go(-1),
      w: () => press("wrap"), t: () => press("stamps"), b: () => scrollTo(0, 0), G: () => scrollTo(0, document.body.scrollHeight),
      j: () => step(1), k: () => step(-1), "+": () => canvas && zoomBy(1.25), "-": () => canvas && zoomBy(0.8), 0: () => canvas && zoomTo(1), f: () => canvas && fit(),
    };
    if (led && e.key === "h") { goTo("/"); e.preventDefault(); return; }
    if (led && e.key === "j") { goTo("/jobs"); e.preventDefault(); return; }
    const act = keys[e.key];
    if (act) { act(); e.preventDefault(); }
  });

  said = state();
  updated();
  tick();
  open();
})();
