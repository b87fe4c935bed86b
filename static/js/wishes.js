// Typed wishes come one by one: rows that are empty wait behind a button. Without scripts all of them are there.

for (const list of document.querySelectorAll("[data-wishes]")) {
  const waiting = Array.from(list.querySelectorAll("[data-empty]"));
  const more = document.createElement("button");
  more.type = "button";
  more.className = "button quiet";
  more.textContent = list.dataset.more;

  const show = (row) => {
    row.hidden = false;
    waiting.splice(waiting.indexOf(row), 1);
    more.hidden = waiting.length === 0;
  };

  for (const row of waiting) {
    row.hidden = true;
    // Text that was kept is put back into rows that nobody has asked for yet.
    row.addEventListener("input", () => { if (row.hidden) show(row); });
  }
  more.addEventListener("click", () => {
    const [row] = waiting;
    show(row);
    row.querySelector("input").focus();
  });
  more.hidden = waiting.length === 0;
  list.append(more);
}
