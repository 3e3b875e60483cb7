// The list of what the page checks, with a tick as each check is done.

import { el } from "./dom.js";

const SIGNS = { waiting: "·", done: "✓", failed: "✗", told: "?" };

/** Checks by their ids: each has a text `check.ID`, and stands as waiting until it is set. `told` is what nobody proved. */
export class Checks {
  constructor(ids) {
    this.entries = new Map(ids.map((id) => [id, { state: "waiting", detail: null }]));
    this.drawn = null;
  }

  /** What is shown with `detail` is a function of the texts, so that it can be shown again in another language. */
  set(id, state, detail = null) {
    this.entries.set(id, { state, detail });
    this.drawn?.();
  }

  done = (id, detail) => this.set(id, "done", detail);
  failed = (id, detail) => this.set(id, "failed", detail);
  told = (id, detail) => this.set(id, "told", detail);

  get hasFailed() {
    return [...this.entries.values()].some((entry) => entry.state === "failed");
  }

  element(texts) {
    const list = el("ul", { class: "checks", "aria-label": texts.t("whatIsChecked") });
    this.drawn = () => list.replaceChildren(...[...this.entries].map(([id, { state, detail }]) =>
      el("li", { data: { state, check: id } },
        el("span", { class: "tick", "aria-hidden": "true" }, SIGNS[state]),
        el("span", {}, el("span", { class: "visually-hidden" }, `${texts.t(`state.${state}`)}: `), texts.t(`check.${id}`)),
        detail && el("span", { class: "detail" }, detail(texts)))));
    this.drawn();
    return list;
  }
}
