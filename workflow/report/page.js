"use strict";
// Tells values in figures and switches their series; sorts, filters and saves tables; marks the section being read; turns the page dark
// or light. The page is complete without it.

(() => {
  const SORT_FROM = 4, FILTER_FROM = 10;    // rows from which on a table is sorted, and filtered
  const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  const make = (tag, settings) => Object.assign(document.createElement(tag), settings);

  // Several controls become one stop of the tab key; the arrow keys lead from one to the next.
  function makeOneStop(controls) {
    controls.forEach((control, place) => {
      control.tabIndex = place ? -1 : 0;
      control.addEventListener("focus", () => controls.forEach((other) => { other.tabIndex = other === control ? 0 : -1; }));
      control.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        controls[(place + step + controls.length) % controls.length].focus();
      });
    });
  }

  // What a cell is sorted by: its first number, as the page prints numbers, or its text.
  function valueOf(cell) {
    const text = cell.textContent.trim();
    const plain = text.replaceAll("−", "-").replaceAll(",", "");
    const found = /^[-+]?\d*\.?\d+(e-?\d+)?/.exec(plain);
    if (!found) return text;
    const power = /\s×\s10(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/.exec(text);
    const digits = power ? [...power[2]].map((one) => SUPERSCRIPT.indexOf(one)).join("") : "0";
    return Number(found[0]) * 10 ** (power && power[1] ? -digits : Number(digits));
  }

  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return a.localeCompare(b, "en", { numeric: true });
  }

  function sort(table, place) {
    const headings = [...table.tHead.rows[0].cells];
    const rising = headings[place].getAttribute("aria-sort") !== "ascending";
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[place].setAttribute("aria-sort", rising ? "ascending" : "descending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => ({ row, key: valueOf(row.cells[place]), none: /^–?$/.test(row.cells[place].textContent.trim()) }));
    keyed.sort((a, b) => (a.none - b.none) || (rising ? 1 : -1) * compare(a.key, b.key));    // what is missing comes last
    body.append(...keyed.map((one) => one.row));
  }

  function addSorting(table) {
    [...table.tHead.rows[0].cells].forEach((heading, place) => {
      const button = make("button", { type: "button", className: "sort" });
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, place));
      heading.append(button);
    });
  }

  // The text of a cell as a spreadsheet takes it, and never as a formula.
  function plain(cell) {
    const text = (cell.dataset.value ?? cell.textContent).replace(/\s+/g, " ").trim().replace(/[↑↓]$/, "").replace(/^–$/, "");
    const number = text.replaceAll("−", "-").replace(/,(?=\d{3})/g, "");
    if (/^[-+]?\d+(\.\d+)?%?$/.test(number)) return number;
    return /[",\n]/.test(text) || /^[=+\-@]/.test(text) ? `"${(/^[=+\-@]/.test(text) ? "'" : "") + text.replaceAll('"', '""')}"` : text;
  }

  // Rows under the heading of a group begin with its name.
  function csv(table) {
    const grouped = table.querySelector("th[scope=rowgroup][colspan]") !== null;
    let group = "";
    const lines = [...table.rows].map((row) => {
      const first = row.cells[0];
      if (first.scope === "rowgroup" && first.colSpan > 1) { group = plain(first); return null; }
      const cells = [...row.cells].flatMap((cell) => [plain(cell), ...Array(cell.colSpan - 1).fill(plain(cell))]);
      return [...(grouped ? [row.parentElement === table.tHead ? "Group" : group] : []), ...cells].join(",");
    });
    return lines.filter((line) => line !== null).join("\r\n") + "\r\n";
  }

  function addDownload(table, box, number) {
    const button = make("button", { type: "button", className: "csv", textContent: "CSV" });
    button.setAttribute("aria-label", `${number} as CSV`);
    button.addEventListener("click", () => {
      const href = "data:text/csv;charset=utf-8," + encodeURIComponent(csv(table));
      make("a", { href, download: `${number.toLowerCase().replace(" ", "-")}.csv` }).click();
    });
    box.append(button);
  }

  // Buttons of which one is pressed: what the cells show.
  function addSwitch(table, box, number) {
    const parts = table.dataset.switch.split(" "), group = make("div", { className: "switch" });
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", `What the cells of ${number} show`);
    for (const [words, hidden] of [["both", ""], ...parts.map((part, place) => [part, parts[1 - place]])]) {
      const button = make("button", { type: "button", textContent: words });
      button.setAttribute("aria-pressed", String(!hidden));
      button.addEventListener("click", () => {
        table.dataset.hide = hidden;
        [...group.children].forEach((one) => one.setAttribute("aria-pressed", String(one === button)));
      });
      group.append(button);
    }
    box.append(group);
  }

  function addFilter(table, box, number) {
    const rows = [...table.tBodies[0].rows];
    const label = make("label", { textContent: "Filter rows " });
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const count = make("span", { className: "count" });
    field.setAttribute("aria-label", `Filter the rows of ${number}`);
    count.setAttribute("role", "status");
    label.append(field);
    box.append(label, count);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = wanted ? `${shown} of ${rows.length} rows` : "";
    });
  }

  for (const table of document.querySelectorAll(".table table")) {
    const box = make("div", { className: "tools" }), number = table.caption.querySelector("b").textContent.replace(".", "");
    const rows = "order" in table.dataset && table.tBodies.length === 1 ? table.tBodies[0].rows.length : 0;
    if (rows >= FILTER_FROM) addFilter(table, box, number);
    if (table.dataset.switch) addSwitch(table, box, number);
    addDownload(table, box, number);
    if (rows >= SORT_FROM) addSorting(table);
    table.parentElement.before(box);
    makeOneStop([...table.querySelectorAll(".sort"), ...box.querySelectorAll("button")]);
    makeOneStop([...table.querySelectorAll(".spark")]);
  }
  makeOneStop([...document.querySelectorAll(".permalink")]);

  // Where a table is stacked, each cell says what its column is; roles say that it is still a table.
  function labelCells(table) {
    const names = [], rows = [...table.rows];
    for (const row of table.tHead.rows) {
      const cells = [...row.cells].flatMap((cell) => Array(cell.colSpan).fill(cell.textContent.replace(/\s+|[↑↓]/g, " ").trim()));
      cells.forEach((name, place) => { names[place] = [names[place], name].filter(Boolean).join(", "); });
    }
    table.setAttribute("role", "table");
    for (const row of rows) {
      row.setAttribute("role", "row");
      const missing = names.length - [...row.cells].reduce((sum, cell) => sum + cell.colSpan, 0);    // under a cell that spans rows
      [...row.cells].forEach((cell, place) => {
        cell.setAttribute("role", cell.tagName === "TD" ? "cell" : row.parentElement === table.tHead ? "columnheader" : "rowheader");
        if (cell.tagName === "TD") cell.dataset.label = names[missing + place];
      });
    }
  }

  // A table that is too wide becomes tight, then stacked. What still scrolls is reached by the tab key, unless a button inside is.
  const boxes = [...document.querySelectorAll(".table, .formula, pre")];
  const wide = (box) => box.scrollWidth > box.clientWidth;
  function fit() {
    const tables = boxes.map((box) => box.querySelector("table")).filter(Boolean);
    tables.forEach((table) => table.classList.remove("tight", "stacked"));
    for (const look of ["tight", "stacked"]) {
      for (const table of tables.filter((table) => wide(table.parentElement))) {
        if (look === "stacked" && !table.hasAttribute("role")) labelCells(table);
        table.classList.add(look);
      }
    }
    boxes.forEach((box) => { box.tabIndex = wide(box) && !box.querySelector(".sort") ? 0 : -1; });
  }
  addEventListener("resize", fit);
  addEventListener("toggle", fit, true);    // what was folded has no width
  fit();

  // What lies under the pointer, or has the focus, tells its value beside it.
  const tip = make("div", { className: "tip", hidden: true });
  tip.setAttribute("role", "status");
  document.querySelector("main").append(tip);

  function tell(words, place) {
    tip.hidden = !words;
    tip.textContent = words ?? "";
    if (!words) return;
    const box = place.getBoundingClientRect(), wide = tip.offsetWidth, high = tip.offsetHeight;
    tip.style.left = `${Math.max(4, Math.min(box.left + box.width / 2 - wide / 2, document.documentElement.clientWidth - wide - 4))}px`;
    tip.style.top = `${box.top > high + 8 ? box.top - high - 6 : box.bottom + 6}px`;
  }

  for (const mark of document.querySelectorAll(".spark")) {
    for (const start of ["pointerenter", "focus"]) mark.addEventListener(start, () => tell(mark.getAttribute("aria-label"), mark));
    for (const end of ["pointerleave", "blur"]) mark.addEventListener(end, () => tell());
  }

  function makeTouchable(plate, svg) {
    const points = JSON.parse(svg.dataset.points ?? "[]"), off = new Set();
    const dot = document.createElementNS(svg.namespaceURI, "circle");
    const shown = () => points.filter((point) => !off.has(point[3]));
    let current = null;
    dot.setAttribute("class", "touched");
    dot.setAttribute("r", 5);
    function touch(point) {
      current = point ?? current;
      if (!point) { dot.remove(); tell(); return; }
      dot.setAttribute("cx", point[0]);
      dot.setAttribute("cy", point[1]);
      svg.append(dot);
      tell(point[2], dot);
    }
    const nearest = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const away = (point) => Math.hypot(point[0] - at.x, point[1] - at.y);
      touch(shown().reduce((best, point) => (!best || away(point) < away(best) ? point : best), null));
    };
    svg.addEventListener("pointermove", nearest);
    svg.addEventListener("pointerdown", nearest);
    svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") touch(); });
    plate.addEventListener("blur", () => touch());
    plate.addEventListener("focus", () => { if (plate.matches(":focus-visible")) touch(shown()[0]); else if (dot.isConnected) touch(current); });
    plate.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key], all = shown();
      if (event.key === "Escape") touch();
      if (!step || !all.length) return;
      event.preventDefault();
      touch(all[(all.indexOf(current) + step + all.length) % all.length]);
    });

    const series = [...new Set([...svg.querySelectorAll("[data-series]")].map((one) => one.dataset.series))];
    if (series.length < 2) return;
    const box = make("div", { className: "switch" });
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", `Series of ${plate.getAttribute("aria-label")}`);
    for (const name of series) {
      const button = make("button", { type: "button", textContent: name });
      button.setAttribute("aria-pressed", "true");
      button.addEventListener("click", () => {
        const hide = off.has(name) ? !off.delete(name) : Boolean(off.add(name));
        button.setAttribute("aria-pressed", String(!hide));
        for (const one of svg.querySelectorAll("[data-series]")) if (one.dataset.series === name) one.style.display = hide ? "none" : "";
      });
      box.append(button);
    }
    plate.after(box);
    makeOneStop([...box.children]);
  }
  for (const svg of document.querySelectorAll(".plate > svg[data-points]")) makeTouchable(svg.parentElement, svg);

  // The section whose start was passed last is the one being read.
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll("main section[id]")].filter((section) => links.has(section.id));
  let current = null;
  function follow() {
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const passed = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 3);
    const link = links.get((atEnd ? sections.at(-1) : passed.at(-1) ?? sections[0]).id);
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const list = link.closest("ol");
    list.scrollTo({ left: link.offsetLeft - list.offsetLeft - list.clientWidth / 3 });
    current = link;
  }
  addEventListener("scroll", () => requestAnimationFrame(follow), { passive: true });
  follow();

  // Light or dark as the system has it, or as the reader chooses here; figures follow. Nothing is stored.
  const scheme = make("select", { id: "scheme" });
  const label = make("label", { className: "scheme", textContent: "Colours " });
  for (const [words, value] of [["auto", ""], ["light", "light"], ["dark", "dark"]]) scheme.add(new Option(words, value));
  scheme.addEventListener("change", () => { document.documentElement.style.colorScheme = scheme.value; });
  label.append(scheme);
  document.querySelector(".page-head").append(label);
})();
