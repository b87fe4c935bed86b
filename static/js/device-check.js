// Shows what the camera sees and how loud the microphone hears; begins when somebody presses, ends when they leave.
// Nothing is recorded or sent.

const HEARD = 8; // of 100: louder than the noise of a room
const PROBLEMS = {
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class DeviceCheck extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.parentElement.querySelector("[data-without-script]").hidden = true;
    this.video = this.querySelector("[data-preview]");
    this.level = this.querySelector("[data-level]");
    this.meter = this.querySelector("meter");
    for (const button of this.querySelectorAll("[data-check]")) {
      button.addEventListener("click", () => (button.dataset.check === "stop" ? this.stop() : this.begin(button.dataset.check)));
    }
    this.leave = () => this.release();
    addEventListener("pagehide", this.leave);
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.leave);
    this.release();
  }

  say(state) {
    for (const one of this.querySelectorAll("[data-say]")) one.hidden = one.dataset.say !== state;
  }

  complain(problem) {
    for (const one of this.querySelectorAll("[data-problem]")) one.hidden = one.dataset.problem !== problem;
  }

  async begin(kind) {
    this.release();
    this.complain("");
    if (!navigator.mediaDevices?.getUserMedia) {
      this.complain("unknown");
      return;
    }
    this.say("asking");
    const wanted = (this.wanted = Symbol(kind));
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: kind === "both" });
      // Pressed again, or stopped, while the browser was asking.
      if (wanted === this.wanted) this.show(stream, kind);
      else stop(stream);
    } catch (error) {
      if (wanted === this.wanted) this.refuse(PROBLEMS[error.name] ?? "unknown");
    }
  }

  show(stream, kind) {
    this.stream = stream;
    this.video.hidden = kind !== "both";
    this.video.srcObject = kind === "both" ? stream : null;
    this.level.hidden = false;
    this.querySelector("[data-check=stop]").hidden = false;
    this.say(kind);
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.lost(stream));
    this.listen(stream);
  }

  listen(stream) {
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    this.sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const look = () => {
      if (this.stream !== stream) return;
      analyser.getFloatTimeDomainData(samples);
      const loud = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      this.meter.value = Math.min(100, Math.round(loud * 300));
      if (this.meter.value >= HEARD && !this.heard) {
        this.heard = true;
        this.say("heard");
      }
      setTimeout(look, 100);
    };
    this.heard = false;
    look();
  }

  lost(stream) {
    if (this.stream !== stream) return;
    this.release();
    this.refuse("missing");
  }

  refuse(problem) {
    this.say("");
    this.complain(problem);
  }

  stop() {
    this.release();
    this.say("stopped");
    this.querySelector("[data-check=both]").focus();
  }

  release() {
    this.wanted = null;
    if (this.stream) stop(this.stream);
    this.sound?.close();
    this.stream = this.sound = null;
    this.video.srcObject = null;
    this.meter.value = 0;
    this.video.hidden = this.level.hidden = this.querySelector("[data-check=stop]").hidden = true;
  }
}

function stop(stream) {
  for (const track of stream.getTracks()) track.stop();
}

customElements.define("device-check", DeviceCheck);
