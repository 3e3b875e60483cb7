// A station's screen: nothing of a voter is left for the next one, and ballots wait out a network that is down.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, Booth } from "../booth.mjs";
import { choices } from "../choices.mjs";
import * as voter from "../voter.mjs";

let booth;
before(async () => (booth = await Booth.open({ north: 3, river: 1, hill: 1 })));
after(() => booth?.close());

/** Everything that a browser keeps of a page, as text. */
async function leftovers(page) {
  return page.evaluate(async () => {
    const databases = await Promise.all((await indexedDB.databases()).map(({ name }) => new Promise((done) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => {
        const records = request.result.transaction("records").objectStore("records").getAll();
        records.onsuccess = () => (request.result.close(), done(JSON.stringify(records.result)));
      };
    })));
    const fields = [...document.querySelectorAll("input, textarea")].map((one) => one.value);
    return [document.documentElement.outerHTML, location.href, history.state, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie, ...fields, ...databases].join("\n");
  });
}

const start = async (language = "en") => {
  const page = await booth.device({ language, hasTouch: true, width: 1024, height: 768 });
  await voter.open(page, booth.url, { hash: booth.election.hash, query: "?kiosk=north-1" });
  await page.waitForSelector("[data-do=start]");
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => null));
  return page;
};

test("the screen is clean 30 seconds after a vote", async () => {
  const page = await start();
  const [{ credential }] = booth.election.voters;
  assert.deepEqual(await axe(page), [], "the start");
  await page.click("[data-do=start]");
  await voter.enter(page, credential);
  await voter.fill(page, choices("north", 1));
  const tracker = await voter.encrypt(page);
  await page.clock.install();
  assert.equal(await voter.cast(page), "accepted");
  await page.clock.runFor(21_000);
  await page.waitForSelector("dialog[open]");
  assert.deepEqual(await axe(page), [], "the warning");
  const [reloaded] = await Promise.all([page.waitForEvent("load", { timeout: 20_000 }), page.clock.runFor(12_000).catch(() => null)]);
  assert.ok(reloaded);
  await page.waitForSelector("[data-do=start]");
  const left = await leftovers(page);
  for (const [what, text] of Object.entries({ credential, tracker, choice: "Boris Lenz" })) assert.ok(!left.includes(text), `${what} is left`);
  await page.goBack().catch(() => null);
  await page.waitForTimeout(300);
  assert.ok(!(await page.content()).includes(credential) && !page.url().includes("c="), "nothing behind the button for going back");
  const found = await booth.api(`api/ballots/${tracker}`);
  assert.equal(found.station, "north-1");
  await page.context().close();
});

test("a voter who leaves in the middle is forgotten, after a warning", async () => {
  const page = await start("ru");
  const { credential } = booth.election.voters[1];
  await page.clock.install();
  await page.click("[data-do=start]");
  await voter.enter(page, credential);
  await page.clock.runFor(95_000);
  await page.waitForSelector("dialog[open]");
  await page.click("dialog button");
  await page.clock.runFor(80_000);
  assert.ok(await page.locator("form[data-contest]").count(), "who says to be there goes on");
  await Promise.all([page.waitForEvent("load", { timeout: 20_000 }), page.clock.runFor(45_000).catch(() => null)]);
  await page.waitForSelector("[data-do=start]");
  assert.ok(!(await leftovers(page)).includes(credential));
  await page.context().close();
});

test("without a network ballots are kept, and sent when it is back: none lost, none twice", async () => {
  const page = await start("ar");
  await voter.until(page, () => indexedDB.databases().then((all) => all.some(({ name }) => name.endsWith("roll"))));
  await page.context().setOffline(true);
  const trackers = [];
  for (const [place, { credential }] of booth.election.voters.slice(1, 3).entries()) {
    // Each voter finds the page loaded anew, without a network.
    await page.reload();
    await page.waitForSelector("[data-do=start]");
    await page.click("[data-do=start]");
    await voter.enter(page, credential);
    await voter.fill(page, choices("north", place));
    trackers.push(await voter.encrypt(page));
    assert.equal(await voter.cast(page), "kept");
    assert.deepEqual(await axe(page), [], "kept");
  }
  await page.reload();
  await page.waitForSelector(".banner:not([hidden])");
  const before = (await booth.api("api/status")).ballots;
  // The server takes the first one, and the answer is lost.
  let lost = false;
  await page.context().route("**/api/messages", async (route) => {
    if (lost) return route.continue();
    lost = true;
    await route.fetch();
    await route.abort();
  });
  await page.context().setOffline(false);
  await page.waitForSelector(".banner[hidden]", { state: "attached", timeout: 40_000 });
  assert.ok(lost);
  assert.equal(await booth.ballots(before + 2), before + 2);
  for (const tracker of trackers) assert.equal((await booth.api(`api/ballots/${tracker}`)).replaced_by, null);
  assert.deepEqual(booth.problems.filter((problem) => !/ERR_INTERNET_DISCONNECTED|Failed to fetch/.test(problem)), []);
  await page.context().close();
});
