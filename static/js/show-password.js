// Lets people check what they typed: adds a Show/Hide button to each [data-show-password].
// Made here and not in the template, because without JavaScript it could do nothing.

function addButton(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-label", box.dataset.label);
  button.setAttribute("aria-controls", input.id);
  box.append(button);

  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-pressed", String(visible));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // A password left readable would be offered by the browser as an ordinary form entry later.
  input.form?.addEventListener("submit", () => show(false));
  show(false);
}

document.querySelectorAll("[data-show-password]").forEach(addButton);
