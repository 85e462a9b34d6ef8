"use strict";
// Sorts tables of class "sortable" by the buttons that it puts into their heads:
// once, the other way round, and back to the order of the page.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const original = Array.from(body.rows);
  const heads = Array.from(table.tHead.rows[0].cells);
  const arrows = { ascending: "\u25B2", descending: "\u25BC", none: "" };

  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.sort === undefined) {
      return cell.textContent.trim();
    }
    const text = cell.dataset.sort;
    return text.endsWith("inf") ? Infinity * (text[0] === "-" ? -1 : 1) : Number(text);
  };
  const compare = (a, b, sign) => {
    if (typeof a === "string" || typeof b === "string") {
      return sign * String(a).localeCompare(String(b), undefined, { numeric: true });
    }
    if (Number.isNaN(a) || Number.isNaN(b)) {
      return Number.isNaN(a) - Number.isNaN(b); // last in both directions
    }
    return a === b ? 0 : a < b ? -sign : sign;
  };
  const show = (column, direction) => {
    heads.forEach((head, i) => {
      const given = head.dataset.sorted || "none";
      const back = direction === "none" ? given : "none";
      const state = i === column && direction !== "none" ? direction : back;
      head.setAttribute("aria-sort", state);
      head.querySelector(".arrow").textContent = arrows[state];
    });
    const rows = original.slice();
    if (direction !== "none") {
      const sign = direction === "ascending" ? 1 : -1;
      rows.sort((a, b) => compare(key(a, column), key(b, column), sign));
    }
    body.append(...rows);
  };

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    const arrow = document.createElement("span");
    arrow.className = "arrow";
    arrow.setAttribute("aria-hidden", "true");
    button.append(arrow);
    head.append(button);
    const isNumber = original[0].cells[column].dataset.sort !== undefined;
    const turns = isNumber ? ["descending", "ascending"] : ["ascending", "descending"];
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort");
      const next = turns[turns.indexOf(now) + 1] || "none";
      show(column, next);
    });
  });
  show(-1, "none");
}
