// What a station shows between two voters.

import { button, el } from "../dom.js";
import { ballot } from "./ballot.js";
import { opening, welcome } from "./welcome.js";

export function start(app) {
  const t = app.texts;
  if (!app.election) return opening(app);
  return el("div", { class: "start" },
    el("h1", {}, el("bdi", {}, app.text(app.election.manifest.title))),
    el("p", {}, t.t("startText")),
    button(t.t("start"), () => app.show(app.voter ? ballot : welcome), { class: "main", data: { do: "start" } }));
}
