// Lists with checkboxes: one box ticks all, the bar of verbs shows once something is chosen.
const form = document.querySelector("form[data-select]");
const bar = form?.querySelector("[data-bulk]");
if (bar) {
  const all = form.querySelector("#action-toggle");
  const boxes = [...form.querySelectorAll("input.action-select")];
  const count = bar.querySelector("[data-count]");
  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    bar.classList.toggle("idle", chosen === 0);
    count.textContent = count.dataset.count.replace("{n}", chosen);
    all.checked = chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
  form.addEventListener("change", show);
  show();
}
