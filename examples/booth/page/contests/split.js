// All of a voter's weight, split over the options.

import { el } from "../dom.js";
import { given, votes } from "./answer.js";
import { pointsRow, rowOf } from "./choose.js";
import { sum } from "./parts.js";

export function draw(contest, answer, { texts, changed, weight }) {
  const shares = votes(contest, answer);
  const total = sum();
  const touched = () => {
    show();
    changed();
  };
  const rows = contest.options.map((option) => pointsRow(rowOf(option, contest, shares, { most: weight }), texts, touched));
  const show = () => {
    const spent = rows.reduce((all, row) => all + row.value(), 0n);
    total.show(texts.t("sharesOf", { n: spent, max: BigInt(weight) }), spent > BigInt(weight));
  };
  const read = () => {
    const items = contest.options.map((option, place) => ({ option: option.id, votes: given(rows[place].value()) })).filter((item) => BigInt(item.votes) > 0n);
    return items.length > 0 ? items : null;
  };
  show();
  return { element: el("div", {}, rows.map((row) => row.element), total.element), read };
}
