// A list, and votes for names of it and of others.

import { el, fresh } from "../dom.js";
import { exact, given, marks, ofMark, votes } from "./answer.js";
import { pointsRow, rowOf } from "./choose.js";
import { drawMarks, pick, sum } from "./parts.js";

export function draw(contest, answer, { texts, changed }) {
  const name = fresh("list");
  const chosen = votes(contest, answer);
  let [mark = null] = marks(contest, answer);
  const total = sum();
  const listed = contest.groups.find((group) => chosen.has(group.id));
  const touched = () => {
    mark = null;
    marked.show(null);
    show();
    changed();
  };
  const lists = contest.groups.map((group) => ({ id: group.id, ...pick("radio", name, el("bdi", {}, group.name), group === listed, touched, { option: group.id }) }));
  const none = contest.none ? pick("radio", name, texts.t("noList"), !listed && chosen.size > 0, touched) : null;
  const rows = new Map(contest.options.map((option) => [option.id, pointsRow(rowOf(option, contest, chosen), texts, touched)]));
  const show = () => {
    const spent = [...rows.values()].reduce((all, row) => all + row.value(), 0n);
    total.show(texts.t("namesOf", { n: spent, max: exact(contest.max) }), spent > BigInt(contest.max));
  };
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) {
      [...lists, ...(none ? [none] : [])].forEach((one) => (one.input.checked = false));
      rows.forEach((row) => row.show(0));
    }
    show();
    changed();
  });
  const read = () => {
    const items = lists.filter((one) => one.input.checked).map((one) => ({ option: one.id }));
    for (const [option, row] of rows) if (row.value() > 0n) items.push({ option, votes: given(row.value()) });
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  const sections = contest.groups.map((group) => el("section", {},
    el("h2", { class: "part" }, el("bdi", {}, group.name)),
    contest.options.filter((option) => option.groups.includes(group.id)).map((option) => rows.get(option.id).element)));
  show();
  const element = el("div", {}, el("h2", { class: "part" }, texts.t("whichList")), lists.map((one) => one.element), none?.element, el("h2", { class: "part" }, texts.t("whichNames")), sections, marked.element, total.element);
  return { element, read };
}
