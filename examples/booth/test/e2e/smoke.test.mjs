// One voter, one ballot, from the link to the look-up: the short test of the default run.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, Booth } from "../booth.mjs";
import { choices } from "../choices.mjs";
import * as voter from "../voter.mjs";

let booth;
before(async () => (booth = await Booth.open({ north: 1, river: 1, hill: 1 })));
after(() => booth?.close());

test("a voter votes, looks the ballot up and verifies the record", async () => {
  const page = await booth.device();
  const [{ credential, key }] = booth.election.voters;
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await voter.open(page, booth.url, { hash: booth.election.hash, credential });

  // The link's fragment is gone at once, and was never sent.
  assert.equal(page.url(), booth.url);
  assert.ok((await page.evaluate(() => history.length)) <= 3, "nothing but the page and what was before it");
  assert.ok(requests.every((url) => url.startsWith(booth.url) && !url.includes(credential)), "nothing goes elsewhere, and the credential nowhere");
  const checks = await page.locator("[data-check]").evaluateAll((all) => Object.fromEntries(all.map((one) => [one.dataset.check, one.dataset.state])));
  assert.deepEqual(checks, { bundle: "done", keys: "done", checkpoint: "done", continues: "told" });
  assert.deepEqual(await axe(page), [], "the first screen");
  const loaded = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
  assert.ok(loaded < 1500, `the page was there after ${loaded} ms`);

  await voter.enter(page);
  await voter.fill(page, choices("north", 0), async (_, id) => assert.deepEqual(await axe(page), [], id));
  assert.deepEqual(await axe(page), [], "the review");
  const tracker = await voter.encrypt(page);
  assert.match(tracker, /^tracker1/);
  assert.deepEqual(await axe(page), [], "the tracker");
  assert.equal(await voter.cast(page), "accepted");
  const done = await page.locator("li[data-check]").evaluateAll((all) => all.map((one) => one.dataset.state));
  assert.deepEqual(done, ["done", "done", "done"]);
  assert.deepEqual(await axe(page), [], "the end");

  // The key comes from the sheet. A checkpoint with the ballot is signed some seconds later.
  await page.click("[data-do=find]");
  await booth.checkpoint();
  assert.equal(await voter.check(page, tracker, key), "counts");
  assert.equal(await page.locator('[data-check="onBoard"]').getAttribute("data-state"), "done");
  assert.deepEqual(await axe(page), [], "the look-up");

  assert.equal(await voter.verify(page), "verified as far as it goes");
  assert.deepEqual(await axe(page), [], "the audit");
  // A link that is opened in the page that is open leaves nothing in the address, either.
  await Promise.all([page.waitForEvent("load"), page.evaluate((link) => void (location.href = link), `${booth.url}#e=${booth.election.hash}&c=${credential}`)]);
  await page.waitForSelector("[data-do=enter]");
  assert.equal(page.url(), booth.url);
  assert.deepEqual(await page.context().cookies(), []);
  assert.deepEqual(booth.problems, []);
});
