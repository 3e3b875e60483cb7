// Hashes, trackers, keys and times as people read, compare and copy them.

import { button, el } from "./dom.js";

/** A hash in sixteen groups of four, so that two people can read it to each other. */
export const hash = (hex) => el("div", { class: "hash" }, hex.match(/.{1,4}/g).map((group) => el("span", {}, group)));

/** A tracker or key in groups. It is read with spaces, too. */
export function grouped(text) {
  const at = text.indexOf("1") + 1;
  const groups = [text.slice(0, at), ...text.slice(at).match(/.{1,5}/g)];
  return groups.map((group, place) => el("span", {}, place === 0 ? group : ` ${group}`));
}

export const tracker = (text) => el("p", { class: "tracker", data: { tracker: text }, translate: "no" }, grouped(text));

export const code = (text) => el("bdi", { class: "code-text", translate: "no" }, text);

/** A button that saves text as a file of the visitor's. */
export function save(label, name, text, attributes = {}) {
  return button(label, () => {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }, { class: "plain", ...attributes });
}

/** Whether something was found to be other than it must be, by the library or against the chain. */
export const isWrong = (error) => ["TabellaError", "ChainError"].includes(error?.name);

/** What the page says of an error: the library's and the server's own words, and below what to do. */
export function problem(texts, error) {
  const code = isWrong(error) ? error.code : undefined;
  const key = code && texts.has(`error.${code}`) ? `error.${code}` : error?.constructor?.name === "Unreachable" ? "error.unreachable" : "error.other";
  return el("div", { class: "note bad", role: "alert" }, el("p", {}, el("strong", {}, texts.t(key))), el("p", { class: "small" }, el("bdi", { lang: "en" }, error?.message ?? `${error}`)));
}
