// A grade for each option.

import { el, fresh } from "../dom.js";
import { grades, marks, ofMark } from "./answer.js";
import { drawMarks, nameOf, scale } from "./parts.js";

export function draw(contest, answer, { texts, changed }) {
  const chosen = grades(contest, answer);
  let [mark = null] = marks(contest, answer);
  const shown = contest.grades.map((grade) => grade.name);
  const rows = contest.options.map((option) => {
    const row = { id: option.id, grade: chosen.get(option.id) ?? null };
    const value = contest.grades.findIndex((grade) => grade.id === row.grade) + 1;
    const part = scale(option.name, shown.length, value, (number) => {
      row.grade = contest.grades[number - 1].id;
      row.element.classList.add("given");
      mark = null;
      marked.show(null);
      changed();
    }, texts, { names: shown });
    row.element = el("div", { class: value ? "row given" : "row", data: { option: option.id } }, el("div", { class: "name" }, nameOf(option, contest)), part.element);
    row.clear = () => {
      row.grade = null;
      part.show(null);
      row.element.classList.remove("given");
    };
    return row;
  });
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) rows.forEach((row) => row.clear());
    changed();
  });
  const read = () => {
    const items = rows.filter((row) => row.grade !== null).map((row) => ({ option: row.id, grade: row.grade }));
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  return { element: el("div", {}, rows.map((row) => row.element), marked.element), read };
}
