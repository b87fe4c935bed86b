// Sends chosen files one by one, says how far it is and what became of each. Without it the form does the same at once.

import { follow, renew } from "./fresh.js";
import { send } from "./upload-send.js";
import { Row, words } from "./upload-row.js";

const { most, mostBytes } = document.getElementById("upload-words").dataset;
const senders = [];

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

class Sender {
  rows = [];
  busy = false;
  ended = false; // the session is over, or another: nothing more is sent until somebody presses again

  constructor(form) {
    this.form = form;
    this.inputs = form.querySelectorAll("input[type=file]");
    this.list = form.querySelector("[data-picks]");
    this.button = form.querySelector("[data-send]");
    this.status = form.querySelector("[data-say]");
    this.drop = form.querySelector("[data-drop]");
    this.#listen();
    this.drop.querySelector("[data-drop-words]").hidden = false;
    form.dataset.ready = "";
    this.#show();
  }

  #listen() {
    for (const input of this.inputs) {
      input.addEventListener("change", () => {
        this.add(input.files);
        input.value = "";
      });
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendAll();
    });
    this.drop.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      this.drop.dataset.over = "";
    });
    this.drop.addEventListener("dragleave", () => delete this.drop.dataset.over);
    this.drop.addEventListener("drop", (event) => {
      event.preventDefault();
      delete this.drop.dataset.over;
      this.add(event.dataTransfer.files);
    });
  }

  get waiting() {
    return this.rows.filter((row) => row.isWaiting);
  }

  say(text) {
    this.status.textContent = text;
  }

  add(files) {
    if (!this.busy && !this.waiting.length) this.#forget((row) => !row.canBeSentAgain);
    const room = most - this.waiting.length;
    for (const file of Array.from(files).slice(0, room)) this.#add(file);
    this.form.querySelector("[data-too-many]").hidden = files.length <= room;
    this.#show();
    this.say(fill(words.chosen, { count: this.waiting.length }));
  }

  #add(file) {
    const row = new Row(file, { press: (pressed) => this.#press(pressed), remove: (gone) => this.#remove(gone) });
    if (!file.size) row.become("refused", words.empty);
    if (file.size > mostBytes) row.become("refused", words.large);
    this.rows.push(row);
    this.list.append(row.element);
  }

  #forget(which) {
    for (const row of this.rows.filter(which)) row.element.remove();
    this.rows = this.rows.filter((row) => !which(row));
  }

  #remove(row) {
    const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
    this.#forget((other) => other === row);
    this.say(words.removed);
    this.#show();
    (next ?? this.inputs[0]).focus();
  }

  #press(row) {
    if (row.state === "sending") row.cancel();
    else {
      row.become("waiting");
      this.#show();
      row.element.focus();
      this.sendAll();
    }
  }

  // What is not sent yet is told to the session by name, to be found again if it ends: see typed.js.
  #keep() {
    let note = this.form.elements.not_sent_yet;
    if (!note) {
      note = Object.assign(document.createElement("textarea"), { name: "not_sent_yet", hidden: true });
      this.form.append(note);
    }
    const open = this.rows.filter((row) => row.isWaiting || row.state === "sending" || row.canBeSentAgain);
    note.value = open.map((row) => row.name).join("\n");
  }

  #show() {
    const held = this.button === document.activeElement;
    this.form.querySelector("[data-picked]").hidden = !this.rows.length;
    this.button.hidden = !this.waiting.length && !this.busy;
    this.button.setAttribute("aria-disabled", this.busy);
    if (held && this.button.hidden) this.list.focus();
    this.#keep();
  }

  async sendAll() {
    if (this.busy || !this.waiting.length || !this.form.reportValidity()) return;
    this.busy = true;
    this.ended = false;
    const all = this.waiting;
    this.say(words.sending);
    this.#show();
    while (this.waiting.length && !this.ended) await this.#send(this.waiting[0], all);
    this.busy = false;
    // What was typed goes with the files of this time, not with the next ones.
    const { note } = this.form.elements;
    if (note && !this.rows.some((row) => row.canBeSentAgain)) note.value = "";
    this.#show();
    this.#tell(all);
    await renew();
    follow(hear);
  }

  async #send(row, all) {
    row.become("sending");
    const { done, cancel } = send(this.form, row.file, (part) => {
      row.progress.value = part;
      this.#sayHalf(all);
    });
    row.cancel = cancel;
    const { outcome, words: said, id } = await done;
    row.become(outcome, said, id);
    this.ended = outcome === "ended";
    // Another tab may have signed in anew: session.js asks, takes over the new token, or leads to the sign-in page.
    if (this.ended) document.dispatchEvent(new Event("visibilitychange"));
    this.#show();
  }

  #sayHalf(all) {
    const whole = all.reduce((sum, row) => sum + row.file.size, 0);
    const done = all.reduce((sum, row) => sum + row.file.size * (row.state === "sending" ? row.progress.value : !row.isWaiting), 0);
    if (done >= whole / 2 && this.half !== all) {
      this.half = all;
      this.say(words.half);
    }
  }

  #tell(all) {
    const sent = all.filter((row) => ["received", "known"].includes(row.state));
    const others = all.filter((row) => !sent.includes(row)).map((row) => `${row.name}: ${row.element.querySelector("[data-words]").textContent}`);
    this.say([fill(words.sent, { count: sent.length, all: all.length }), ...others].join(" "));
  }

  // What the check found about files that were sent from here.
  hear(files) {
    for (const { id, outcome, words: said } of files) {
      for (const row of this.rows.filter((each) => each.id === id)) {
        row.become(outcome, said, id);
        if (outcome === "refused") this.say(`${row.name}: ${said}`);
      }
    }
    const mine = this.rows.filter((row) => files.some(({ id }) => id === row.id));
    const open = this.rows.some((row) => row.state === "received");
    if (mine.length && !open && mine.every((row) => row.state === "available")) this.say(words.checked);
  }
}

function hear(files) {
  for (const sender of senders) sender.hear(files);
}

for (const form of document.querySelectorAll("form[data-upload]")) senders.push(new Sender(form));
follow(hear);

// A file under way is not thrown away by a slip of the finger.
window.addEventListener("beforeunload", (event) => {
  const ends = document.getElementById("session-ends")?.open;
  if (!ends && senders.some((sender) => sender.busy && !sender.ended)) event.preventDefault();
});
// Dropped beside the field, a file would replace the page.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); });
}
