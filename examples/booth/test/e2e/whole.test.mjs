// A whole election: 25 voters in three districts and three languages, with challenges, a second vote and a station that is offline;
// then the close, trustees as processes, and three verdicts that agree. The board is published on a chain meanwhile.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { axe, Booth, free } from "../booth.mjs";
import { Chain } from "../chain.mjs";
import { choices, sums } from "../choices.mjs";
import { everybody, tabella } from "../../demo/election.mjs";
import * as voter from "../voter.mjs";

const run = promisify(execFile);
const LANGUAGES = ["en", "ru", "ar"];
const verifier = fileURLToPath(new URL("../../../verifier-py/", import.meta.url));

let booth;
/** By voter: what counts. */
const counted = new Map();
let offline;

before(async () => {
  booth = await Booth.open({ north: 9, river: 8, hill: 8 }, { publish: async (election) => Chain.start(election, await free()) });
  booth.chain.publish();
});
after(() => booth?.close());

const device = (place, more = {}) => booth.device({ language: LANGUAGES[place % 3], dark: place % 2 === 1, ...(place % 4 === 0 ? { width: 390, height: 844, hasTouch: true } : {}), ...more });

async function begin(page, sheet, query = "") {
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: sheet.credential, query });
  await voter.enter(page);
}

test("22 voters vote, two of them after a challenge that a second device checks", async () => {
  for (const [place, sheet] of booth.election.voters.slice(0, 22).entries()) {
    const page = await device(place);
    await begin(page, sheet);
    assert.equal(await page.getAttribute("html", "dir"), place % 3 === 2 ? "rtl" : "ltr");
    const chosen = choices(sheet.style, place);
    await voter.fill(page, chosen, place < 6 ? async (_, id) => assert.deepEqual(await axe(page), [], `${LANGUAGES[place % 3]}, ${id}`) : undefined);
    let tracker = await voter.encrypt(page);
    if (place === 3 || place === 10) {
      await voter.challenge(page);
      assert.deepEqual(await axe(page), [], "the challenge");
      const second = await device(place + 1);
      await voter.open(second, booth.url, { hash: booth.election.hash, tracker });
      assert.equal(await voter.check(second, tracker, sheet.key), "opened");
      assert.deepEqual(await axe(second), [], "the second device");
      const shown = await second.locator('dl [data-contest="roads"] dd').textContent();
      assert.ok(shown.length > 3, shown);
      await second.click("[data-do=same]");
      await second.waitForSelector("[data-said=same]");
      await second.context().close();
      await page.click("[data-do=anew]");
      const again = await voter.encrypt(page);
      assert.notEqual(again, tracker);
      tracker = again;
    }
    assert.equal(await voter.cast(page), "accepted");
    counted.set(sheet.key, { tracker, chosen });
    await page.context().close();
  }
});

test("one votes again, and the look-up tells that the first ballot was replaced", async () => {
  const sheet = booth.election.voters[0];
  const before = counted.get(sheet.key);
  const page = await device(1);
  await begin(page, sheet);
  const chosen = choices(sheet.style, 7);
  await voter.fill(page, chosen);
  const tracker = await voter.encrypt(page);
  assert.equal(await voter.cast(page), "accepted");
  counted.set(sheet.key, { tracker, chosen });
  await booth.checkpoint();
  await page.click("[data-place=placeFind]");
  assert.equal(await voter.check(page, before.tracker, sheet.key), "replaced");
  assert.equal(await voter.check(page, tracker, sheet.key), "counts");
  assert.deepEqual(await axe(page), []);
  await page.context().close();
});

test("a station goes offline with three voters, and returns", async () => {
  offline = await device(2, { width: 1024, height: 768, hasTouch: true });
  await voter.open(offline, booth.url, { hash: booth.election.hash, query: "?kiosk=hill-1" });
  await offline.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  await voter.until(offline, () => indexedDB.databases().then((all) => all.some(({ name }) => name.endsWith("roll"))));
  await offline.context().setOffline(true);
  for (const [place, sheet] of booth.election.voters.slice(22).entries()) {
    await offline.reload();
    await offline.click("[data-do=start]");
    await voter.enter(offline, sheet.credential);
    const chosen = choices(sheet.style, 22 + place);
    await voter.fill(offline, chosen);
    const tracker = await voter.encrypt(offline);
    assert.equal(await voter.cast(offline), "kept");
    counted.set(sheet.key, { tracker, chosen });
  }
  assert.equal(await booth.ballots(22), 22);
  await offline.context().setOffline(false);
  await offline.waitForSelector(".banner[hidden]", { state: "attached", timeout: 40_000 });
  assert.equal(await booth.ballots(25), 25);
  // The server counts the turnout once a second.
  let turnout = await booth.api("api/turnout");
  for (let turn = 0; turnout.ballots < 25 && turn < 50; turn += 1) {
    await new Promise((done) => setTimeout(done, 100));
    turnout = await booth.api("api/turnout");
  }
  assert.equal(turnout.ballots, 25);
  assert.deepEqual(turnout.stations.map((one) => one.ballots), [0, 0, 3]);
  await offline.context().close();
});

test("the operator sees turnout and refusals, and freezes; trustees sign the close, mix and open; the operator publishes", async () => {
  const page = await booth.device();
  await page.goto(`${booth.url}operator.html`);
  await page.fill("[data-field=token]", booth.token);
  await page.click("main button.main");
  await page.waitForSelector("[data-figure=ballots]");
  assert.equal(await page.locator("[data-figure=ballots] dd").textContent(), "25");
  // A ballot for another election is refused, and the page says why.
  await fetch(`${booth.url}api/messages`, { method: "POST", headers: { "content-type": "application/octet-stream" }, body: new Uint8Array([7, 7, 7]) });
  await page.waitForSelector("[data-refusals] [data-reason]", { timeout: 15_000 });
  assert.deepEqual(await axe(page), []);
  const send = async (text) => {
    const items = await booth.api("api/messages", { method: "POST", headers: { "content-type": "text/plain" }, body: text });
    assert.ok(items.every((item) => item.entry !== undefined), JSON.stringify(items));
  };
  const command = async (name) => {
    await page.waitForSelector(`[data-command="${name}"]`, { timeout: 60_000 });
    await page.click(`[data-command="${name}"]`);
    await page.click("dialog[open] button.main");
    await page.waitForSelector('[data-said="good"], [data-said="bad"]', { timeout: 120_000 });
    assert.equal(await page.locator("[data-said]").getAttribute("data-said"), "good", await page.locator("[data-said]").textContent());
  };
  await command("freeze");
  const { root } = await booth.api("api/status");
  await everybody(booth.election, { send, root, copy });
  await command("tally");
  for (let turn = 0; (await booth.api("api/status")).phase !== "opening" && turn < 3; turn += 1) await everybody(booth.election, { send, copy });
  await everybody(booth.election, { send, copy });
  await command("publish");
  await command("checkpoint");
  await page.context().close();
  // The publisher has closed the contract over the whole board.
  await booth.chain.publisher;
  const { entries, root: whole } = await booth.api("api/status");
  assert.deepEqual(await booth.chain.last(), { size: entries, root: whole });
});

test("the page, the program and the second verifier give one verdict and one result", async () => {
  const page = await device(0);
  const sheet = booth.election.voters[5];
  await voter.open(page, booth.url, { hash: booth.election.hash });
  assert.equal(await voter.verify(page), "verified");
  assert.deepEqual(await axe(page), [], "the result");
  assert.match(await page.locator("[data-chain]").textContent(), /The result there was compared as well/);
  for (const [contest, options] of Object.entries(sums([...counted.values()].map((one) => one.chosen)))) {
    for (const [option, votes] of Object.entries(options)) {
      const cell = page.locator(`[data-result="${contest}"] tr[data-row="${option}"] td.number`).first();
      assert.equal(await cell.textContent(), new Intl.NumberFormat(LANGUAGES[0]).format(votes), `${contest}, ${option}`);
    }
  }
  await page.click("[data-place=placeFind]");
  assert.equal(await voter.check(page, counted.get(sheet.key).tracker, sheet.key), "counts");
  assert.equal(await page.locator('[data-found] [data-check="chain"]').getAttribute("data-state"), "done");
  assert.deepEqual(booth.problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(problem)), []);
  await page.context().close();

  const record = await copy();
  const program = await tabella(booth.election.folder)("audit", record, "--expect-manifest", booth.election.hash, "--ethereum", booth.chain.node, "--contract", booth.chain.address);
  assert.match(program, /^verified$/m);
  const { stdout } = await run(process.env.PYTHON ?? "python3", ["verify.py", join(booth.election.folder, record), "--expect-manifest", booth.election.hash], { cwd: verifier, maxBuffer: 1 << 26 });
  assert.match(stdout, /^verified$/m);
});

/** A copy of the record, as anybody fetches it. */
async function copy() {
  const folder = join(booth.election.folder, "copy");
  await rm(folder, { recursive: true, force: true });
  const { files } = await booth.api("record/");
  for (const { path, bytes } of files) {
    await mkdir(join(folder, path, ".."), { recursive: true });
    const body = await (await fetch(`${booth.url}record/${path}`)).arrayBuffer();
    await writeFile(join(folder, path), new Uint8Array(body).subarray(0, bytes));
  }
  return "copy";
}
