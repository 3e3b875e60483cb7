// A ranking: by dragging, by buttons, or by keys. Some kinds take names, ties, or all options.

import { button, el, fresh } from "../dom.js";
import { marks, ofMark, ranks } from "./answer.js";
import { drawMarks, nameOf } from "./parts.js";

export function draw(contest, answer, { texts, changed }) {
  // The order of what is ranked; `tied` says that it has the rank of the one before.
  let order = ranks(contest, answer).flatMap((rank) => rank.map((item, place) => ({ item, tied: place > 0 })));
  let [mark = null] = marks(contest, answer);
  const list = el("ol", { class: "ranked", "aria-label": texts.t("ranked") });
  const rest = el("div", { role: "group", "aria-label": texts.t("notRanked") });
  const said = el("p", { class: "visually-hidden", role: "status" });
  const restTitle = el("h2", { class: "part" }, texts.t("notRanked"));
  const most = contest.kind === "places" ? contest.points.length : Number(contest.max);

  const label = (item) => ("writeIn" in item ? item.writeIn : contest.options.find((option) => option.id === item.option).name);
  const shownName = (item) => ("writeIn" in item ? [el("bdi", {}, item.writeIn), el("span", { class: "detail" }, texts.t("writtenIn"))] : nameOf(contest.options.find((option) => option.id === item.option), contest));
  const rankOf = (place) => order.slice(0, place + 1).filter((one) => !one.tied).length;

  const settle = (focus, text) => {
    if (order.length > 0) order[0].tied = false;
    if (order.length > 0) { mark = null; marked.show(null); }
    show(focus);
    if (text) said.textContent = text;
    changed();
  };
  const tell = (item) => texts.t("nowRanked", { name: label(item), place: rankOf(order.findIndex((one) => one.item === item)), n: order.length });
  const add = (item) => {
    order.push({ item, tied: false });
    settle({ rest: true }, tell(item));
  };
  const remove = (place) => {
    const [gone] = order.splice(place, 1);
    if (order[place] && !gone.tied) order[place].tied = false;
    settle({ rest: true }, texts.t("nowNotRanked", { name: label(gone.item) }));
  };
  const move = (from, to, part) => {
    if (to < 0 || to >= order.length || from === to) return;
    const [one] = order.splice(from, 1);
    if (order[from] && !one.tied) order[from].tied = false;
    order.splice(to, 0, { item: one.item, tied: false });
    settle({ item: one.item, part }, tell(one.item));
  };
  const tie = (place) => {
    order[place].tied = !order[place].tied;
    settle({ item: order[place].item, part: "tie" }, tell(order[place].item));
  };

  const row = (one, place) => {
    const name = label(one.item);
    const data = one.item.option ? { option: one.item.option } : { writein: one.item.writeIn };
    const keys = (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (step) {
        event.preventDefault();
        move(place, place + step, "grip");
      } else if (event.key === "Delete" || event.key === "Backspace") {
        event.preventDefault();
        remove(place);
      }
    };
    const grip = button("⠿", null, { class: "grip", "aria-label": texts.t("grip", { name }), data: { part: "grip" }, onkeydown: keys });
    const element = el("li", { data },
      grip,
      el("span", { class: "place" }, texts.n(rankOf(place))),
      el("span", { class: "name" }, shownName(one.item)),
      el("span", { class: "moves" },
        contest.ties && place > 0 && button("=", () => tie(place), { class: "move", "aria-pressed": `${one.tied}`, "aria-label": texts.t("tie", { name, other: label(order[place - 1].item) }), data: { part: "tie" } }),
        button("↑", () => move(place, place - 1, "up"), { class: "move", "aria-label": texts.t("up", { name }), disabled: place === 0, data: { part: "up" } }),
        button("↓", () => move(place, place + 1, "down"), { class: "move", "aria-label": texts.t("down", { name }), disabled: place === order.length - 1, data: { part: "down" } }),
        button("✕", () => remove(place), { class: "move", "aria-label": texts.t("unrank", { name }), data: { part: "out" } })));
    drag(grip, element, place);
    return element;
  };

  // The row follows the pointer, and stands where it is let go.
  const drag = (grip, element, place) => grip.addEventListener("pointerdown", (start) => {
    if (start.button !== 0) return;
    start.preventDefault();
    grip.focus();
    grip.setPointerCapture(start.pointerId);
    element.classList.add("dragged");
    const follow = (event) => (element.style.transform = `translateY(${event.clientY - start.clientY}px)`);
    const drop = (event) => {
      grip.removeEventListener("pointermove", follow);
      element.classList.remove("dragged");
      element.style.transform = "";
      if (event.type === "pointercancel") return;
      const middles = [...list.children].filter((other) => other !== element).map((other) => other.getBoundingClientRect()).map((box) => box.top + box.height / 2);
      move(place, middles.filter((middle) => middle < event.clientY).length, "grip");
    };
    grip.addEventListener("pointermove", follow);
    grip.addEventListener("pointerup", drop, { once: true });
    grip.addEventListener("pointercancel", drop, { once: true });
  });

  const show = (focus) => {
    list.replaceChildren(...order.map(row));
    const left = contest.options.filter((option) => !order.some((one) => one.item.option === option.id));
    const full = order.filter((one) => !one.tied).length >= most && !contest.ties;
    rest.replaceChildren(...left.map((option) => button(el("span", { class: "name" }, nameOf(option, contest)), () => add({ option: option.id }), { class: "option rest", disabled: full, data: { option: option.id } })));
    restTitle.hidden = left.length === 0;
    if (writeIns) writeIns.hidden = full || order.filter((one) => "writeIn" in one.item).length >= contest.writeIns.places;
    if (!focus) return;
    const moved = focus.item && list.children[order.findIndex((one) => one.item === focus.item)];
    const part = moved?.querySelector(`[data-part="${focus.part}"]:not(:disabled)`) ?? moved?.querySelector('[data-part="grip"]');
    (part ?? rest.querySelector("button:not(:disabled)") ?? list.querySelector("button"))?.focus();
  };

  let writeIns = null;
  if (contest.writeIns) {
    const text = el("input", { type: "text", "aria-label": texts.t("writeIn"), placeholder: texts.t("writeIn"), maxlength: contest.writeIns.length, autocomplete: "off", spellcheck: "false", dir: "auto", data: { writein: "new" },
      onkeydown: (event) => event.key === "Enter" && (event.preventDefault(), take()) });
    const take = () => {
      const writeIn = text.value.trim();
      text.value = "";
      if (writeIn) add({ writeIn });
      text.focus();
    };
    writeIns = el("div", { class: "buttons" }, text, button(texts.t("rankName"), take, { class: "plain" }));
  }
  const marked = drawMarks(contest, fresh("marks"), marks(contest, answer), (set) => {
    mark = set;
    marked.show(mark);
    if (mark) order = [];
    show();
    changed();
  });
  show();
  const read = () => {
    if (order.length === 0) return mark ? ofMark(mark) : null;
    const all = [];
    for (const one of order) {
      if (one.tied) all.at(-1).push(one.item);
      else all.push([one.item]);
    }
    return all.map((rank) => (rank.length === 1 ? rank[0] : rank));
  };
  const element = el("div", {}, el("p", { class: "hint" }, texts.t("rankHelp")), list, restTitle, rest, writeIns, marked.element, said);
  return { element, read };
}
