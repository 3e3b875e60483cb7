// The tracker, and only then the question: cast, or challenge. Both buttons are of one size, and nothing is advised.

import { button, el } from "../dom.js";
import * as show from "../show.js";
import { cast, challenge } from "../voting.js";
import { challenged } from "./challenged.js";
import { done } from "./done.js";
import { saveBallot } from "./folder.js";

export function decide(app) {
  const t = app.texts;
  const buttons = el("div", { class: "buttons equal" });
  const choice = (key, what, to) => button([el("span", { class: "choice" }, t.t(key), el("small", {}, t.t(`${key}Text`)))], async () => {
    buttons.querySelectorAll("button").forEach((one) => (one.disabled = true));
    status.textContent = t.t("sending");
    await what(app);
    app.show(to);
  }, { class: "plain", data: { do: key } });
  const status = el("p", { role: "status" });
  buttons.append(choice("cast", app.folder ? saveBallot : cast, done), app.folder ? "" : choice("challenge", challenge, challenged));
  return [
    el("h1", {}, t.t("decideTitle")),
    el("section", { class: "tablet" },
      el("p", {}, t.t("trackerWrite")),
      el("h2", { class: "eyebrow" }, t.t("tracker")),
      show.tracker(app.tracker),
      el("p", { class: "quiet" }, t.t("trackerText"))),
    el("h2", {}, t.t("decideQuestion")),
    el("p", {}, t.t("decideText")),
    buttons,
    status,
  ];
}
