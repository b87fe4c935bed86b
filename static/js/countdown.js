// Counts down to the moment at which a visit opens, by the server's clock. The server decides what the page shows then:
// it is asked at that moment, now and then before, and whenever somebody comes back to the page. What else the page
// does, such as a check of the camera, goes on.

const ASK_EVERY = 60_000; // milliseconds: it may be moved or cancelled meanwhile
const AGAIN = 2_000; // the server's clock may be a little behind

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const two = (number) => String(number).padStart(2, "0");

export class CountDown extends HTMLElement {
  connectedCallback() {
    this.ends = performance.now() + Number(this.getAttribute("seconds")) * 1000;
    this.asked = performance.now();
    this.hidden = false;
    // Read out once by what stands above it, not each second.
    this.setAttribute("role", "timer");
    this.setAttribute("aria-live", "off");
    this.parentElement.querySelector("[data-without-script]")?.setAttribute("hidden", "");
    this.clock = setInterval(() => this.tick(), 1000);
    this.back = () => { if (!document.hidden) this.ask(); };
    document.addEventListener("visibilitychange", this.back);
    addEventListener("pageshow", this.back);
    this.tick();
  }

  disconnectedCallback() {
    clearInterval(this.clock);
    document.removeEventListener("visibilitychange", this.back);
    removeEventListener("pageshow", this.back);
  }

  tick() {
    const left = Math.max(0, this.ends - performance.now());
    this.textContent = left ? fill(this.dataset.words, { time: this.words(Math.ceil(left / 1000)) }) : this.dataset.now;
    if (!document.hidden && performance.now() - this.asked >= (left ? ASK_EVERY : AGAIN)) this.ask();
  }

  words(seconds) {
    const days = Math.floor(seconds / 86_400);
    const clock = [Math.floor((seconds % 86_400) / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
    return [days ? fill(this.dataset.days, { n: days }) : "", clock.map(two).join(":")].join(" ").trim();
  }

  async ask() {
    this.asked = performance.now();
    // Nobody did anything: the session may end meanwhile.
    const options = { headers: { "X-Passive": "1" }, redirect: "manual", cache: "no-store" };
    const answer = await fetch(location.href, options).catch(() => null);
    // Asked twice at nearly the same moment, it leads away once.
    if (!this.isConnected || this.left) return;
    this.left = answer?.status === 404;
    if (this.left) location.assign(this.dataset.away);
    else if (answer?.ok) this.learn(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }

  learn(page) {
    const door = this.closest("[data-door]");
    const now = page.getElementById(door.id);
    const other = page.querySelector("count-down");
    if (now.dataset.door !== door.dataset.door) door.replaceWith(now);
    else if (other.dataset.opens !== this.dataset.opens) location.reload();
    else this.ends = performance.now() + Number(other.getAttribute("seconds")) * 1000;
  }
}

customElements.define("count-down", CountDown);
