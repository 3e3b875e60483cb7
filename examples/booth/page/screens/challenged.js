// After a challenge: the ballot is opened, and another device shows what was inside.

import { button, el } from "../dom.js";
import * as show from "../show.js";
import { finishChallenge } from "../voting.js";
import { review } from "./review.js";

export function challenged(app) {
  const t = app.texts;
  const { state, error, tracker, key, entry } = app.challenge;
  const again = async () => {
    await finishChallenge(app);
    app.show(challenged);
  };
  const link = `${location.origin}${location.pathname}#e=${app.election.hash}&t=${tracker}`;
  const anew = button(t.t("encryptAnew"), () => {
    app.challenge.spoiled.free?.();
    app.challenge = null;
    app.show(review);
  }, { class: state === "opened" ? "main" : "plain", data: { do: "anew" } });
  if (state !== "opened") {
    return [
      el("h1", {}, t.t(state === "unsent" ? "challengeUnsent" : "challengeFailed")),
      el("p", {}, t.t(state === "unsent" ? "challengeUnsentText" : "challengeFailedText")),
      show.problem(t, error),
      el("h2", {}, t.t("tracker")),
      show.tracker(tracker),
      el("div", { class: "buttons" }, state === "unsent" && button(t.t("again"), again, { class: "main" }), state !== "unsent" && anew),
    ];
  }
  return [
    el("h1", {}, t.t("challengedTitle")),
    el("div", { class: "note" }, el("p", {}, t.t("challengedText"))),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("onSecond")),
      el("ol", {},
        el("li", {}, t.t("secondOpen"), el("br"), show.code(link)),
        el("li", {}, t.t("secondTracker")),
        el("li", {}, t.t("secondKey")),
        el("li", {}, t.t("secondCompare"))),
      el("h3", {}, t.t("tracker")),
      show.tracker(tracker),
      el("p", { class: "quiet" }, t.t("entryIs", { n: entry })),
      el("details", {}, el("summary", {}, t.t("yourKey")), el("p", {}, t.t("keyFromPaper")), el("p", {}, show.code(key)))),
    el("p", {}, t.t("anewText")),
    el("div", { class: "buttons" }, anew),
  ];
}
