// On a second device: what the first one had encrypted. It is taken from the board, and nothing comes from the first device but what
// the voter wrote down.

import { button, el } from "../dom.js";
import * as show from "../show.js";
import { checkChallenge } from "../voting.js";
import { trackerForm } from "./find.js";

export function second(app) {
  const t = app.texts;
  const check = async (tracker, key) => {
    app.second = await checkChallenge(app, tracker, key);
    app.draw();
    app.main.querySelector("[data-found]")?.focus();
  };
  return [
    el("h1", {}, t.t("secondTitle")),
    el("p", {}, t.t("secondText")),
    trackerForm(app, t.t("checkChallenge"), check),
    app.second && answer(app, app.second),
  ];
}

function answer(app, { state, opened, error, entry, said }) {
  const t = app.texts;
  const says = (verdict) => {
    app.second.said = verdict;
    app.draw();
    app.main.querySelector("[data-said]")?.focus();
  };
  if (state !== "opened") {
    return el("section", { class: "sheet", tabindex: "-1", data: { found: state } },
      el("h2", {}, t.t(`second.${state}`)),
      el("div", { class: state === "unreachable" ? "note warn" : "note bad" }, el("p", {}, t.t(`second.${state}Text`, { n: entry ?? 0 }))),
      error && show.problem(t, error));
  }
  const form = app.election.form(opened.style, app.inManifest);
  const title = (id) => form.contests.find((contest) => contest.id === id)?.title ?? id;
  return el("section", { class: "sheet", tabindex: "-1", data: { found: state } },
    el("h2", {}, t.t("second.opened")),
    el("p", {}, t.t("second.openedText", { n: entry })),
    el("dl", { class: "review" }, opened.contests.map((contest) => el("div", { data: { contest: contest.id } },
      el("dt", {}, el("bdi", {}, title(contest.id))),
      el("dd", {}, contest.marks.length === 0 ? el("em", { class: "quiet" }, t.t("noAnswer")) : el("ul", {}, contest.marks.map((mark) => el("li", {}, markText(mark, form.contests.find((one) => one.id === contest.id), t)))))))),
    el("h3", {}, t.t("isThatIt")),
    el("div", { class: "buttons equal" },
      button(t.t("yesSame"), () => says("same"), { class: "plain", data: { do: "same" } }),
      button(t.t("noOther"), () => says("other"), { class: "plain", data: { do: "other" } })),
    said && el("div", { class: `note ${said === "same" ? "good" : "bad"}`, tabindex: "-1", role: "alert", data: { said } }, el("p", {}, t.t(`second.${said}`, { n: entry }))));
}

/** A mark of an opened ballot by the names that the voter knows. */
function markText(mark, contest, t) {
  const named = (id) => [...(contest?.options ?? []), ...(contest?.groups ?? [])].find((one) => one.id === id)?.name ?? id;
  const count = mark.rank !== undefined ? t.t("rankIs", { rank: t.n(Number(mark.rank)) })
    : mark.against !== undefined ? t.n(-BigInt(mark.against)) : mark.votes !== undefined ? t.n(BigInt(mark.votes)) : "";
  if (mark.kind === "option") return [el("bdi", {}, named(mark.option)), count && `: ${count}`];
  if (mark.kind === "write-in") return [el("bdi", {}, mark.name ?? mark.text), ` (${t.t("writtenIn")})`, count && `: ${count}`];
  if (mark.kind === "grade") return [el("bdi", {}, named(mark.option)), ": ", el("bdi", {}, contest?.grades.find((grade) => grade.id === mark.grade)?.name ?? mark.grade)];
  if (mark.kind === "mark") return el("bdi", {}, contest?.marks.find((one) => one.id === mark.mark)?.name ?? mark.mark);
  return mark.text;
}
