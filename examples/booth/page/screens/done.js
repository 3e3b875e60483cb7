// What became of the ballot that was cast.

import { button, el } from "../dom.js";
import * as show from "../show.js";
import { cast, formOf } from "../voting.js";
import { ballot } from "./ballot.js";
import { find } from "./find.js";
import { savedBallot } from "./folder.js";

export function done(app) {
  const t = app.texts;
  if (app.cast.state === "file") return savedBallot(app);
  const { state, checks, error, tracker, key, receipt } = app.cast;
  const accepted = state === "accepted";
  return [
    el("h1", {}, t.t(`done.${state}`)),
    el("div", { class: `note ${accepted ? "good" : state === "kept" ? "warn" : "bad"}`, data: { state } },
      el("p", {}, t.t(`done.${state}Text`)),
      state === "kept" && !app.queue.lasts && el("p", {}, t.t("doNotClose"))),
    !accepted && state !== "kept" && show.problem(t, error),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("tracker")),
      show.tracker(tracker),
      el("details", {},
        el("summary", {}, t.t("yourKey")),
        el("p", {}, t.t("yourKeyText")),
        el("p", {}, show.code(key))),
      (accepted || state === "wrong") && [el("h2", {}, t.t("whatWasChecked")), checks.element(t)]),
    receipt && !app.isKiosk && el("details", { class: "sheet" },
      el("summary", {}, t.t("receipt")),
      el("p", {}, t.t("receiptText")),
      el("p", {}, show.code(receipt)),
      el("div", { class: "buttons" }, show.save(t.t("saveReceipt"), "receipt.txt", `${receipt}\n`))),
    el("div", { class: "buttons" }, next(app, accepted)),
    accepted && !app.isKiosk && el("p", { class: "quiet" }, t.t("againText")),
  ];
}

function next(app, accepted) {
  const t = app.texts;
  if (app.isKiosk) return button(t.t("finish"), () => app.kiosk.clean(), { class: "main", data: { do: "finish" } });
  const lookUp = () => {
    app.given.tracker = app.cast.tracker;
    app.show(find);
  };
  return [
    accepted && button(t.t("lookUpNow"), lookUp, { class: "main", data: { do: "find" } }),
    // A ballot that was refused or kept is never encrypted again by itself: the voter decides.
    accepted && app.voter.sequence < mostBallots(app) && button(t.t("voteAgain"), () => { app.choices = {}; app.step = 0; app.show(ballot); }, { class: "plain", data: { do: "again" } }),
  ];
}

const mostBallots = (app) => app.election.manifest.ballots_per_voter ?? 16;
