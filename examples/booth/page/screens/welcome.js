// The first screen: whose election this is, what the page checks, and the voter's credential.

import { button, el, fresh } from "../dom.js";
import { credentialOf, enter, openElection, trustees } from "../voting.js";
import * as show from "../show.js";
import { ballot } from "./ballot.js";
import { readBundle, styleChoice } from "./folder.js";

/** Before the election is open: the hash, if no link brought it, or what is checked just now. */
export function opening(app) {
  const t = app.texts;
  if (app.election) return welcome(app);
  if (!app.hash) return askHash(app);
  const { checks, error } = app.opening ?? {};
  return [
    el("h1", {}, t.t("openingTitle")),
    el("p", { role: "status" }, t.t(error ? "openingFailed" : "openingNow")),
    checks?.element(t),
    error && show.problem(t, error),
    error && explain(app, error),
  ];
}

function explain(app, error) {
  const again = button(app.t("again"), () => openElection(app), { class: "plain" });
  const wrong = show.isWrong(error);
  return [
    wrong && el("div", { class: "note bad" }, el("p", {}, app.t("doNotVote"))),
    wrong && el("p", {}, app.t("expectedHash")),
    wrong && show.hash(app.hash),
    el("div", { class: "buttons" }, again, button(app.t("otherHash"), () => { app.hash = null; app.opening = null; app.draw(); }, { class: "plain" })),
    !wrong && readBundle(app),
  ];
}

function askHash(app) {
  const t = app.texts;
  const id = fresh("hash");
  const hint = fresh("hint");
  const input = el("input", { id, type: "text", class: "code", dir: "ltr", autocomplete: "off", spellcheck: "false", autocapitalize: "none", "aria-describedby": hint });
  const wrong = el("p", { class: "note bad", role: "alert", hidden: true });
  const open = () => {
    const typed = input.value.toLowerCase();
    // A whole link may be pasted, too.
    const found = /[#&]e=([0-9a-f]{64})/.exec(typed)?.[1] ?? typed.replaceAll(/[^0-9a-z]/g, "");
    wrong.hidden = /^[0-9a-f]{64}$/.test(found);
    wrong.textContent = t.t("hashWrong", { n: found.length });
    if (!wrong.hidden) return input.focus();
    app.hash = found;
    openElection(app);
  };
  return [
    el("h1", {}, t.t("hashTitle")),
    el("p", {}, t.t("hashWhy")),
    el("form", { onsubmit: (event) => { event.preventDefault(); open(); } },
      el("label", { class: "field", htmlFor: id }, t.t("hashLabel")),
      input,
      el("p", { class: "hint", id: hint }, t.t("hashHint")),
      wrong,
      el("div", { class: "buttons" }, el("button", { class: "main" }, t.t("openElection")))),
  ];
}

/** Who holds the election, what was checked, and the way in. */
export function welcome(app) {
  const t = app.texts;
  const { manifest } = app.election;
  return [
    el("p", { class: "eyebrow" }, t.t("welcome")),
    el("h1", {}, el("bdi", {}, app.text(manifest.title))),
    signIn(app),
    el("section", { class: "sheet" },
      el("h2", {}, t.t("whoHolds")),
      el("p", {}, t.t("whoHoldsText", { names: trustees(manifest, t), threshold: threshold(manifest, t) })),
      el("h2", {}, t.t("whatIsChecked")),
      app.opening?.checks.element(t),
      el("details", {},
        el("summary", {}, t.t("hashOfElection")),
        el("p", {}, t.t("hashCompare")),
        show.hash(app.election.hash)),
      el("details", {},
        el("summary", {}, t.t("whatNot")),
        el("ul", {}, ["notServer", "notDevice", "notRoll", "notReceiptFree", "notWho"].map((key) => el("li", {}, t.t(key)))))),
  ];
}

const threshold = (manifest, t) => (manifest.trustees[0]?.members
  ? t.t("thresholdGroups")
  : t.t("thresholdOf", { n: manifest.threshold, all: manifest.trustees.length }));

function signIn(app) {
  const t = app.texts;
  const id = fresh("credential");
  const hint = fresh("hint");
  const input = el("input", { id, type: "text", class: "code", dir: "ltr", value: app.given.credential, autocomplete: "off", spellcheck: "false", autocapitalize: "none", "aria-describedby": hint, data: { field: "credential" } });
  const trouble = el("div", {});
  const style = app.folder ? styleChoice(app) : null;
  const go = async () => {
    trouble.replaceChildren();
    try {
      await enter(app, credentialOf(input.value), style?.value());
      app.given.credential = "";
      app.show(ballot);
    } catch (error) {
      trouble.replaceChildren(show.problem(t, error));
      input.focus();
    }
  };
  return el("form", { class: "tablet", onsubmit: (event) => { event.preventDefault(); go(); } },
    el("label", { class: "field", htmlFor: id }, t.t("credential")),
    input,
    el("p", { class: "hint", id: hint }, t.t(app.given.credential ? "credentialGiven" : "credentialHint")),
    style?.element,
    trouble,
    el("div", { class: "buttons" }, el("button", { class: "main", data: { do: "enter" } }, t.t("toBallot"))));
}
