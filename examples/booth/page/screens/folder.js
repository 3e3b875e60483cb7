// Without a server: the bundle comes from a file, and the ballot goes into one.

import { isOnChain } from "../chain.js";
import { el, fresh } from "../dom.js";
import * as show from "../show.js";
import { welcome } from "./welcome.js";

/** A field for the bundle as a file, where no server gives it. */
export function readBundle(app) {
  const t = app.texts;
  const id = fresh("bundle");
  const trouble = el("div", {});
  const input = el("input", { id, type: "file", data: { field: "bundle" }, onchange: async () => {
    try {
      app.election = app.tabella.openBundle(await input.files[0].text(), app.hash);
      app.opening.checks.done("bundle");
      app.opening.checks.done("keys");
      app.opening.checks.told("checkpoint", (texts) => texts.t("noServer"));
      for (const id of ["continues", ...(isOnChain ? ["chain"] : [])]) app.opening.checks.told(id, (texts) => texts.t("noServer"));
      app.folder = true;
      app.show(welcome);
    } catch (error) {
      trouble.replaceChildren(show.problem(t, error));
    }
  } });
  return el("section", { class: "sheet" },
    el("h2", {}, t.t("fromFile")),
    el("p", {}, t.t("fromFileText")),
    el("label", { class: "field", htmlFor: id }, t.t("bundleFile")), input, trouble);
}

/** Casts into a file. The file is the ballot, encrypted: whoever finds it can read nothing, and the board takes it once. */
export async function saveBallot(app) {
  const bytes = app.sealed.cast();
  app.sealed = null;
  app.cast = { state: "file", tracker: app.tracker, key: app.voter.key, text: app.tabella.toText(bytes) };
}

export function savedBallot(app) {
  const t = app.texts;
  const { tracker, text } = app.cast;
  return [
    el("h1", {}, t.t("fileTitle")),
    el("p", {}, t.t("fileText")),
    el("section", { class: "sheet" }, el("h2", {}, t.t("tracker")), show.tracker(tracker),
      el("div", { class: "buttons" }, show.save(t.t("saveBallot"), "ballot.txt", text, { data: { do: "save" } }))),
  ];
}

/** Which ballot: without a server nobody tells, so the voter does. */
export function styleChoice(app) {
  const t = app.texts;
  const id = fresh("style");
  // A manifest without styles has one, for all districts.
  const ids = app.election.manifest.styles?.map((style) => style.id) ?? ["all"];
  const styles = ids.map((id) => ({ id, name: app.election.form(id, app.inManifest).district.name }));
  const select = el("select", { id, data: { field: "style" } }, styles.map((style) => el("option", { value: style.id }, style.name)));
  return { element: el("div", {}, el("label", { class: "field", htmlFor: id }, t.t("whichBallot")), select), value: () => select.value };
}
