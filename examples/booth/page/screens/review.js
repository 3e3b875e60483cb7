// All answers once more, before they are encrypted.

import { isEmpty, shown } from "../contests/index.js";
import { button, el } from "../dom.js";
import { mistakeText } from "../mistakes.js";
import * as show from "../show.js";
import { formOf, mistakesOf, seal } from "../voting.js";
import { ballot, openContests } from "./ballot.js";
import { decide } from "./decide.js";

export function review(app) {
  const t = app.texts;
  const form = formOf(app);
  const contests = openContests(app);
  const mistakes = mistakesOf(app);
  const trouble = el("div", {});
  const change = (place) => button(t.t("change"), () => { app.step = place; app.show(ballot); },
    { class: "link", "aria-label": t.t("changeOf", { name: contests[place].title }), data: { change: contests[place].id } });
  const encrypt = () => {
    try {
      seal(app);
      app.show(decide);
    } catch (error) {
      trouble.replaceChildren(show.problem(t, error));
    }
  };
  const ofContest = (contest) => mistakes.filter((mistake) => mistake.contest === contest.id)
    .map((mistake) => el("p", { class: "note bad" }, mistakeText(mistake, contest, t)));
  const others = mistakes.filter((mistake) => !contests.some((contest) => contest.id === mistake.contest));
  return [
    el("h1", {}, t.t("reviewTitle")),
    el("p", {}, t.t("reviewText")),
    el("section", { class: "sheet" },
      el("dl", { class: "review" }, contests.map((contest, place) => el("div", { data: { contest: contest.id } },
        el("dt", {}, el("bdi", {}, contest.title)),
        el("dd", {},
          el("div", {},
            el("ul", {}, shown(contest, app.choices[contest.id], t).map((line) => el("li", {}, line))),
            ofContest(contest),
            isEmpty(contest, app.choices[contest.id]) && contest.marks.length > 0 && el("p", { class: "hint" }, t.t("markHint", { names: t.list(contest.marks.map((mark) => mark.name)) }))),
          change(place))))),
      others.map((mistake) => el("p", { class: "note bad" }, mistakeText(mistake, null, t))),
      el("p", { class: "quiet small" }, t.t("ballotOf", { district: form.district.name, weight: Number(app.voter.weight) > 1 ? t.t("weightIs", { n: BigInt(app.voter.weight) }) : "" }))),
    trouble,
    el("p", {}, t.t("encryptText")),
    el("div", { class: "buttons" },
      button(t.t("encrypt"), encrypt, { class: "main", disabled: mistakes.length > 0, data: { do: "encrypt" } }),
      button(t.t("back"), () => { app.step = contests.length - 1; app.show(ballot); }, { class: "plain" })),
  ];
}
