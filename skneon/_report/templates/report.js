"use strict";
// Sorts tables of class "sortable" by the buttons that it puts into their heads:
// once, the other way round, and back to the order of the page.
const arrows = { ascending: "\u25B2", descending: "\u25BC", none: "" };
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
  const missing = Number.isNaN(a) - Number.isNaN(b);
  return missing || (a === b ? 0 : a < b ? -sign : sign);
};

for (const table of document.querySelectorAll("table.sortable")) {
  const original = Array.from(table.tBodies[0].rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const show = (column, direction) => {
    heads.forEach((head, i) => {
      const given = direction === "none" ? head.dataset.sorted : undefined;
      const state = (i === column && direction !== "none" ? direction : given) || "none";
      head.setAttribute("aria-sort", state);
      head.querySelector(".arrow").textContent = arrows[state];
    });
    const sign = { ascending: 1, descending: -1, none: 0 }[direction];
    const order = (a, b) => sign && compare(key(a, column), key(b, column), sign);
    table.tBodies[0].append(...[...original].sort(order));
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    const arrow = document.createElement("span");
    button.type = "button";
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    button.append(...head.childNodes, arrow);
    head.append(button);
    const turns = ["descending", "ascending"];
    if (original[0].cells[column].dataset.sort === undefined) turns.reverse();
    button.addEventListener("click", () => {
      const now = turns.indexOf(head.getAttribute("aria-sort"));
      show(column, turns[now + 1] || "none");
    });
  });
  show(0, "none");
}
