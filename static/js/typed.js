// What somebody has typed on this page and not sent yet: {field name: [values]}.
// Left out: what signs somebody in, files, and forms marked data-keep="no" or data-log-out.

const FORMS = "form[method=post]:not([data-keep=no], [data-log-out])";
const NEVER = new Set(["hidden", "password", "file", "submit", "button", "reset", "image"]);
const SECRET = /one-time-code|password|cc-/;

const values = (field) => {
  if (field instanceof HTMLSelectElement) return Array.from(field.selectedOptions, (option) => option.value);
  if (field.type === "checkbox" || field.type === "radio") return field.checked ? [field.value] : [];
  return [field.value];
};

const isChanged = (field) => {
  if (field instanceof HTMLSelectElement) {
    return Array.from(field.options).some((option) => option.selected !== option.defaultSelected);
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
};

export const isTypedIn = (field) =>
  Boolean(field.name) && !field.disabled && !field.readOnly && !NEVER.has(field.type) && !SECRET.test(field.autocomplete);

export function typed() {
  const kept = {};
  for (const form of document.querySelectorAll(FORMS)) {
    const fields = Array.from(form.elements).filter(isTypedIn);
    const changed = new Set(fields.filter(isChanged).map((field) => field.name));
    for (const field of fields) {
      if (changed.has(field.name)) kept[field.name] = [...(kept[field.name] ?? []), ...values(field)];
    }
  }
  return kept;
}
