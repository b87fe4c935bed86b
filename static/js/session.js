// Warns before the session ends, keeps what is being typed, and leaves a private page once it is over.
// The server decides: another tab may have been used meanwhile, so it is asked before anything happens.
//
// Others on the page hear of it: `session:keep` asks for what they have to save (promises in `detail`),
// `session:over` may be prevented by who holds text that is not saved, `session:back` says that it goes on.

import { typed } from "./typed.js";

const WARN = 120; // seconds before the end
const ASK_EVERY = 15; // seconds while the warning stands
const GRACE = 3; // seconds in which all tabs can keep their text before one of them ends the session
const LONGEST_PAUSE = 60; // seconds between attempts to listen again

const dialog = document.getElementById("session-ends");
const { session, stay, keep } = dialog.dataset;
const idle = Number(dialog.dataset.idle);
const tokens = () => document.getElementsByName("csrfmiddlewaretoken");

let deadline;
let asked = 0;
let reporting = false;
let kept = "{}";
let busy = false;
let left = false;
let away = false; // over, but somebody holds the page

const secondsLeft = () => (deadline - Date.now()) / 1000;
const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function learn({ seconds, canStay }) {
  deadline = Date.now() + seconds * 1000;
  for (const part of dialog.querySelectorAll("[data-if-stay]")) part.hidden = !canStay;
  for (const part of dialog.querySelectorAll("[data-if-end]")) part.hidden = canStay;
}

function post(url, fields = {}) {
  const body = new URLSearchParams({ csrfmiddlewaretoken: tokens()[0].value, ...fields });
  return fetch(url, { method: "POST", body, redirect: "manual", cache: "no-store" });
}

// Sign-in shows why; afterwards it leads back here. A sign-in page is where an ended session is sent.
function leave() {
  left = true;
  location.replace(location.href.split("#")[0]);
}

// Held for no longer than a session may be idle: the screen may be anybody's.
function leaveUnlessHeld() {
  if (away || left) return;
  away = !document.dispatchEvent(new Event("session:over", { cancelable: true }));
  if (!away) leave();
  else {
    dialog.close();
    setTimeout(() => { if (away) leave(); }, idle * 1000);
  }
}

// Somebody else's session, begun in another tab: this page is not theirs. After a new sign-in of the same
// person every form needs the new token.
function meet(answer) {
  if (answer.user !== dialog.dataset.user) {
    leave();
    return;
  }
  for (const input of tokens()) input.value = answer.token;
  learn(answer);
  if (!away) return;
  away = false;
  document.dispatchEvent(new Event("session:back"));
}

async function heard(request) {
  asked = Date.now();
  try {
    const answer = await request;
    if (answer.type === "opaqueredirect") leaveUnlessHeld();
    else if (answer.ok) meet(await answer.json());
  } catch {
    // No network: the next second tries again.
  }
}

const ask = () => heard(fetch(session, { redirect: "manual", cache: "no-store" }));

async function save() {
  const others = [];
  document.dispatchEvent(new CustomEvent("session:keep", { detail: others }));
  await Promise.all(others);
  const fields = JSON.stringify(typed());
  if (fields === kept) return;
  try {
    const answer = await post(keep, { page: location.pathname, fields });
    if (answer.ok) kept = fields;
  } catch {
    // No network: tried again before the end.
  }
}

// Somebody stayed: their text is not given back a second time.
async function unsave() {
  if (kept === "{}") return;
  const answer = await post(keep, { page: location.pathname, fields: "{}" }).catch(() => null);
  if (answer?.ok) kept = "{}";
}

function show() {
  const seconds = Math.max(0, Math.ceil(secondsLeft()));
  const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  dialog.querySelector("[data-left]").textContent = words;
  const say = dialog.querySelector("[data-say]");
  if (seconds <= 20) say.textContent = say.dataset.last;
  else if (seconds <= 60) say.textContent = say.dataset.minute;
  else say.textContent = "";
}

async function warn() {
  if (!dialog.open) {
    await ask();
    if (left || secondsLeft() > WARN) return;
    show();
    dialog.showModal();
    await save();
  } else if (Date.now() - asked > ASK_EVERY * 1000) {
    await ask();
  }
}

async function end() {
  await save();
  if (secondsLeft() <= GRACE) await pause(GRACE);
  await ask();
  if (!left && secondsLeft() > WARN) await unsave();
}

// By the clock all tabs find out at once: none may end it before all have saved.
const check = () => (away || secondsLeft() > GRACE ? ask() : end());

async function relax() {
  dialog.close();
  await unsave();
}

async function look() {
  if (dialog.open) show();
  if (secondsLeft() <= 0) await end();
  else if (secondsLeft() <= WARN) await warn();
  else if (dialog.open) await relax();
}

async function tick() {
  if (busy || left || away) return;
  busy = true;
  try {
    await look();
  } finally {
    busy = false;
  }
}

// Typing for long sends nothing, yet somebody is there. Only real keys and clicks count, and none
// once the warning stands: that asks for an answer.
function notice(event) {
  const reported = deadline - idle * 1000;
  if (!event.isTrusted || reporting || dialog.open || left || away || Date.now() - reported < (idle * 1000) / 6) return;
  reporting = true;
  heard(post(stay)).finally(() => { reporting = false; });
}

// Closed by the server when the session ends by log-out, a new password, or the practice.
async function listen(seconds = 1) {
  const socket = new WebSocket(new URL("/ws/session/", location.href));
  let opened = false;
  socket.addEventListener("open", () => {
    opened = true;
    dialog.dataset.listens = "";
  });
  socket.addEventListener("close", async () => {
    delete dialog.dataset.listens;
    if (left) return;
    await (away ? ask() : end());
    const next = opened ? 1 : Math.min(seconds * 2, LONGEST_PAUSE);
    await pause(next * (1 + Math.random()));
    if (!left) listen(next);
  });
}

learn({ seconds: Number(dialog.dataset.seconds), canStay: "canStay" in dialog.dataset });
setInterval(tick, 1000);
listen();

dialog.querySelector("form[data-if-stay]").addEventListener("submit", async (event) => {
  event.preventDefault();
  await heard(post(stay));
  if (!left && secondsLeft() > WARN) await relax();
});
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  dialog.querySelector("form[data-if-stay]").requestSubmit();
});
for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, notice, { passive: true });
document.addEventListener("visibilitychange", () => { if (!document.hidden) check(); });
window.addEventListener("pagehide", () => { left = true; });
// Logged out from this very tab: the form's answer leads on. Leaving too would lose what it says.
document.addEventListener("submit", ({ target }) => { if (target.matches("[data-log-out]")) left = true; });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
