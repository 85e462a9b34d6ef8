"use strict";
// Sorts tables of class "sortable" by the buttons that it puts into their heads:
// once, the other way round, and back to the order of the page. Above long ones it puts
// a field to search them.
const arrows = { ascending: "\u25B2", descending: "\u25BC", none: "" };
const signs = { ascending: 1, descending: -1, none: 0 };
const key = (row, column) => {
  const { sort } = row.cells[column].dataset;
  if (sort === undefined) return row.cells[column].textContent.trim();
  return Number(sort.replace("inf", "Infinity"));
};
const compare = (a, b, sign) => {
  if (typeof a === "string") {
    return sign * a.localeCompare(b, undefined, { numeric: true });
  }
  // what is no number is last in both directions
  return Number.isNaN(a) - Number.isNaN(b) || (a === b ? 0 : a < b ? -sign : sign);
};

for (const table of document.querySelectorAll("table.sortable")) {
  const rows = Array.from(table.tBodies[0].rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const show = (column, direction) => {
    for (const [i, head] of heads.entries()) {
      const given = direction === "none" ? head.dataset.sorted : undefined;
      const state = direction !== "none" && i === column ? direction : given;
      head.setAttribute("aria-sort", state || "none");
      head.querySelector(".arrow").textContent = arrows[state || "none"];
    }
    const sign = signs[direction];
    const order = (a, b) => sign && compare(key(a, column), key(b, column), sign);
    table.tBodies[0].append(...[...rows].sort(order));
  };
  for (const [column, head] of heads.entries()) {
    const isNumber = rows[0].cells[column].dataset.sort !== undefined;
    const turns = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.insertAdjacentHTML("beforeend", '<span class="arrow" aria-hidden="true">');
    button.addEventListener("click", () => {
      const next = turns.indexOf(head.getAttribute("aria-sort")) + 1;
      show(column, turns[next] || "none");
    });
    head.append(button);
  }
  show(0, "none");
  if (rows.length > 10) {
    const field = document.createElement("input");
    Object.assign(field, { type: "search", placeholder: "Search this table" });
    field.setAttribute("aria-label", "Search this table");
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    });
    table.parentElement.before(field);
  }
}
