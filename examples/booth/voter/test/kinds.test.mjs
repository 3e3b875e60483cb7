// Every kind of contest: encrypted here, accepted and counted by the library, opened and compared here.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load } from "tabella-voter";
import { audit, tabella } from "./audit.mjs";
import { Board } from "./board.mjs";

const manifests = process.env.MANIFESTS;
const grade = (option, grade) => ({ option, grade });
const votes = (option, votes) => ({ option, votes });

/** For each of the library's manifests, choices that keep its rules, and some that do not with what is wrong. */
const ELECTIONS = {
  amounts: [{ fund: [votes("Roof", 999_999), votes("Lift", "1")] }, { fund: votes("Roof", 1_000_001) }, ["each"]],
  approval: [{ venue: ["Basel", "Lyon"] }, { venue: ["Basel", "blank"] }, ["mark-with-votes"]],
  board: [{ board: ["Dora Ott", "Hana Lind"] }, { board: ["Dora Ott", "Emil Ruf", "Fay Weiss"] }, ["limit"]],
  budget: [{ projects: ["Playground", "Trees"] }, { projects: ["Playground", "Well"] }, ["limit"]],
  council: [{ council: ["north", votes("Uma Hein", 2)] }, { council: ["north", "south"] }, ["two-lists"]],
  folded: [{ fund: [votes("Roof", 4_000_000_000n)], board: "yes" }, { fund: votes("Roof", 6e9) }, ["each", "too-few"]],
  grades: [{ chef: [grade("Yara Lutz", "good"), grade("Zeno Mohr", "poor")] }, { chef: grade("Yara Lutz", "good") }, ["no-grade"]],
  groups: [{ chair: { mark: "blank" }, council: ["Eva Rast", "Cleo Pohl"] }, { council: [["Eva Rast", "Dan Quell"]] }, ["too-few", "tie"]],
  judges: [{ "judge-1": "yes", "judge-2": "no", "judge-3": "yes" }, { "judge-1": "yes", "judge-2": "yes", "judge-3": "yes" }, ["joint-limit"]],
  languages: [{ school: "yes", council: ["ott-1988"], name: { writeIn: "Platz der Ämter" } }, { school: "ja", name: { writeIn: "Kirchplatz" } }, ["unknown-option", "listed"]],
  "open-lists": [{ lists: ["List North", "Sara Falk"] }, { lists: ["Sara Falk"] }, ["limit"]],
  pairs: [{ site: ["Hill", "Meadow", "Harbour"], colour: [["Blue", "Red"], "Green"] }, { site: [], colour: ["Blue", "Blue", "Red"] }, ["too-few", "twice"]],
  places: [{ song: ["Comet", "Aurora"] }, { song: ["Comet", "Comet"] }, ["twice"]],
  points: [{ topics: [votes("Housing", 7), votes("Parks", 3)] }, { topics: votes("Housing", 9) }, ["too-few"]],
  primary: [{ party: "Orange", orange: "Olga Bär" }, { party: "Violet", orange: "Olga Bär", violet: "blank" }, ["closed"]],
  quadratic: [{ park: [votes("Pond", 3), votes("Skate park", -2)] }, { park: [votes("Pond", 4), votes("Skate park", -1)] }, ["credits"]],
  question: [{ bylaws: "abstain", treasurer: "Bela Ohm" }, { bylaws: ["yes", "no"], treasurer: "Zoe" }, ["too-many", "unknown-option"]],
  ranking: [{ council: ["Cleo Pohl", "Anna Nies"] }, { council: ["Cleo Pohl", "Cleo Pohl"] }, ["twice"]],
  referendum: [{ bridge: "yes" }, { bridge: { mark: "empty" } }, ["unknown-mark"]],
  scores: [{ logo: [votes("Bear", 5), votes("River", 2)] }, { logo: votes("Bear", 6) }, ["each"]],
  split: [{ board: [votes("Dora Ott", 600), votes("abstain", 400)], merger: votes("yes", 1000), auditor: "blank" }, { board: votes("Dora Ott", 600), merger: votes("yes", 1000), auditor: "blank" }, ["shares"]],
  star: [{ chair: [votes("Zeno Mohr", 5), votes("Anna Nies", 1)] }, { chair: votes("Zeno Mohr", 6) }, ["each"]],
  "two-proposals": [{ bridge: "yes", ferry: "no", which: "The ferry" }, { which: ["The ferry", "The bridge"] }, ["too-many"]],
  "write-ins": [{ speaker: { writeIn: "Zora Vale" } }, { speaker: [{ writeIn: "Zora Vale" }, { writeIn: "Yan Ott" }] }, ["too-many-names"]],
};

test("every manifest of the documents is tried", () => {
  const files = readdirSync(manifests).map((file) => file.replace(".json", ""));
  assert.deepEqual(Object.keys(ELECTIONS).sort(), files.sort());
});

const tab = await load();
for (const [name, [right, wrong, codes]] of Object.entries(ELECTIONS)) {
  test(`an election by ${name}.json`, async (context) => {
    const weight = name === "split" ? 1000 : 1;
    const board = await Board.open({ manifest: join(manifests, `${name}.json`), voters: 3, weight });
    context.after(() => board.end());
    const election = tab.openBundle(board.bundle, board.hash);
    const [voter, other, third] = board.voters;
    const [style, ofOther, ofThird] = [0, 1, 2].map((place) => board.styles[place % board.styles.length]);

    const form = election.form(style, election.languages.at(-1));
    assert.deepEqual(form.contests.map((contest) => contest.id).filter((id) => !(id in { ...right, ...wrong }) && form.contests.length === 1), []);
    assert.ok(form.contests.every((contest) => contest.kind !== "unknown" && contest.rule.endsWith(".")));

    const mistakes = election.check({ style, weight }, wrong);
    assert.deepEqual(mistakes.map((mistake) => mistake.code), codes, JSON.stringify(mistakes));
    assert.throws(
      () => election.encrypt(voter, { style, weight }, wrong),
      (error) => error.code === "rules" && JSON.stringify(error.mistakes) === JSON.stringify(mistakes),
    );

    // Opened.
    assert.deepEqual(election.check({ style, weight }, right), []);
    const spoiled = election.encrypt(voter, { style, weight }, right).spoil();
    const { receipt } = await board.post(spoiled.request);
    const opening = spoiled.open(receipt);
    await board.post(opening);
    const expected = { voter: tab.voterKey(voter), tracker: spoiled.tracker };
    const opened = election.checkOpening(opening, expected, right);
    assert.equal(opened.contests.length, form.contests.length);
    assert.throws(() => election.checkOpening(opening, expected, {}), { code: "difference" });

    // Cast, by all.
    for (const [credential, style] of [[voter, board.styles[0]], [other, ofOther], [third, ofThird]]) {
      const object = election.encrypt(credential, { style, weight }, right).cast();
      assert.equal(election.checkBallot(object).voter, tab.voterKey(credential));
      await board.post(object);
    }
    const folder = await mkdtemp(join(tmpdir(), "tabella-"));
    context.after(() => rm(folder, { recursive: true }));
    const record = join(folder, "record");
    const { root } = await board.finish(record);
    const report = audit(record, { manifest: board.hash, root });
    const native = tabella(["audit", record, "--expect-manifest", board.hash, "--expect-root", root], "--json");
    assert.equal(report.verdict, "verified", report.json);
    assert.deepEqual(JSON.parse(report.json), native);
    election.free();
  });
}
