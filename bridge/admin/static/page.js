// Small conveniences. Everything works without this file; nothing here decides anything.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("has-script");
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

  // --- the look changes at once; the cookie lets the server send the next page in it, so nothing flashes
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-looks] button[name=theme]");
    if (!button) return;
    event.preventDefault();
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${button.value}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    root.dataset.theme = button.value;
    all("[data-looks] button[name=theme]").forEach((other) => other.setAttribute("aria-pressed", String(other.value === button.value)));
  });

  // --- a live region speaks only about what changes in it, so what the page was sent with is put in once more
  const speak = () => {
    const flashes = document.querySelector("[data-flashes]");
    if (!flashes || !flashes.children.length) return;
    const said = Array.from(flashes.children);
    flashes.replaceChildren();
    window.setTimeout(() => flashes.replaceChildren(...said), 120);
  };
  speak();

  // --- filters apply when changed
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form && event.target.matches("select")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("form[data-submit-on-change]")) {
      all("input, select", form).forEach((field) => { if (!field.value) field.disabled = true; });
    }
    const once = form.querySelector("[data-once]");
    if (once) window.setTimeout(() => { once.disabled = true; }, 0);
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => all("[data-once], form[data-submit-on-change] [disabled]").forEach((field) => { field.disabled = false; }));

  // --- copying a text; where the browser does not allow it, it is selected for Ctrl+C
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    const label = button.querySelector("span");
    try {
      await navigator.clipboard.writeText(field.value);
      const before = label.textContent;
      label.textContent = button.dataset.copied;
      window.setTimeout(() => { label.textContent = before; }, 2000);
    } catch {
      field.focus();
      field.select();
    }
  });

  // --- choosing several
  const chosen = () => all("input[name=job], input[name=draft]");
  const count = () => {
    const number = chosen().filter((box) => box.checked).length;
    all("[data-needs-choice]").forEach((button) => { button.disabled = number === 0; });
    all("[data-choice-count]").forEach((place) => { place.textContent = number ? `(${number})` : ""; });
    all("[data-choose-all]").forEach((box) => { box.checked = number > 0 && number === chosen().length; box.indeterminate = number > 0 && number < chosen().length; });
  };
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
    if (box.matches("[data-choose-all]")) chosen().forEach((other) => { other.checked = box.checked; });
    else if (event.shiftKey && last && chosen().includes(last)) {
      const boxes = chosen();
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
    count();
  });
  count();

  // --- polling: quiet while nobody looks, and it takes nothing out of a person's hands
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.boosted) return;  // what a person asked for
    const busy = document.activeElement && event.target.contains(document.activeElement) && document.activeElement !== document.body;
    const open = event.target.querySelector("details.confirm[open]");
    const typing = busy && document.activeElement.matches("input:not([type=checkbox]), textarea, select");
    if (document.hidden || open || typing) event.preventDefault();
  });
  const kept = { boxes: new Set(), focus: "", open: new Set(), views: new Set() };
  document.addEventListener("htmx:beforeSwap", (event) => {
    const place = event.detail.target;
    kept.boxes = new Set(all("input[type=checkbox]:checked", place).map((box) => box.value));
    kept.views = new Set(all(".views-choice:checked", place).map((box) => box.id));
    kept.open = new Set(all("details[open] > summary", place).map((summary) => summary.textContent));
    const active = document.activeElement;
    kept.focus = active && place.contains(active) ? active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") ? `a[href="${CSS.escape(active.getAttribute("href"))}"]` : active.value ? `input[value="${CSS.escape(active.value)}"]` : "" : "";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.boosted) { speak(); window.scrollTo(0, 0); }
    all("input[name=job]").forEach((box) => { if (kept.boxes.has(box.value)) box.checked = true; });
    all(".views-choice").forEach((box) => { if (kept.views.has(box.id)) box.checked = true; });
    all("details:not(.confirm):not(.menu) > summary").forEach((summary) => { if (kept.open.has(summary.textContent)) summary.parentElement.open = true; });
    if (kept.focus) { const back = document.querySelector(kept.focus); if (back) back.focus({ preventScroll: true }); }
    times();
    count();
  });

  // --- marks in texts: the bubble goes with Escape, and the facts light up
  const light = (mark, on) => {
    const source = document.getElementById((mark.dataset.fact || "").replace(/-mark$/, ""));
    const keys = source ? all("[data-fact-key]", source).map((fact) => fact.dataset.factKey) : [];
    all(".facts [data-fact-key]").forEach((row) => row.classList.toggle("is-lit", on && keys.includes(row.dataset.factKey)));
  };
  for (const [name, on] of [["focusin", true], ["mouseover", true], ["focusout", false], ["mouseout", false]]) {
    document.addEventListener(name, (event) => {
      const mark = event.target.closest && event.target.closest(".mark");
      if (!mark) return;
      light(mark, on);
      if (!on) mark.classList.remove("is-hushed");
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    all(".mark:hover, .mark:focus").forEach((mark) => mark.classList.add("is-hushed"));
    all("details.confirm[open], details.menu[open]").forEach((open) => { open.open = false; open.querySelector("summary").focus(); });
  });
  document.addEventListener("click", (event) => {
    all("details.confirm[open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; });
  });

  // --- times on hover in the reader's own time zone
  const times = () => all("time[datetime]").forEach((time) => {
    time.title = new Date(time.dateTime).toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "medium" });
  });
  times();

  // --- what was typed is not lost by accident
  const first = new Map();
  all("form[data-warn-unsaved]").forEach((form) => first.set(form, new URLSearchParams(new FormData(form)).toString()));
  window.addEventListener("beforeunload", (event) => {
    for (const [form, before] of first) {
      if (form.dataset.sent !== "yes" && new URLSearchParams(new FormData(form)).toString() !== before) event.preventDefault();
    }
  });

  // --- live counts of characters
  document.addEventListener("input", (event) => {
    const limit = event.target.dataset && event.target.dataset.limit;
    if (limit === undefined) return;
    const place = document.getElementById(`${event.target.id}-size`);
    const length = Array.from(event.target.value).length;
    place.querySelector("[data-size]").textContent = length.toLocaleString(root.lang);
    place.classList.toggle("is-over", Number(limit) > 0 && length > Number(limit));
  });
})();
