// Shows what the server made of the answers: which questions apply, what is calculated, how far one is.
// Nothing that somebody types in is touched, so focus and caret stay where they are.

import { form } from "./form-send.js";

export const words = {};
for (const word of document.getElementById("form-words")?.content.children ?? []) {
  words[word.dataset.word] = word.textContent;
}

const said = document.querySelector("[data-saved]");
const all = (name) => document.querySelectorAll(`[data-${name}]`);

// A screen reader hears only what has changed, so at most once a minute that it is saved.
export function say(text, tone = "") {
  if (!said) return;
  if (said.textContent !== text) said.textContent = text;
  said.dataset.tone = tone;
}

function set(element, text) {
  if (element.textContent.trim() !== text) element.textContent = text;
}

export function show({ revision, saved, progress, enabled = {}, calculated = {} }) {
  form.querySelector("[name=_revision]").value = revision;
  for (const item of all("item")) {
    if (item.dataset.item in enabled) item.hidden = !enabled[item.dataset.item];
  }
  for (const item of all("calculated")) {
    if (item.dataset.calculated in calculated) set(item, calculated[item.dataset.calculated]);
  }
  for (const bar of all("progress")) {
    if (bar instanceof HTMLProgressElement) Object.assign(bar, { max: progress.total || 1, value: progress.answered });
    else set(bar, progress.words);
  }
  if (saved) say(saved);
}

// A notice of the server's before the form, read out when it comes.
export function tell(html) {
  const old = document.querySelector("[data-told]");
  const box = old ?? Object.assign(document.createElement("div"), { tabIndex: -1 });
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  if (old?.dataset.told === fresh.textContent) return;
  box.dataset.told = fresh.textContent;
  box.setAttribute("role", "alert");
  if (!old) form.before(box);
  box.replaceChildren(...fresh.children);
}

export const untell = () => document.querySelector("[data-told]")?.remove();
export const lookAtTold = () => document.querySelector("[data-told]")?.focus();
