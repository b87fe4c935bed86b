// One chosen file as a row: its name, how far it is, what became of it, and what can be done.

const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;
const UNITS = ["byte", "kilobyte", "megabyte"];
const TONES = { received: "ok", available: "ok", known: "ok", waiting: "none", sending: "none" };

export const words = {};
for (const word of document.getElementById("upload-words")?.content.children ?? []) {
  words[word.dataset.word] = word.textContent;
}

function inWords(size) {
  const step = size < 1024 ? 0 : size < 1024 ** 2 ? 1 : 2;
  const style = { style: "unit", unit: UNITS[step], maximumFractionDigits: 1 };
  return new Intl.NumberFormat(document.documentElement.lang, style).format(size / 1024 ** step);
}

export class Row {
  // `press` does what the row's button says; `remove` takes the row away.
  constructor(file, { press, remove }) {
    this.file = file;
    this.name = file.name.replace(HIDDEN, "\ufffd");
    const made = document.getElementById("upload-row").content.cloneNode(true);
    this.element = made.firstElementChild;
    this.button = this.#part("press");
    this.remover = this.#part("remove");
    this.progress = this.element.querySelector("progress");
    this.#part("name").textContent = this.name;
    this.#part("size").textContent = inWords(file.size);
    this.progress.setAttribute("aria-label", `${words.sending}: ${this.name}`);
    this.element.tabIndex = -1;
    this.button.addEventListener("click", () => press(this));
    this.remover.addEventListener("click", () => remove(this));
    this.become("waiting");
  }

  #part(name) {
    return this.element.querySelector(`[data-${name}]`);
  }

  get isWaiting() {
    return this.state === "waiting";
  }

  get canBeSentAgain() {
    return ["lost", "unanswered", "ended", "failed", "cancelled"].includes(this.state);
  }

  // waiting, sending, or what became of it; the server's own words go before ours.
  become(state, said = words[state], id = "") {
    this.state = state;
    this.#part("words").textContent = said ?? "";
    this.element.dataset.became = state;
    this.element.dataset.tone = TONES[state] ?? "bad";
    // Followed until it is checked; see follow() in fresh.js.
    if (state === "received") this.element.dataset.checking = id;
    else delete this.element.dataset.checking;
    this.id = id;
    this.progress.hidden = state !== "sending";
    this.progress.value = 0;
    this.#offer(this.button, state === "sending" ? words.cancel : this.canBeSentAgain ? words.again : "");
    this.#offer(this.remover, this.isWaiting || this.canBeSentAgain ? words.remove : "");
  }

  // A button that goes while it has the focus hands it to its row: nobody is thrown back to the top.
  #offer(button, label) {
    if (!label && button === document.activeElement) this.element.focus();
    button.hidden = !label;
    button.textContent = label;
    if (label) button.setAttribute("aria-label", `${label}: ${this.name}`);
  }
}
