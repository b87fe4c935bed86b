// A file for a question is sent once it is chosen, and taken back by its button, while the page stays as it is.
// Without this the same is done by buttons of the form.

import { hear } from "./form-autosave.js";
import { aside, form, meaning, post } from "./form-send.js";
import { words } from "./form-shown.js";
import { follow } from "./fresh.js";
import { transfer } from "./upload-send.js";

function part(html) {
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

function line(box, text) {
  const said = box.querySelector("[data-file-said]") ?? box.appendChild(document.createElement("p"));
  said.dataset.fileSaid = "";
  said.setAttribute("role", "status");
  said.textContent = text;
}

// What the server says: of the form, of the list of files, and of each file that it did not take.
function told(box, answer) {
  hear(answer, 0);
  const list = box.querySelector("[data-files]");
  if (answer.list) list.replaceWith(part(answer.list));
  const refused = (answer.files ?? []).filter(({ outcome }) => outcome !== "received");
  line(box, refused.map(({ name, words: why }) => `${name}: ${why}`).join(" "));
  follow(() => {});
}

function read(request) {
  let said = {};
  try {
    said = JSON.parse(request.responseText);
  } catch {
    // A page instead of an answer: of a proxy, or to sign in.
  }
  const moved = !said.revision && request.status < 400;
  return { ...said, outcome: moved ? "ended" : meaning({ ok: request.status < 300, status: request.status }) };
}

async function send(box, file) {
  const input = box.querySelector("input[type=file]");
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: `${words.sending}: ${file.name}` });
  input.after(progress);
  line(box, `${words.sending}: ${file.name}`);
  const body = aside("_attach", box.dataset.attachment);
  body.set(`${box.dataset.attachment}~file`, file, file.name);
  const { done } = transfer(button(box).formAction, body, (share) => { progress.value = share; });
  const { request } = await done;
  progress.remove();
  const answer = request ? read(request) : { outcome: "away" };
  if (answer.outcome === "away" || answer.outcome === "ended") line(box, `${file.name}: ${words.failed}`);
  if (answer.outcome === "ended") document.dispatchEvent(new Event("visibilitychange"));
  else if (answer.outcome === "refused") line(box, answer.error ?? `${file.name}: ${words.failed}`);
  else if (answer.outcome !== "away") told(box, answer);
}

const button = (box) => box.querySelector("button[name=_attach]");

async function detach(box, pressed) {
  const answer = await post(pressed.formAction, aside("_detach", pressed.value));
  if (answer.outcome === "away" || answer.outcome === "ended") line(box, words.away);
  else told(box, answer);
  box.querySelector("input[type=file]").focus();
}

for (const box of form.querySelectorAll("[data-attachment]")) {
  const input = box.querySelector("input[type=file]");
  input.addEventListener("change", async () => {
    for (const file of [...input.files]) await send(box, file);
    input.value = "";
  });
  button(box).hidden = true;
  box.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[name=_detach]");
    if (!pressed) return;
    event.preventDefault();
    detach(box, pressed);
  });
}
follow(() => {});
