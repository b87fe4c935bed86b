// A place to draw one's signature, beside the typed name that signs. Nobody has to.

import { note } from "./form-autosave.js";
import { form } from "./form-send.js";
import { say, words } from "./form-shown.js";

const WIDTH = 480;
const HEIGHT = 160;
const LONGEST = 100_000; // characters of the picture

class Pad {
  constructor(box) {
    this.input = box.querySelector("input");
    this.canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT, className: "pad" });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", words.pad);
    this.pen = this.canvas.getContext("2d");
    Object.assign(this.pen, { lineWidth: 2.5, lineCap: "round", lineJoin: "round" });
    this.clear = Object.assign(document.createElement("button"), { type: "button", className: "button plain", textContent: words.clear });
    const label = Object.assign(document.createElement("p"), { className: "help", textContent: words.pad, ariaHidden: "true" });
    box.append(label, this.canvas, this.clear);
    box.hidden = false;
    this.#listen();
    this.#restore();
  }

  #listen() {
    this.canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    this.canvas.addEventListener("pointermove", (event) => this.#draw(event));
    for (const kind of ["pointerup", "pointercancel"]) this.canvas.addEventListener(kind, () => this.#end());
    this.clear.addEventListener("click", () => {
      this.pen.clearRect(0, 0, WIDTH, HEIGHT);
      this.#keep("");
      say(words.cleared);
    });
  }

  #at({ clientX, clientY }) {
    const box = this.canvas.getBoundingClientRect();
    return [((clientX - box.left) * WIDTH) / box.width, ((clientY - box.top) * HEIGHT) / box.height];
  }

  #begin(event) {
    if (event.button) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.pen.beginPath();
    this.pen.moveTo(...this.#at(event));
    this.#draw(event);
  }

  #draw(event) {
    if (!this.drawing) return;
    this.pen.lineTo(...this.#at(event));
    this.pen.stroke();
  }

  #end() {
    if (!this.drawing) return;
    this.drawing = false;
    const picture = this.canvas.toDataURL("image/png");
    if (picture.length < LONGEST) this.#keep(picture);
  }

  #keep(picture) {
    this.input.value = picture;
    note();
  }

  #restore() {
    if (!this.input.value) return;
    const picture = new Image();
    picture.addEventListener("load", () => this.pen.drawImage(picture, 0, 0, WIDTH, HEIGHT));
    picture.src = this.input.value;
  }
}

for (const box of form.querySelectorAll("[data-drawing]")) new Pad(box);
