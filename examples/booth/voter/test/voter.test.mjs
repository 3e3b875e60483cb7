// One voter's way through an election, and what is told when something in it is wrong.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { load, TabellaError } from "tabella-voter";
import { audit, auditor } from "./audit.mjs";
import { Board } from "./board.mjs";

const manifests = process.env.MANIFESTS;
const choices = { bridge: "yes" };
let tab, board, election, voter, key, style;

before(async () => {
  tab = await load();
  board = await Board.open({ manifest: join(manifests, "referendum.json"), voters: 4 });
  election = tab.openBundle(board.bundle, board.hash);
  [voter] = board.voters;
  [style] = board.styles;
  key = tab.voterKey(voter);
});
after(() => board.end());

const thrown = (code) => (error) => error instanceof TabellaError && error.code === code && error.message.length > 10;
const flipped = (bytes, at) => bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));

test("a bundle is that of its hash", () => {
  assert.equal(election.hash, board.hash);
  assert.deepEqual(election.checkpoint.witnesses, [{ name: "witness", time: 1_800_000_000 }]);
  assert.equal(election.checkpoint.witnessed, true);
  assert.throws(() => tab.openBundle(board.bundle, "0".repeat(64)), thrown("election"));
  assert.throws(() => tab.openBundle(board.bundle, "0"), thrown("text"));
  assert.throws(() => tab.openBundle(board.bundle.slice(0, -80), board.hash), thrown("election"));
  const plan = tab.openManifest(board.manifest, board.hash);
  assert.deepEqual(plan.manifest, election.manifest);
  assert.match(plan.register(voter, style), /^-----BEGIN TABELLA REGISTRATION-----/);
  assert.throws(() => tab.openManifest(board.manifest.replace("bridge", "fridge"), board.hash), thrown("election"));
  assert.throws(() => tab.openManifest("[".repeat(100_000), board.hash), thrown("election"));
});

test("a ballot is cast, and its receipt and its place are checked", async () => {
  const older = await board.checkpoint();
  const sealed = election.encrypt(voter, { style }, choices);
  const { tracker } = sealed;
  const object = sealed.cast();
  assert.deepEqual(tab.describe(object), { kind: "ballot", bytes: object.length, tracker, voter: key });
  assert.deepEqual(tab.fromText(tab.toText([object, object])), [object, object]);
  const { entry, receipt, inclusion } = await board.post(object);

  const checked = election.checkReceipt(receipt, { tracker, fate: "cast" });
  assert.deepEqual([checked.entry, checked.tracker], [entry, tracker]);
  const own = { tracker, voter: key };
  assert.equal(election.checkReceiptInclusion(receipt, object, inclusion, own).entry, entry);
  assert.throws(() => election.checkReceipt(receipt, { fate: "spoiled" }), thrown("receipt"));
  assert.throws(() => election.checkReceipt(receipt.slice(0, -1)), thrown("text"));
  assert.throws(() => election.checkReceiptInclusion(receipt, flipped(object, 90), inclusion, {}), thrown("proof"));

  const newer = await board.checkpoint();
  const found = await board.find(tracker);
  const place = election.checkInclusion(found.object, found.proof, own);
  assert.deepEqual([place.entry, place.style, place.sequence, place.station, place.checkpoint.witnessed], [entry, style, 0, null, true]);
  const others = { tracker, voter: tab.voterKey(board.voters[1]) };
  assert.throws(() => election.checkInclusion(found.object, found.proof, others), thrown("voter"));
  assert.throws(() => election.checkInclusion(found.object, found.proof, {}), thrown("argument"));
  assert.throws(() => election.checkInclusion(found.object, found.proof.replace("index ", "index 1"), own), (error) => error instanceof TabellaError);

  const sizes = [older, newer].map((text) => election.checkCheckpoint(text).size);
  const proof = await board.consistency(...sizes);
  assert.equal(election.checkConsistency(older, newer, proof).size, sizes[1]);
  assert.equal(election.checkConsistency(newer, newer).size, sizes[1]);
  assert.throws(() => election.checkConsistency(newer, older, proof), thrown("proof"));
  assert.throws(() => election.checkConsistency(older, newer), thrown("argument"));
  const last = proof.at(-1) === "0" ? "1" : "0";

  // The same of heads that were published elsewhere, whichever is the larger.
  const heads = [older, newer].map((text) => election.checkCheckpoint(text)).map(({ size, root }) => ({ size, root }));
  assert.equal(election.checkPublished(newer, heads[0], proof).size, sizes[1]);
  assert.equal(election.checkPublished(older, heads[1], proof).size, sizes[0]);
  assert.equal(election.checkPublished(newer, heads[1]).size, sizes[1]);
  assert.throws(() => election.checkPublished(newer, heads[0]), thrown("argument"));
  assert.throws(() => election.checkPublished(newer, heads[0], proof.slice(0, -1) + last), thrown("proof"));
  for (const root of [heads[0].root, "0".repeat(64)]) {
    assert.throws(() => election.checkPublished(newer, { size: sizes[1], root }), thrown("proof"));
    assert.throws(() => election.checkPublished(older, { size: sizes[1], root }, proof), thrown("proof"));
  }
  assert.throws(() => election.checkPublished(newer.replace(/\n\d+\n/, "\n99\n"), heads[0], proof), thrown("checkpoint"));
  assert.throws(() => election.checkConsistency(older, newer, proof.slice(0, -1) + last), thrown("proof"));
  assert.throws(() => election.checkCheckpoint(newer.replace(/\n\d+\n/, "\n99\n")), thrown("checkpoint"));
});

test("a device is challenged", async () => {
  const ballot = { style, sequence: 1 };
  const sealed = election.encrypt(voter, ballot, choices);
  const spoiled = sealed.spoil();
  assert.throws(() => sealed.cast(), thrown("used"));
  assert.throws(() => spoiled.open("receipt1qqqqqq"), thrown("text"));
  const cast = election.encrypt(voter, ballot, choices).cast();
  const other = await board.post(cast);
  assert.throws(() => spoiled.open(other.receipt), thrown("tracker"));
  const { receipt } = await board.post(spoiled.request);
  const opening = spoiled.open(receipt);
  await board.post(opening);

  // On another device.
  const device = await load();
  const there = device.openBundle(board.bundle, board.hash);
  const expected = { voter: key, tracker: spoiled.tracker };
  const opened = there.checkOpening(tab.toText(opening), expected, choices);
  assert.deepEqual(opened.contests, [{ id: "bridge", text: "bridge: yes 1", marks: [{ kind: "option", option: "yes", votes: 1, text: "yes 1" }] }]);
  assert.throws(() => there.checkOpening(opening, expected, { bridge: "no" }), thrown("difference"));
  assert.throws(() => there.checkOpening(opening, { ...expected, voter: tab.voterKey(board.voters[1]) }), thrown("voter"));
  assert.throws(() => there.checkOpening(opening, { ...expected, tracker: tab.describe(cast).tracker }), thrown("tracker"));
  assert.throws(() => there.checkOpening(cast, expected), thrown("bytes"));
  assert.throws(() => there.checkOpening(flipped(opening, 5), { voter: key }), (error) => ["ballot", "bytes"].includes(error.code));
});

test("what is used up throws, and the rest goes on", () => {
  const sealed = election.encrypt(voter, { style, sequence: 2 }, choices);
  sealed.cast();
  assert.throws(() => sealed.cast(), thrown("used"));
  assert.throws(() => sealed.spoil(), thrown("used"));
  sealed.free();
  const freed = election.encrypt(voter, { style, sequence: 2 }, choices);
  freed.free();
  assert.throws(() => freed.cast(), thrown("used"));
  const job = auditor.audit({ manifest: board.hash });
  assert.throws(() => job.advance(1), thrown("record"));
  assert.throws(() => job.add("board/00000001.bin", new Uint8Array(1)), thrown("record"));
  job.add("board/00000000.bin", new Uint8Array(0));
  assert.equal(job.report().verdict, "refused");
  assert.throws(() => job.report(), thrown("used"));
  assert.equal(tab.describe(election.encrypt(voter, { style, sequence: 2 }, choices).cast()).kind, "ballot");
});

test("wrong arguments are told", () => {
  const encrypt = (credential, ballot, choices) => () => election.encrypt(credential, ballot, choices);
  const cyclic = {};
  cyclic.bridge = cyclic;
  for (const [code, call] of [
    ["text", encrypt(voter.slice(0, -1), { style }, choices)],
    ["argument", encrypt(7, { style }, choices)],
    ["argument", encrypt(voter, {}, choices)],
    ["argument", encrypt(voter, { style: "else" }, choices)],
    ["argument", encrypt(voter, { style, station: "moon" }, choices)],
    ["argument", encrypt(voter, { style, sequence: -1 }, choices)],
    ["argument", encrypt(voter, { style, weight: 1.5 }, choices)],
    ["argument", encrypt(voter, { style }, null)],
    ["argument", encrypt(voter, { style }, cyclic)],
    ["argument", encrypt(voter, { style }, { bridge: 1 })],
    ["argument", encrypt(voter, { style }, { bridge: { option: "yes", votes: "many" } })],
    ["argument", encrypt(voter, { style }, { bridge: { option: "yes", votes: 10n ** 30n } })],
    ["argument", encrypt(voter, { style }, { bridge: { option: "yes", mark: "blank" } })],
    ["argument", encrypt(voter, { style }, { bridge: [["yes"]] })],
    ["rules", encrypt(voter, { style }, { bridge: { option: "yes", votes: 2 } })],
    ["rules", encrypt(voter, { style }, { bridge: "x".repeat(1_000_000) })],
    ["argument", () => tab.voterKey()],
    ["argument", () => tab.audit({})],
    ["argument", () => tab.toText("no bytes")],
    ["bytes", () => tab.toText(new Uint8Array(0))],
    ["bytes", () => tab.describe(new Uint8Array([200]))],
    ["text", () => tab.fromText("")],
    ["argument", () => auditor.audit({ manifset: "" })],
    ["text", () => auditor.audit({ manifest: "zz" })],
  ]) {
    assert.throws(call, thrown(code), `${code}: ${call}`);
  }
});

test("a thousand changed inputs are refused, and nothing fails", async () => {
  const object = election.encrypt(voter, { style, sequence: 9 }, choices).cast();
  const { receipt } = await board.post(election.encrypt(board.voters[1], { style }, choices).cast());
  let state = 1;
  const random = (below) => {
    // Of the numbers of Park and Miller: the same in each run.
    state = (state * 48_271) % 0x7fff_ffff;
    return state % below;
  };
  const text = (text) => {
    const at = random(text.length);
    const other = String.fromCodePoint([32 + random(95), 10, 0x2014, 0x1f600][random(4)]);
    return [text.slice(0, at) + text.slice(at + 1), text.slice(0, at) + other + text.slice(at + 1), text.slice(0, at)][random(3)];
  };
  const bytes = (bytes) => {
    const at = random(bytes.length);
    return [flipped(bytes, at), bytes.slice(0, at), Uint8Array.from([...bytes, 1])][random(3)];
  };
  const refused = { total: 0 };
  for (let round = 0; round < 250; round += 1) {
    for (const call of [
      () => tab.openBundle(text(board.bundle), board.hash),
      () => election.checkBallot(bytes(object)),
      () => election.checkReceipt(text(receipt)),
      () => tab.openManifest(text(board.manifest), board.hash),
    ]) {
      try {
        call().free?.();
      } catch (error) {
        assert.ok(error instanceof TabellaError && error.code !== "failed", String(error.cause ?? error));
        refused.total += 1;
      }
    }
  }
  // Spaces beside a block, or in JSON, and capitals of a receipt change nothing.
  assert.ok(refused.total > 900, `${refused.total} of 1000`);
  assert.equal(election.checkBallot(object).voter, key);
});

test("a changed record is refused", async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "tabella-"));
  context.after(() => rm(folder, { recursive: true }));
  const record = join(folder, "record");
  const { root, size } = await board.finish(record);
  const known = { manifest: board.hash, root };
  assert.equal(audit(record, known).verdict, "verified");
  assert.equal(audit(record, {}).verdict, "consistent");
  assert.equal(audit(record, { manifest: "0".repeat(64) }).verdict, "refused");
  // What was published elsewhere is compared as well.
  const heads = [{ size, root }];
  const result = createHash("sha256").update(readFileSync(join(record, "result.json"))).digest("hex");
  assert.equal(audit(record, { heads, result }).verdict, "verified");
  for (const wrong of [{ heads: [{ size: 3, root }] }, { heads, result: root }]) {
    assert.equal(audit(record, wrong).verdict, "refused");
  }
  const board0 = (change) => (path, bytes) => (path.startsWith("board/") ? change(bytes) : bytes);
  for (const at of [40, 3_000, 5_000]) {
    assert.equal(audit(record, known, board0((bytes) => flipped(bytes, at))).verdict, "refused");
  }
  assert.equal(audit(record, known, board0((bytes) => bytes.slice(0, -3))).verdict, "refused");
  const report = audit(record, known);
  assert.match(report.html, /^<!DOCTYPE html>/i);
});
