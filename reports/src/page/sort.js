// A table with numbers can be sorted: a title that is chosen sorts by its column, once more turns the order round, and
// once more gives back the first one. Nothing is lost where no script runs.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const titles = [...table.tHead.rows[0].cells];
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  titles.forEach((title, column) => {
    const value = (row) => row.cells[column].dataset.value;
    const compare = (a, b) => title.classList.contains("number") ? value(a) - value(b) : value(a).localeCompare(value(b));
    const button = document.createElement("button");
    button.type = "button";
    button.append(...title.childNodes);
    button.addEventListener("click", () => {
      const order = next[title.getAttribute("aria-sort") ?? "none"];
      titles.forEach((other) => other.removeAttribute("aria-sort"));
      let rows = original;
      if (order !== "none") {
        title.setAttribute("aria-sort", order);
        const known = original.filter((row) => value(row) !== undefined).sort(compare);
        const unknown = original.filter((row) => value(row) === undefined);
        rows = [...(order === "ascending" ? known : known.reverse()), ...unknown];
      }
      body.append(...rows);
    });
    title.append(button);
  });
}
