// A station's screen: whoever comes next finds nothing of whoever was here before. The document is loaded anew, so that nothing of it is
// left in memory; the fragment is gone from the address; no field is filled in by the browser.

import { button, el } from "./dom.js";

/** Seconds without a touch: after voting, and before. The last ten and the last thirty of them are counted down. */
const AFTER = { all: 30, warn: 10 };
const BEFORE = { all: 120, warn: 30 };

export class Kiosk {
  constructor(app) {
    this.app = app;
    this.last = Date.now();
    for (const event of ["pointerdown", "keydown", "input"]) addEventListener(event, ({ target }) => this.isButton(target) || this.touched(), { capture: true });
    setInterval(() => this.tick(), 500);
  }

  touched() {
    this.last = Date.now();
    this.close();
  }

  /** What stands in the warning closes it when it is clicked, and not before. */
  isButton(target) {
    return this.box && target !== this.box && this.box.contains(target);
  }

  shown() {
    this.touched();
  }

  get isClean() {
    return this.app.screen?.name === "start" && !this.app.voter;
  }

  tick() {
    if (this.isClean || !this.app.election) return;
    const { all, warn } = this.app.cast ? AFTER : BEFORE;
    const left = Math.ceil(all - (Date.now() - this.last) / 1000);
    if (left <= 0) this.clean();
    else if (left <= warn) this.warn(left);
  }

  warn(left) {
    const t = this.app.texts;
    if (!this.box) {
      this.number = el("p", { class: "countdown", "aria-hidden": "true" });
      this.box = el("dialog", { "aria-label": t.t("stillThere") },
        el("h2", {}, t.t("stillThere")), el("p", {}, t.t("stillThereText")), this.number,
        el("div", { class: "buttons" }, button(t.t("iAmHere"), () => this.touched(), { class: "main" })));
      this.box.addEventListener("cancel", () => this.touched());
      document.body.append(this.box);
      this.box.showModal();
    }
    this.number.textContent = t.n(left);
  }

  close() {
    this.box?.remove();
    this.box = null;
  }

  /** Ends with a clean screen. */
  clean() {
    this.app.forget();
    this.app.given = { credential: "", tracker: "", key: "" };
    document.querySelector("main").replaceChildren();
    location.reload();
  }
}
