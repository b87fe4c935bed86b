// Tells the practice that a person, not a mail scanner, has begun to fill in the sign-up page.

const form = document.querySelector("form[data-opened-url]");

form?.addEventListener("input", () => {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  fetch(form.dataset.openedUrl, { method: "POST", body });
}, { once: true });
