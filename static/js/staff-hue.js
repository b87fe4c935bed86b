// The brand colour's slider shows its colour on the page while it moves.
const slider = document.querySelector("[data-hue]");
slider?.addEventListener("input", () => {
  document.documentElement.style.setProperty("--hue", slider.value);
});
