// Answers, taken apart and put together, and which contests can be answered.

import assert from "node:assert/strict";
import { test } from "node:test";
import { given, isOpen, items, marks, ranks, votes } from "../../page/contests/answer.js";
import { latin } from "../../page/contests/parts.js";
import { credentialOf } from "../../page/voting.js";
import { mistakeText } from "../../page/mistakes.js";
import { Texts, preferred } from "../../page/texts.js";

const contest = { id: "c", kind: "choose", options: [{ id: "ada", name: "Ada" }, { id: "blank", name: "Blank" }], groups: [{ id: "north", name: "North" }], marks: [{ id: "blank" }, { id: "none" }], with: null };

test("a name is an option first, then a list, then a mark", () => {
  assert.deepEqual(items(contest, ["ada", "blank", "north", "none"]), [{ option: "ada" }, { option: "blank" }, { option: "north" }, { mark: "none" }]);
});

test("votes and marks are read from all forms of an answer", () => {
  assert.deepEqual([...votes(contest, ["ada", { option: "north", votes: 3 }])], [["ada", 1], ["north", 3]]);
  assert.deepEqual(marks(contest, "none"), ["none"]);
  assert.deepEqual(items(contest, null), []);
});

test("what has one rank stands together", () => {
  assert.deepEqual(ranks(contest, [["ada", { writeIn: "Bo" }], "north"]), [[{ option: "ada" }, { writeIn: "Bo" }], [{ option: "north" }]]);
});

test("a contest is open with the option that it goes with, and only then", () => {
  const party = { ...contest, id: "party" };
  const primary = { ...contest, id: "primary", with: "party:ada" };
  const third = { ...contest, id: "third", with: "primary:ada" };
  const all = [party, primary, third];
  assert.equal(isOpen(primary, all, {}), false);
  assert.equal(isOpen(primary, all, { party: ["ada"] }), true);
  assert.equal(isOpen(third, all, { primary: ["ada"] }), false, "what is left of a closed contest opens nothing");
  assert.equal(isOpen(third, all, { party: ["ada"], primary: ["ada"] }), true);
});

test("numbers stay exact", () => {
  assert.equal(given(5n), 5);
  assert.equal(given(9007199254740993n), 9007199254740993n);
  assert.equal(latin("٢٣٤"), "234");
  assert.equal(latin("−5"), "-5");
});

test("a scanned link gives its credential", () => {
  assert.equal(credentialOf(" voter1abc "), "voter1abc");
  assert.equal(credentialOf("http://x/#e=00&c=voter1abc"), "voter1abc");
});

test("plurals and numbers are those of the language", () => {
  const texts = new Texts("ru", { n: { one: "{n} голос", few: "{n} голоса", many: "{n} голосов", other: "{n} голоса" } });
  assert.deepEqual([1, 2, 5, 21, 1234].map((n) => texts.t("n", { n })), ["1 голос", "2 голоса", "5 голосов", "21 голос", "1\u00a0234 голоса"]);
  assert.throws(() => texts.t("m"), /no text for 'm'/);
  assert.throws(() => texts.t("n", { n: 1, m: 1 }) && new Texts("en", { a: "{b}" }).t("a"), /needs 'b'/);
});

test("the language is the one asked for, one of the browser's, or English", () => {
  assert.equal(preferred("ru", ["ar"]), "ru");
  assert.equal(preferred(null, ["de-CH", "ar-EG"]), "ar");
  assert.equal(preferred("xx", ["de"]), "en");
});

test("a mistake without a text is told in the library's words", () => {
  const texts = new Texts("en", { "mistake.each": "{option}: {found} of {n}" });
  assert.equal(mistakeText({ code: "each", option: "ada", found: 3, max: 2, message: "m" }, contest, texts), "Ada: 3 of 2");
  assert.equal(mistakeText({ code: "other", message: "m" }, contest, texts), "m");
});
