// Looking a ballot up by its tracker and the voter's key, with proofs that the page verifies.

import { button, el, fresh } from "../dom.js";
import * as show from "../show.js";
import { lookUp } from "../voting.js";
import { second } from "./second.js";

/** Fields for tracker and key, as the voter wrote them down. */
export function trackerForm(app, label, then) {
  const t = app.texts;
  const ids = { tracker: fresh("tracker"), key: fresh("key"), hint: fresh("hint") };
  const field = (name, value) => el("input", { id: ids[name], type: "text", class: "code", dir: "ltr", value, required: true, autocomplete: "off", spellcheck: "false", autocapitalize: "none", data: { field: name }, "aria-describedby": name === "key" ? ids.hint : null });
  const [tracker, key] = [field("tracker", app.given.tracker), field("key", app.given.key)];
  const submit = async (event) => {
    event.preventDefault();
    Object.assign(app.given, { tracker: tidy(tracker.value), key: tidy(key.value) });
    await then(app.given.tracker, app.given.key);
  };
  return el("form", { class: "tablet", onsubmit: submit },
    el("label", { class: "field", htmlFor: ids.tracker }, t.t("tracker")), tracker,
    el("label", { class: "field", htmlFor: ids.key }, t.t("yourKey")), key,
    el("p", { class: "hint", id: ids.hint }, t.t("keyHint")),
    el("div", { class: "buttons" }, el("button", { class: "main", data: { do: "look" } }, label)));
}

/** Spaces and dashes are for reading. */
const tidy = (text) => text.replaceAll(/[\s-]/g, "").toLowerCase();

export function find(app) {
  const t = app.texts;
  const { found } = app;
  const search = async (tracker, key) => {
    // The answer to another question must not stand there meanwhile.
    app.found = null;
    app.draw();
    app.found = await lookUp(app, tracker, key);
    app.draw();
    app.main.querySelector("[data-found]")?.focus();
  };
  return [
    el("h1", {}, t.t("findTitle")),
    el("p", {}, t.t("findText")),
    trackerForm(app, t.t("lookUp"), search),
    found && answer(app, found),
  ];
}

function answer(app, found) {
  const t = app.texts;
  const good = found.state === "counts";
  return el("section", { class: "sheet", tabindex: "-1", data: { found: found.state } },
    el("h2", {}, t.t(`found.${found.state}`)),
    el("p", {}, t.t(`found.${found.state}Text`, { n: found.entry ?? 0, by: found.replacedBy ?? 0 })),
    !good && found.error && show.problem(t, found.error),
    found.checks.element(t),
    found.state === "spoiled" && button(t.t("toSecond"), () => { app.second = null; app.show(second); }, { class: "plain" }));
}
