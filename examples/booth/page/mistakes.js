// What is wrong with a ballot before it is encrypted, in the page's language. The library says it in English, with numbers and names.

import { exact } from "./contests/answer.js";

/** The mistake as a sentence; in English if this page has no text for it. */
export function mistakeText(mistake, contest, texts) {
  const name = (id) => {
    const found = [...(contest?.options ?? []), ...(contest?.groups ?? [])].find((one) => one.id === id);
    return found?.name ?? id;
  };
  const isLimit = mistake.code === "limit" || mistake.code === "joint-limit";
  const code = isLimit ? mistake.code + suffix(mistake) : mistake.code;
  const key = `mistake.${code}`;
  if (!texts.has(key)) return mistake.message;
  const number = (field) => (mistake[field] === undefined ? 0 : exact(mistake[field]));
  const bound = mistake.code === "too-few" || (isLimit && suffix(mistake) === "Few") ? number("min") : number("max");
  return texts.t(key, {
    n: bound,
    found: number("found"),
    option: mistake.option === undefined ? "" : name(mistake.option),
    needs: mistake.needs === undefined ? "" : name(mistake.needs),
    name: mistake.name ?? "",
    rank: number("rank"),
    names: texts.list((mistake.options ?? []).map(name)),
  });
}

const suffix = (mistake) => (mistake.min !== undefined && BigInt(mistake.found ?? 0) < BigInt(mistake.min) ? "Few" : "Many");
