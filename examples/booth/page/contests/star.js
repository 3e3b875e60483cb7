// A score for each option, from 0 on.

import { el, fresh } from "../dom.js";
import { given, marks, ofMark, votes } from "./answer.js";
import { pointsRow, rowOf } from "./choose.js";
import { drawMarks } from "./parts.js";

export function draw(contest, answer, { texts, changed }) {
  const points = votes(contest, answer);
  let [mark = null] = marks(contest, answer);
  const touched = () => {
    mark = null;
    marked.show(null);
    changed();
  };
  const rows = contest.options.map((option) => pointsRow(rowOf(option, contest, points, { most: contest.each }), texts, touched));
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) rows.forEach((row) => row.show(0));
    changed();
  });
  const read = () => {
    const items = contest.options.map((option, place) => ({ option: option.id, votes: given(rows[place].value()) })).filter((item) => BigInt(item.votes) > 0n);
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  return { element: el("div", {}, rows.map((row) => row.element), marked.element), read };
}
