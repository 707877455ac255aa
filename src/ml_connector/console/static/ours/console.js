// Keys and small conveniences. Everything works without it.
(() => {
  const wide = matchMedia("(min-width: 48.01rem)");
  const menu = document.querySelector("[data-menu]");
  const fit = () => { if (menu) menu.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();

  // What scrolls sideways can be scrolled with the keyboard too.
  const reach = (root) => root.querySelectorAll(".table-responsive").forEach((table) => { table.tabIndex = 0; });
  reach(document);
  document.addEventListener("htmx:afterSettle", (event) => reach(event.target));

  // On paper nothing can be opened: what is folded is printed in full, and folded again afterwards.
  const folded = [];
  window.addEventListener("beforeprint", () => {
    folded.push(...document.querySelectorAll("main details:not([open])"));
    folded.forEach((part) => { part.open = true; });
  });
  window.addEventListener("afterprint", () => folded.splice(0).forEach((part) => { part.open = false; }));

  // What is renewed by itself takes nothing away: it waits while somebody writes or has something open in it, and keeps their place.
  const byItself = (place) => (place.getAttribute("hx-trigger") || "").includes("every ");
  const busy = (place) => place.querySelector("details[open]:not([hx-preserve] *)")
    || (place.contains(document.activeElement) && typing(document.activeElement));
  const named = (link) => link && (link.id || link.getAttribute("href"));
  let place = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (byItself(event.target) && busy(event.target)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!byItself(event.target)) return;
    const row = event.target.querySelector(".chosen");
    const focus = event.target.contains(document.activeElement) ? document.activeElement : null;
    place = { row: row && named(row.querySelector("a")), focus: named(focus) };
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!place || !byItself(event.target)) return;
    const links = [...event.target.querySelectorAll("a")];
    const find = (name) => name && links.find((link) => named(link) === name);
    const row = find(place.row);
    if (row) row.closest("[data-row], [data-card]").classList.add("chosen");
    const focus = find(place.focus);
    if (focus) focus.focus({ preventScroll: true });
    place = null;
  });

  const rows = () => [...document.querySelectorAll("tr[data-row], [data-card]")];
  const chosen = () => rows().findIndex((row) => row.classList.contains("chosen"));
  const choose = (index) => {
    const all = rows();
    if (!all.length) return;
    const next = Math.max(0, Math.min(all.length - 1, index));
    all.forEach((row, at) => row.classList.toggle("chosen", at === next));
    all[next].scrollIntoView({ block: "nearest" });
    const link = all[next].querySelector("a, button");
    if (link) link.focus({ preventScroll: true });
  };
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const field = document.querySelector("[data-search]");
      if (field) { event.preventDefault(); field.focus(); field.select(); }
    } else if (event.key === "j") choose(chosen() + 1);
    else if (event.key === "k") choose(chosen() - 1);
    else if (event.key === "r") {
      const row = rows()[chosen()];
      const retry = (row || document).querySelector("[data-retry]");
      if (retry) { event.preventDefault(); retry.click(); }
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-theme-toggle]")) {
      const theme = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
      document.documentElement.dataset.bsTheme = theme;
      localStorage.setItem("theme", theme);
    }
    const all = event.target.closest("[data-check-all]");
    if (all) document.querySelectorAll(`input[type=checkbox][name="${all.dataset.checkAll}"]`).forEach((box) => { box.checked = all.checked; });
  });
  // What a form was answered with may stand on a page of its own address: reloading that sends nothing again.
  const answer = document.querySelector("[data-page]");
  if (answer) history.replaceState(null, "", answer.dataset.page);

  // A form is sent once, however often somebody presses; whoever comes back to its page may send it anew.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const words = form.dataset.confirm;
    if (form.dataset.sent || (words && !window.confirm(words))) { event.preventDefault(); return; }
    if (form.method !== "post") return;
    form.dataset.sent = "yes";
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));
})();
