// One tick for a whole pack, and back. Without this the server reads the pack's own tick.
for (const pack of document.querySelectorAll("[data-pack]")) {
  const whole = pack.querySelector("[name=packs]");
  const parts = [...pack.querySelectorAll("[name=templates]")];
  const show = () => {
    const ticked = parts.filter((part) => part.checked).length;
    whole.checked = ticked === parts.length;
    whole.indeterminate = ticked > 0 && ticked < parts.length;
  };
  if (!whole) continue;
  if (whole.checked) parts.forEach((part) => { part.checked = true; });
  whole.addEventListener("change", () => parts.forEach((part) => { part.checked = whole.checked; }));
  parts.forEach((part) => part.addEventListener("change", show));
  show();
}
