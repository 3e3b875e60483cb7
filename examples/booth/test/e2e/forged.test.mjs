// A server that lies. Each lie is caught by the voter's page, or by a second device; none of them is told as "wrong" by the server itself.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Booth } from "../booth.mjs";
import { choices } from "../choices.mjs";
import * as voter from "../voter.mjs";

let booth;
let other;
let twin;

before(async () => {
  booth = await Booth.open({ north: 6, river: 1, hill: 1 });
  // The same board and keys twice: what a log can do that shows different people different boards.
  twin = await booth.twin();
  other = await Booth.open({ north: 1, river: 1, hill: 1 });
});
after(() => Promise.all([booth, twin, other].map((one) => one?.close())));

const visit = async (place, routes = {}) => {
  const page = await booth.device();
  for (const [path, change] of Object.entries(routes)) await lie(page, path, change);
  const one = booth.election.voters[place];
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: one?.credential });
  return page;
};

/** Changes what the server answers on a path. */
async function lie(page, path, change) {
  await page.unroute(path);
  await page.route(path, async (route) => {
    const answer = await route.fetch();
    const body = await answer.text();
    const changed = await change(body, route);
    await route.fulfill({ response: answer, body: typeof changed === "string" ? changed : JSON.stringify(changed) });
  });
}

const vote = async (page, number = 0) => {
  await voter.enter(page);
  await voter.fill(page, choices("north", number));
  return voter.encrypt(page);
};

const alarm = (page) => page.locator("main [role=alert]").first().textContent();

test("a bundle of another election", async () => {
  const bundle = await (await fetch(`${other.url}api/bundle`)).text();
  const page = await visit(0, { "**/api/bundle": () => bundle });
  assert.match(await alarm(page), /another election/);
  assert.equal(await page.locator("[data-do=enter]").count(), 0, "nobody can go on");
  await page.context().close();
});

test("a bundle with other keys", async () => {
  const page = await visit(0, { "**/api/bundle": (text) => flip(text, 0.6) });
  assert.match(await alarm(page), /another election|not right|did not work/i);
  assert.equal(await page.locator("[data-do=enter]").count(), 0);
  await page.context().close();
});

test("an answer that promises a ballot, with a receipt of another one", async () => {
  const first = await visit(0);
  await vote(first);
  let receipt;
  first.on("response", async (response) => response.url().endsWith("/api/messages") && ([{ receipt }] = await response.json()));
  assert.equal(await voter.cast(first), "accepted");
  await first.context().close();

  const page = await visit(1, { "**/api/messages": (text) => JSON.parse(text).map((item) => ({ ...item, receipt })) });
  await vote(page, 1);
  assert.equal(await voter.cast(page), "wrong");
  assert.match(await page.locator("main").textContent(), /Do not vote on this device/);
  await page.context().close();
});

test("a receipt that somebody else signed", async () => {
  const page = await visit(2);
  await vote(page, 2);
  // The ballot never reaches the board; the answer is made up from another election's.
  const sheet = other.election.voters[0];
  const elsewhere = await other.device();
  let receipt;
  elsewhere.on("response", async (response) => response.url().endsWith("/api/messages") && ([{ receipt }] = await response.json()));
  await voter.open(elsewhere, other.url, { hash: other.election.hash, credential: sheet.credential });
  await vote(elsewhere);
  await voter.cast(elsewhere);
  await page.route("**/api/messages", (route) => route.fulfill({ json: [{ entry: 30, kind: "ballot", new: true, replaces: null, tracker: "", receipt, size: 31, inclusion: "00" }] }));
  assert.equal(await voter.cast(page), "wrong");
  await page.context().close();
});

test("a proof of another entry", async () => {
  const page = await visit(3, { "**/api/messages": (text) => JSON.parse(text).map((item) => ({ ...item, inclusion: flipHex(item.inclusion) })) });
  await vote(page, 3);
  assert.equal(await voter.cast(page), "wrong");
  assert.equal(await page.locator('li[data-check="receipt"]').getAttribute("data-state"), "done");
  assert.equal(await page.locator('li[data-check="inclusion"]').getAttribute("data-state"), "failed");
  await page.context().close();
});

test("another style: the board refuses the ballot, and the page says so", async () => {
  const page = await visit(4, { "**/api/voters/*": (text) => ({ ...JSON.parse(text), style: "hill" }) });
  await voter.enter(page);
  assert.match(await page.locator(".eyebrow").textContent(), /Hill/, "the voter sees whose ballot it is");
  await voter.fill(page, choices("hill", 0));
  await voter.encrypt(page);
  assert.equal(await voter.cast(page), "refused");
  await page.context().close();
});

test("a look-up with the proof of another ballot, and another voter's ballot", async () => {
  const page = await booth.device();
  await voter.open(page, booth.url, { hash: booth.election.hash });
  await booth.checkpoint();
  const ballots = await Promise.all(booth.election.voters.slice(0, 2).map(({ key }) => latest(booth, key)));
  const [mine, theirs] = ballots;
  await page.click("[data-place=placeFind]");
  await page.route("**/api/ballots/*", (route) => route.fulfill({ json: { ...mine, proof: theirs.proof } }));
  assert.equal(await voter.check(page, mine.tracker, mine.voter), "wrong");
  await page.unroute("**/api/ballots/*");
  await page.route("**/api/ballots/*", (route) => route.fulfill({ json: theirs }));
  assert.equal(await voter.check(page, mine.tracker, mine.voter), "wrong");
  await page.unroute("**/api/ballots/*");
  // A clash: the device showed the tracker of somebody who voted the same. The voter's own key tells.
  assert.equal(await voter.check(page, theirs.tracker, mine.voter), "other");
  await page.context().close();
});

test("a board that does not go on from the one seen before", async () => {
  const page = await visit(5);
  await voter.until(page, () => Object.keys(localStorage).some((key) => key.includes("seen")));
  const size = await page.evaluate(() => Number(Object.entries(localStorage).find(([key]) => key.includes("seen"))[1].split("\n")[1]));
  // The twin's board grows past that size with other ballots.
  const elsewhere = await twin.device();
  for (let place = 0; (await twin.api("api/status")).entries <= size; place += 1) {
    await voter.open(elsewhere, twin.url, { hash: twin.election.hash, credential: twin.election.voters[place % 6].credential });
    await vote(elsewhere, place);
    assert.equal(await voter.cast(elsewhere), "accepted");
  }
  await twin.checkpoint();
  for (const path of ["**/api/bundle", "**/api/consistency*", "**/api/checkpoint"]) {
    await page.route(path, async (route) => route.fulfill({ response: await route.fetch({ url: route.request().url().replace(booth.url, twin.url) }) }));
  }
  await voter.open(page, booth.url, { hash: booth.election.hash });
  assert.equal(await page.locator('[data-check="continues"]').getAttribute("data-state"), "failed");
  assert.equal(await page.locator("[data-do=enter]").count(), 0);
  await page.context().close();
});

test("a device that encrypts another choice is found out on a second one", async () => {
  const page = await booth.device();
  // The forged page: what the voter marks for the mayor is not what is encrypted.
  await page.route("**/voting.js", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace("app.election.encrypt(credential, header, app.choices)", 'app.election.encrypt(credential, header, { ...app.choices, mayor: ["boris"] })');
    await route.fulfill({ response: answer, body });
  });
  await page.route(booth.url, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: (await answer.text()).replaceAll(/ integrity="[^"]*"/g, "") });
  });
  const sheet = booth.election.voters[5];
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: sheet.credential });
  await voter.enter(page);
  await voter.fill(page, { ...choices("north", 0), mayor: { votes: { ada: 1 } } });
  const note = await voter.encrypt(page);
  await voter.challenge(page);
  const second = await booth.device();
  await voter.open(second, booth.url, { hash: booth.election.hash, tracker: note });
  assert.equal(await voter.check(second, note, sheet.key), "opened");
  assert.match(await second.locator('[data-contest="mayor"] dd').textContent(), /Boris Lenz/, "not Ada Brandt, whom the voter chose");
  await second.click("[data-do=other]");
  assert.match(await second.locator("[data-said=other]").textContent(), /Do not vote on that device/);
  await page.context().close();
  await second.context().close();
});

test("an opening that is missing, or is another ballot's", async () => {
  const second = await booth.device();
  const sheet = booth.election.voters[5];
  const [spoiled] = await spoiledOf(booth, sheet.key);
  await voter.open(second, booth.url, { hash: booth.election.hash, tracker: spoiled.tracker });
  await lie(second, "**/api/ballots/*", (text) => ({ ...JSON.parse(text), opening: null }));
  assert.equal(await voter.check(second, spoiled.tracker, sheet.key), "notOpened");
  await lie(second, "**/api/ballots/*", (text) => ({ ...JSON.parse(text), opening: changed(JSON.parse(text).opening) }));
  assert.equal(await voter.check(second, spoiled.tracker, sheet.key), "wrong");
  await second.context().close();
});

test("a file of the page that is not the one it was made with", async () => {
  for (const file of ["voting.js", "voter/tabella_voter.wasm", "texts/en.json"]) {
    const page = await booth.device();
    await page.route(`**/${file}`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: Buffer.concat([await answer.body(), Buffer.from(" ")]) });
    });
    await page.goto(`${booth.url}#e=${booth.election.hash}`);
    await page.waitForTimeout(1_000);
    assert.equal(await page.locator("[data-do=enter]").count(), 0, `${file}: the page does not begin`);
    await page.context().close();
  }
});

const latest = async (of, key) => {
  const { entries } = await of.api(`api/voters/${key}`);
  const views = await Promise.all(entries.map((entry) => of.api(`api/entries/${entry}`)));
  const { tracker } = views.map((one) => one.view).findLast((view) => view.tracker);
  return of.api(`api/ballots/${tracker}?voter=${key}`);
};
const spoiledOf = async (of, key) => {
  const { entries } = await of.api(`api/voters/${key}`);
  const views = await Promise.all(entries.map((entry) => of.api(`api/entries/${entry}`)));
  return views.map((one) => one.view).filter((view) => view.kind === "spoil request");
};
const flip = (text, share) => {
  const at = Math.floor(text.length * share);
  const letter = /[A-Za-z]/.exec(text.slice(at));
  const place = at + letter.index;
  return text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
};
const flipHex = (hex) => hex.slice(0, -1) + (hex.endsWith("0") ? "1" : "0");
const changed = (base64) => {
  const bytes = Buffer.from(base64, "base64");
  bytes[5] ^= 1;
  return bytes.toString("base64");
};
