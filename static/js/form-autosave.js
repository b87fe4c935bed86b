// Saves a form while it is filled in. Nothing that was typed is lost: it stays in the page until the server has it,
// and it is nowhere else, for what people answer is not for a browser's storage.

import { fields, form, number, post, postLast } from "./form-send.js";
import { lookAtTold, say, show, tell, untell, words } from "./form-shown.js";

const SOON = 150; // milliseconds after an answer was chosen
const PAUSE = 900; // milliseconds after the last key
const FIRST = 2_000; // milliseconds until the first further attempt, and then ever longer
const SLOWEST = 60_000;

const url = form.dataset.autosave;
const ended = document.getElementById("form-ended");

let typed = 0; // counts changes
let kept = 0; // how many of them the server has
let wait = FIRST;
let timer;
let running = null;
let over = false; // nothing can be typed into this form any more

export const isUnsaved = () => typed > kept && !over;

function plan(pause, options) {
  clearTimeout(timer);
  if (!over) timer = setTimeout(() => save(options), pause);
}

function tryAgain() {
  plan(wait * (1 + Math.random() / 4), { passive: true });
  wait = Math.min(wait * 2, SLOWEST);
}

const HEAR = {
  saved(answer, count) {
    kept = Math.max(kept, count);
    wait = FIRST;
    show(answer);
    untell();
  },
  // Kept beside what the other device saved; somebody chooses.
  conflict(answer, count) {
    kept = Math.max(kept, count);
    wait = FIRST;
    say(answer.said, "warn");
    tell(answer.html);
  },
  over(answer) {
    over = true;
    say(answer.said, "warn");
    tell(answer.html);
  },
  away() {
    say(words.away, "warn");
    tryAgain();
  },
  // session.js asks: another tab may have signed in anew, and then it takes over the new token.
  ended() {
    say(words.away, "warn");
    document.dispatchEvent(new Event("visibilitychange"));
    tryAgain();
  },
  // Tried again with the next change.
  refused(answer) {
    say(answer.error ?? words.refused, "warn");
  },
};

export const hear = (answer, count) => HEAR[answer.outcome](answer, count);
export const counted = () => typed;

async function once(options) {
  const count = typed;
  hear(await post(url, fields(), options), count);
}

function save(options) {
  clearTimeout(timer);
  const before = typed;
  running ??= once(options).finally(() => {
    running = null;
    if (typed > before && kept >= before) plan(PAUSE);
  });
  return running;
}

// What is under way is awaited, and what is left is sent; says whether all is kept.
export async function flush(options) {
  await running;
  for (let before = -1; isUnsaved() && before < kept;) {
    before = kept;
    await save(options);
  }
  return !isUnsaved();
}

export function note(pause = SOON) {
  typed += 1;
  if (!running) plan(pause);
}

for (const kind of ["input", "change"]) {
  form.addEventListener(kind, ({ target }) => {
    if (target.name && target.type !== "file") note(kind === "input" && "selectionStart" in target ? PAUSE : SOON);
  });
}

// Sent once what was typed is saved: a line that is gone then costs nothing, and no page of the browser's is shown.
let sending = false;
let passes = false;

async function send(submitter) {
  sending = true;
  if (isUnsaved() || running) say(words.saving);
  // A form cannot be sent from within its own submit event.
  await new Promise((resolve) => setTimeout(resolve));
  const done = navigator.onLine && (await flush());
  sending = false;
  if (done && !over && !document.querySelector("[data-told]")) {
    passes = true;
    number();
    form.requestSubmit(submitter);
  } else if (document.querySelector("[data-told]")) {
    lookAtTold();
  } else {
    say(words.offline, "warn");
    if (isUnsaved()) tryAgain();
  }
}

form.addEventListener("submit", (event) => {
  if (passes) return;
  event.preventDefault();
  event.stopPropagation();
  if (!sending) send(event.submitter);
});

window.addEventListener("online", () => { if (isUnsaved()) save(); });
window.addEventListener("pagehide", () => { if (isUnsaved()) postLast(url); });
window.addEventListener("pageshow", () => { passes = false; });
window.addEventListener("beforeunload", (event) => { if (isUnsaved() && wait > FIRST) event.preventDefault(); });

// Before the session ends, before somebody logs out, and before one of two versions is chosen.
document.addEventListener("session:keep", ({ detail }) => detail.push(flush({ passive: true })));
document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-log-out], [data-told] form") || !isUnsaved()) return;
  event.preventDefault();
  event.stopPropagation();
  if (await flush()) event.target.requestSubmit(event.submitter);
}, { capture: true });

// The session is over and something is not saved: the page stays, covered, until somebody signs in again.
document.addEventListener("session:over", (event) => {
  if (!isUnsaved()) return;
  event.preventDefault();
  if (!ended.open) ended.showModal();
});
document.addEventListener("session:back", () => {
  ended.close();
  save();
});
ended.addEventListener("cancel", (event) => event.preventDefault());
