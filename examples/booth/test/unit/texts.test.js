// All languages have the same texts with the same parameters, and the plural forms that each of them needs.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";

const page = new URL("../../page/", import.meta.url);
const languages = ["en", "ru", "ar"];
const texts = Object.fromEntries(await Promise.all(languages.map(async (language) => [language, JSON.parse(await readFile(new URL(`texts/${language}.json`, page), "utf8"))])));
const forms = (text) => (typeof text === "string" ? [text] : Object.values(text));
const parameters = (text) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

for (const language of languages.slice(1)) {
  test(`${language} has the keys of English`, () => assert.deepEqual(Object.keys(texts[language]), Object.keys(texts.en)));
}

for (const language of languages) {
  test(`${language} has the parameters of English in each form`, () => {
    for (const [key, text] of Object.entries(texts.en)) {
      const [wanted] = forms(text).slice(-1).map(parameters);
      for (const form of forms(texts[language][key])) assert.deepEqual(parameters(form), wanted, `${language}, ${key}: ${form}`);
    }
  });
  test(`${language} has the plural forms of the language`, () => {
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, text] of Object.entries(texts[language])) {
      if (typeof text !== "string") assert.deepEqual(Object.keys(text).toSorted(), wanted, `${language}, ${key}`);
    }
  });
}

test("every text is used, and every text that is used is there", async () => {
  const files = (await readdir(page, { recursive: true })).filter((file) => file.endsWith(".js"));
  const source = (await Promise.all(files.map((file) => readFile(new URL(file, page), "utf8")))).join("\n");
  const plain = new Set([...source.matchAll(/["'`]([a-zA-Z][\w.-]*)["'`]/g)].map(([, key]) => key));
  // Keys that are put together: what stands before and after the part that varies.
  const made = [...source.matchAll(/`([\w.]*)\$\{[^`{}]*\}(\w*)`/g)].map(([, before, after]) => ({ before, after })).filter(({ before, after }) => before.includes(".") || after);
  const isUsed = (key) => plain.has(key) || made.some(({ before, after }) => key.startsWith(before) && key.endsWith(after) && (before.includes(".") || plain.has(key.slice(0, -after.length))));
  assert.deepEqual(Object.keys(texts.en).filter((key) => !isUsed(key)), [], "texts that nothing shows");
  const asked = [...source.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)].map(([, key]) => key);
  assert.deepEqual(asked.filter((key) => !(key in texts.en)), [], "texts that are missing");
});
