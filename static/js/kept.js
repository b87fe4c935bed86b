// Puts the text that was kept back into the fields it was typed in. It also stands in the notice,
// so nothing is lost where a field has gone.

import { isTypedIn } from "./typed.js";

const notice = document.querySelector("[data-kept]");

function fill(fields, values) {
  fields.forEach((field, index) => {
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values.includes(field.value);
    } else if (field instanceof HTMLSelectElement) {
      for (const option of field.options) option.selected = values.includes(option.value);
    } else if (index < values.length) {
      field.value = values[index];
    }
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

if (notice) {
  const kept = Map.groupBy(notice.querySelectorAll("[data-name]"), (line) => line.dataset.name);
  let filled = 0;
  for (const [name, lines] of kept) {
    const fields = Array.from(document.getElementsByName(name)).filter(isTypedIn);
    fill(fields, lines.map((line) => line.textContent));
    filled += fields.length > 0;
  }
  if (filled === kept.size) {
    const words = notice.querySelector("[data-kept-words]");
    words.textContent = words.dataset.filled;
    notice.querySelector("dl").hidden = true;
  }
}
