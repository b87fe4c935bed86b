// A button beside a read-only field puts its text on the clipboard, where the browser lets it.
for (const field of document.querySelectorAll("[data-copy]")) {
  const input = field.querySelector("input");
  const button = field.querySelector("button");
  const told = field.querySelector("[role=status]");
  input.addEventListener("focus", () => input.select());
  if (navigator.clipboard) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(input.value);
      told.textContent = field.dataset.copied;
    });
  }
}
