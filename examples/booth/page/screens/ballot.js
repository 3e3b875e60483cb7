// The ballot: one contest after the other.

import { draw, isOpen, rules } from "../contests/index.js";
import { button, el } from "../dom.js";
import { mistakeText } from "../mistakes.js";
import { formOf, mistakesOf } from "../voting.js";
import { review } from "./review.js";

/** The contests that this voter can answer, now that others are answered as they are. */
export const openContests = (app) => {
  const { contests } = formOf(app);
  return contests.filter((contest) => isOpen(contest, contests, app.choices));
};

export function ballot(app) {
  const t = app.texts;
  const form = formOf(app);
  const contests = openContests(app);
  app.step = Math.min(app.step, contests.length - 1);
  const contest = contests[app.step];
  const trouble = el("div", { role: "status" });
  const drawn = draw(contest, app.choices[contest.id], { texts: t, weight: app.voter.weight, changed: () => keep() });
  const keep = () => {
    app.choices[contest.id] = drawn.read();
    trouble.replaceChildren();
  };
  const go = (step) => {
    keep();
    dropClosed(app, form);
    const after = openContests(app);
    if (step >= after.length) return app.show(review);
    app.step = Math.max(step, 0);
    app.show(ballot);
  };
  const next = () => {
    keep();
    // Only what is wrong here: a contest that was not reached is no mistake yet.
    const wrong = mistakesOf(app).filter((mistake) => mistake.contest === contest.id);
    if (wrong.length === 0 || drawn.read() === null) return go(app.step + 1);
    trouble.replaceChildren(el("div", { class: "note bad" }, wrong.map((mistake) => el("p", {}, mistakeText(mistake, contest, t)))));
    trouble.scrollIntoView({ block: "nearest" });
  };
  const title = contest.question ?? contest.title;
  return [
    el("ol", { class: "steps", "aria-hidden": "true" }, contests.map((_, place) => el("li", { class: place < app.step ? "past" : place === app.step ? "now" : "" }))),
    el("p", { class: "eyebrow" }, t.t("questionOf", { number: t.n(app.step + 1), n: contests.length }), " · ", el("bdi", {}, form.district.name)),
    el("h1", {}, el("bdi", {}, title)),
    el("form", { class: "tablet", data: { contest: contest.id, kind: contest.kind }, onsubmit: (event) => { event.preventDefault(); next(); } },
      el("fieldset", {},
        el("legend", { class: "visually-hidden" }, title),
        rules(contest, t, app.voter.weight).map((sentence) => el("p", { class: "hint" }, sentence)),
        drawn.element),
      trouble,
      el("div", { class: "buttons" },
        el("button", { class: "main", data: { do: "next" } }, t.t(app.step + 1 < contests.length ? "next" : "toReview")),
        app.step > 0 && button(t.t("back"), () => go(app.step - 1), { class: "plain", data: { do: "back" } }))),
    el("p", { class: "quiet small" }, t.t("onlyHere")),
    app.step === 0 && app.voter.sequence > 0 && el("p", { class: "note" }, t.t("votedBefore", { n: app.voter.sequence })),
  ];
}

/** What was answered in a contest that cannot be answered any more is taken back. */
function dropClosed(app, form) {
  for (const contest of form.contests) {
    if (!isOpen(contest, form.contests, app.choices)) delete app.choices[contest.id];
  }
}
