"use strict";
// Sorts a table by the column whose heading is pressed, and hides the rules that are not asked for.
const rows = (table) => [...table.tBodies[0].rows];
const valueOf = (row, column) => {
  const cell = row.cells[column];
  return "v" in cell.dataset ? Number(cell.dataset.v) : cell.textContent;
};

for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement;
    const table = heading.closest("table");
    const down = heading.getAttribute("aria-sort") !== "descending";
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = down ? -1 : 1;
    const compare = (one, other) => {
      const a = valueOf(one, heading.cellIndex);
      const b = valueOf(other, heading.cellIndex);
      return sign * (typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true }));
    };
    table.tBodies[0].append(...rows(table).sort(compare));
  });
}

const filter = document.getElementById("filter");
filter.hidden = false;
const apply = () => {
  const words = filter.elements.words.value.toLowerCase();
  const stage = filter.elements.stage.value;
  const odd = filter.elements.odd.checked;
  let shown = 0;
  for (const row of rows(document.getElementById("rules"))) {
    const fits = (!stage || row.dataset.stage === stage) && (!odd || row.dataset.odd === "1");
    row.hidden = !(fits && row.textContent.toLowerCase().includes(words));
    shown += row.hidden ? 0 : 1;
  }
  document.getElementById("shown").textContent = `${shown} rules`;
};
filter.addEventListener("input", apply);
filter.addEventListener("submit", (event) => event.preventDefault());
apply();
