// An answer that stands alone ("None of these") takes the others away, and they take it away.

import { form } from "./form-send.js";

form.addEventListener("change", ({ target }) => {
  if (target.type !== "checkbox" || !target.checked) return;
  const together = form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(target.name)}"]`);
  const alone = "exclusive" in target.dataset;
  for (const other of together) {
    if (other !== target && (alone || "exclusive" in other.dataset)) other.checked = false;
  }
}, { capture: true });
