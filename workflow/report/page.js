"use strict";
// Sorts and filters tables, marks the section being read, turns the page dark or light. The page is complete without it.

(() => {
  const SORT_FROM = 4, FILTER_FROM = 10;    // rows from which on a table is sorted, and filtered
  const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  const make = (tag, settings) => Object.assign(document.createElement(tag), settings);

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

  function addFilter(table) {
    const rows = [...table.tBodies[0].rows];
    const box = make("div", { className: "filter" });
    const label = make("label", { textContent: "Filter rows " });
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: false });
    const count = make("span", { className: "count" });
    const number = table.caption.querySelector("b").textContent.replace(".", "");
    field.setAttribute("aria-label", `Filter the rows of ${number}`);
    count.setAttribute("role", "status");
    label.append(field);
    box.append(label, count);
    table.parentElement.before(box);
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
      const shown = rows.filter((row) => !row.hidden).length;
      count.textContent = wanted ? `${shown} of ${rows.length} rows` : "";
    });
  }

  for (const table of document.querySelectorAll("table[data-order]")) {
    if (table.tBodies.length !== 1 || table.tBodies[0].rows.length < SORT_FROM) continue;
    addSorting(table);
    if (table.tBodies[0].rows.length >= FILTER_FROM) addFilter(table);
  }

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

  // Print everything, also what is folded.
  const folded = [];
  addEventListener("beforeprint", () => document.querySelectorAll("details:not([open])").forEach((one) => { one.open = true; folded.push(one); }));
  addEventListener("afterprint", () => folded.splice(0).forEach((one) => { one.open = false; }));
})();
