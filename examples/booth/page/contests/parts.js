// What several kinds of contests are drawn with.

import { button, el, fresh } from "../dom.js";

/** An option's name, with its detail and its groups. */
export function nameOf(option, contest) {
  const groups = contest.kind === "lists" ? [] : contest.groups.filter((group) => option.groups?.includes(group.id));
  return [
    el("bdi", {}, option.name),
    option.detail ? el("bdi", { class: "detail" }, option.detail) : null,
    groups.length > 0 ? el("span", { class: "detail" }, groups.map((group) => group.name).join(" · ")) : null,
  ];
}

/** A radio button or a check box with all of its line to touch. */
export function pick(type, name, label, checked, onchange, data = {}) {
  const input = el("input", { type, name, checked, onchange, data, autocomplete: "off" });
  return { input, element: el("label", { class: "option" }, input, el("span", { class: "name" }, label)) };
}

/** The marks of a contest, such as blank: one of them, and then nothing else. */
export function drawMarks(contest, name, set, onchange) {
  const boxes = contest.marks.map((mark) => {
    const box = pick("checkbox", name, el("bdi", {}, mark.name), set.includes(mark.id), () => onchange(box.input.checked ? mark.id : null), { mark: mark.id });
    return { id: mark.id, ...box };
  });
  return {
    element: boxes.length > 0 ? el("div", { class: "marks" }, boxes.map((box) => box.element)) : null,
    show: (mark) => boxes.forEach((box) => (box.input.checked = box.id === mark)),
  };
}

/** Numbers from 0 (or `least`) to a small one, to touch one of them. */
export function scale(label, most, value, onchange, texts, { names, clear = true } = {}) {
  const name = fresh("scale");
  const first = names ? 1 : 0;
  const numbers = names ? names.map((_, place) => place + 1) : Array.from({ length: Number(most) + 1 }, (_, number) => number);
  const inputs = numbers.map((number) => {
    const input = el("input", { type: "radio", name, value: `${number}`, checked: number === value, autocomplete: "off", onchange: () => onchange(number) });
    return { number, input, element: el("label", {}, input, el("span", {}, names ? names[number - first] : texts.n(number))) };
  });
  const element = el("div", { class: "scale", role: "radiogroup", "aria-label": label }, inputs.map((one) => one.element));
  const show = (number) => inputs.forEach((one) => (one.input.checked = one.number === number));
  return { element, show, clear };
}

/** A number with a button on each side, for those that are too many to show. */
export function stepper(label, least, most, value, onchange, texts) {
  const amount = BigInt(most) > 9999n;
  let current = BigInt(value);
  const set = (next) => {
    current = next < BigInt(least) ? BigInt(least) : next > BigInt(most) ? BigInt(most) : next;
    input.value = `${current}`;
    onchange(current);
  };
  const input = el("input", {
    type: "text", inputmode: "numeric", dir: "ltr", class: amount ? "amount" : "", "aria-label": label, value: `${value}`, autocomplete: "off",
    onchange: () => {
      const digits = latin(input.value).replaceAll(/[^\d-]/g, "");
      set(/^-?\d+$/.test(digits) ? BigInt(digits) : 0n);
    },
    onfocus: () => input.select(),
    onkeydown: (event) => {
      const step = { ArrowUp: 1n, ArrowDown: -1n }[event.key];
      if (step) {
        event.preventDefault();
        set(current + step);
      }
    },
  });
  const less = button("−", () => set(current - 1n), { "aria-label": texts.t("less", { name: label }) });
  const more = button("+", () => set(current + 1n), { "aria-label": texts.t("more", { name: label }) });
  return { element: el("div", { class: "stepper" }, less, input, more), input, show: (number) => { current = BigInt(number); input.value = `${number}`; } };
}

/** Digits of Arabic, Persian and others as those of the Latin alphabet. */
export const latin = (text) =>
  text.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0);
    if (code < 0x80) return digit;
    const zeros = [0x660, 0x6f0, 0x966];
    const zero = zeros.find((start) => code >= start && code < start + 10);
    return zero === undefined ? digit : `${code - zero}`;
  }).replaceAll("−", "-");

/** A line that says how many are given, for eyes and for a screen reader. */
export function sum() {
  const element = el("p", { class: "sum", role: "status" });
  return {
    element,
    show: (text, over = false) => {
      element.textContent = text;
      element.classList.toggle("over", over);
    },
  };
}
