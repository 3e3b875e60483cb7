// The texts of the page in one language, with plurals and numbers as this language has them.

import { fetchChecked } from "./files.js";

export const LANGUAGES = { en: "English", ru: "Русский", ar: "العربية" };
/** What stands on a small button. */
export const SHORT = { en: "EN", ru: "РУ", ar: "عر" };
const RIGHT_TO_LEFT = new Set(["ar"]);

/** The language to begin with: the one that is asked for, one of the browser's, or English. */
export function preferred(asked, browser) {
  const wanted = [asked, ...browser].filter(Boolean).map((tag) => tag.toLowerCase().split("-")[0]);
  return wanted.find((tag) => tag in LANGUAGES) ?? "en";
}

export const direction = (language) => (RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr");

/** Reads the texts of a language. */
export async function load(language) {
  const response = await fetchChecked(`texts/${language}.json`);
  return new Texts(language, await response.json());
}

export class Texts {
  constructor(language, texts) {
    this.language = language;
    this.texts = texts;
    this.plurals = new Intl.PluralRules(language);
    this.numbers = new Intl.NumberFormat(language);
    this.percents = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
    this.times = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
    this.lists = new Intl.ListFormat(language, { type: "conjunction" });
  }

  /** The text of this key. `{name}` becomes the parameter of that name; numbers are written as the language does.
   * A text with plural forms is chosen by the parameter `n`. */
  t(key, parameters = {}) {
    const found = this.texts[key];
    if (found === undefined) throw new Error(`no text for '${key}' in ${this.language}`);
    const text = typeof found === "string" ? found : (found[this.plurals.select(Number(parameters.n))] ?? found.other);
    return text.replaceAll(/\{(\w+)\}/g, (whole, name) => {
      const value = parameters[name];
      if (value === undefined) throw new Error(`the text '${key}' needs '${name}'`);
      return typeof value === "number" || typeof value === "bigint" ? this.n(value) : value;
    });
  }

  has(key) {
    return key in this.texts;
  }

  n(number) {
    return this.numbers.format(number);
  }

  percent(share) {
    return this.percents.format(share);
  }

  time(date) {
    return this.times.format(date);
  }

  list(items) {
    return this.lists.format(items);
  }

  /** A text of the manifest in this language, or in its first one. A manifest without languages has strings. */
  of(text, languages = []) {
    if (text === undefined || text === null) return "";
    if (typeof text === "string") return text;
    return text[this.language] ?? text[languages[0]] ?? Object.values(text)[0] ?? "";
  }
}
