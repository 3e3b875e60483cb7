// Votes for and against options, of which n cost n² credits.

import { el, fresh } from "../dom.js";
import { exact, marks, ofMark, votes } from "./answer.js";
import { pointsRow, rowOf } from "./choose.js";
import { drawMarks, sum } from "./parts.js";

export function draw(contest, answer, { texts, changed }) {
  const chosen = votes(contest, answer);
  let [mark = null] = marks(contest, answer);
  const total = sum();
  const least = contest.against ? -Number(contest.each) : 0;
  const touched = () => {
    mark = null;
    marked.show(null);
    show();
    changed();
  };
  const rows = contest.options.map((option) => pointsRow(rowOf(option, contest, chosen, { most: contest.each, least }), texts, touched));
  const show = () => {
    const spent = rows.reduce((all, row) => all + row.value() * row.value(), 0n);
    total.show(texts.t("creditsOf", { n: spent, max: exact(contest.credits) }), spent > BigInt(contest.credits));
  };
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) rows.forEach((row) => row.show(0));
    show();
    changed();
  });
  const read = () => {
    const items = contest.options.map((option, place) => ({ option: option.id, votes: Number(rows[place].value()) })).filter((item) => item.votes !== 0);
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  show();
  return { element: el("div", {}, rows.map((row) => row.element), marked.element, total.element), read };
}
