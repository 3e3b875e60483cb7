// Votes for options: one, several, points, or amounts; with marks, and names that are written in.

import { button, el, fresh } from "../dom.js";
import { exact, given, marks, names, ofMark, votes } from "./answer.js";
import { drawMarks, nameOf, pick, scale, stepper, sum } from "./parts.js";

/** Up to here all numbers are shown beside each other. */
const SHOWN = 10;

export function draw(contest, answer, { texts, changed }) {
  const most = Math.max(...contest.options.map((option) => Number(option.max)), contest.writeIns ? Number(contest.each) : 0);
  if (most > 1) return drawPoints(contest, answer, texts, changed);
  return Number(contest.max) === 1 ? drawOne(contest, answer, texts, changed) : drawSeveral(contest, answer, texts, changed);
}

/** A line for a name. */
function line(contest, texts, value, number, onchange) {
  const label = contest.writeIns.places > 1 ? texts.t("writeInNumber", { n: number }) : texts.t("writeIn");
  return el("input", {
    type: "text", value, "aria-label": label, placeholder: label, autocomplete: "off", autocapitalize: "words", spellcheck: "false",
    maxlength: contest.writeIns.length, dir: "auto", oninput: onchange, data: { writein: number },
  });
}

function drawOne(contest, answer, texts, changed) {
  const name = fresh("choose");
  const [chosen] = votes(contest, answer).keys();
  const [mark] = marks(contest, answer);
  const [written] = names(contest, answer);
  const options = contest.options.map((option) => ({ item: { option: option.id }, ...pick("radio", name, nameOf(option, contest), option.id === chosen, changed, { option: option.id }) }));
  const inMarks = contest.marks.map((one) => ({ item: { mark: one.id }, ...pick("radio", name, el("bdi", {}, one.name), one.id === mark, changed, { mark: one.id }) }));
  const all = [...options, ...inMarks];
  let own = null;
  if (contest.writeIns) {
    const box = pick("radio", name, texts.t("writeInOption"), Boolean(written), () => { text.focus(); changed(); });
    const text = line(contest, texts, written?.writeIn ?? "", 1, () => {
      box.input.checked = text.value.trim() !== "" || box.input.checked;
      changed();
    });
    own = { box, text };
  }
  const inputs = [...all.map((one) => one.input), ...(own ? [own.box.input] : [])];
  const element = el("div", {},
    options.map((one) => one.element),
    own && [own.box.element, own.text],
    inMarks.length > 0 && el("div", { class: "marks" }, inMarks.map((one) => one.element)),
    button(texts.t("clearAnswer"), () => { inputs.forEach((input) => (input.checked = false)); if (own) own.text.value = ""; changed(); }, { class: "link" }),
  );
  const read = () => {
    if (own?.box.input.checked) return own.text.value.trim() ? [{ writeIn: own.text.value.trim() }] : null;
    const found = all.find((one) => one.input.checked);
    return found ? [found.item] : null;
  };
  return { element, read };
}

function drawSeveral(contest, answer, texts, changed) {
  const name = fresh("choose");
  const chosen = votes(contest, answer);
  const options = contest.options.map((option) => ({ id: option.id, ...pick("checkbox", name, nameOf(option, contest), chosen.has(option.id), () => touched(), { option: option.id }) }));
  const written = names(contest, answer);
  const lines = Array.from({ length: contest.writeIns?.places ?? 0 }, (_, place) => line(contest, texts, written[place]?.writeIn ?? "", place + 1, () => touched()));
  let [mark = null] = marks(contest, answer);
  const total = sum();
  const marked = drawMarks(contest, name, marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) {
      options.forEach((one) => (one.input.checked = false));
      lines.forEach((one) => (one.value = ""));
    }
    show();
    changed();
  });
  const read = () => {
    const items = [...options.filter((one) => one.input.checked).map((one) => ({ option: one.id })),
      ...lines.map((one) => one.value.trim()).filter(Boolean).map((writeIn) => ({ writeIn }))];
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  const show = () => {
    const count = mark ? 0 : (read() ?? []).length;
    total.show(texts.t("chosenOf", { n: count, max: exact(contest.max) }), count > Number(contest.max));
  };
  const touched = () => {
    mark = null;
    marked.show(null);
    show();
    changed();
  };
  show();
  return { element: el("div", {}, options.map((one) => one.element), lines, marked.element, total.element), read };
}

function drawPoints(contest, answer, texts, changed) {
  const points = votes(contest, answer);
  const written = names(contest, answer);
  let [mark = null] = marks(contest, answer);
  const total = sum();
  const rows = contest.options.map((option) => pointsRow(rowOf(option, contest, points), texts, () => touched()));
  const lines = Array.from({ length: contest.writeIns?.places ?? 0 }, (_, place) => {
    const text = line(contest, texts, written[place]?.writeIn ?? "", place + 1, () => touched());
    return { text, ...pointsRow({ shown: text, label: texts.t("writeInNumber", { n: place + 1 }), most: contest.each, value: written[place]?.votes ?? (written[place] ? 1 : 0) }, texts, () => touched()) };
  });
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) [...rows, ...lines].forEach((row) => row.show(0));
    show();
    changed();
  });
  const read = () => {
    const items = contest.options.map((option, place) => ({ option: option.id, votes: given(rows[place].value()) })).filter((item) => BigInt(item.votes) > 0n);
    for (const one of lines) {
      const writeIn = one.text.value.trim();
      if (writeIn) items.push({ writeIn, votes: given(one.value()) });
    }
    return items.length > 0 ? items : mark ? ofMark(mark) : null;
  };
  const show = () => {
    const given = [...rows, ...lines].reduce((all, row) => all + BigInt(row.value()), 0n);
    const all = [...contest.options.map((option) => BigInt(option.max)), ...lines.map(() => BigInt(contest.each))].reduce((one, other) => one + other, 0n);
    const bound = BigInt(contest.max) < all;
    total.show(bound ? texts.t("pointsOf", { n: given, max: exact(contest.max) }) : texts.t("points", { n: given }), given > BigInt(contest.max));
  };
  const touched = () => {
    mark = null;
    marked.show(null);
    show();
    changed();
  };
  show();
  return { element: el("div", {}, [...rows, ...lines].map((row) => row.element), marked.element, total.element), read };
}

/** What `pointsRow` takes of an option that has some votes or none. */
export const rowOf = (option, contest, votes, bounds = {}) => ({ id: option.id, shown: nameOf(option, contest), label: option.name, most: option.max, value: votes.get(option.id) ?? 0, ...bounds });

/** A row with a name and its points. */
export function pointsRow({ id, shown, label, most, value, least = 0 }, texts, onchange) {
  let current = BigInt(value);
  const element = el("div", { class: "row", data: id === undefined ? {} : { option: id } }, el("div", { class: "name" }, shown));
  const set = (number) => {
    current = BigInt(number);
    element.classList.toggle("given", current !== 0n);
    onchange();
  };
  const small = least === 0 && BigInt(most) <= BigInt(SHOWN);
  const part = small ? scale(label, most, Number(value), set, texts) : stepper(label, least, most, value, set, texts);
  element.append(part.element);
  element.classList.toggle("given", current !== 0n);
  const show = (number) => {
    current = BigInt(number);
    part.show(small ? Number(number) : number);
    element.classList.toggle("given", current !== 0n);
  };
  return { element, value: () => current, show };
}
