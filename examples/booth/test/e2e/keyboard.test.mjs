// By keyboard alone, and by dragging: a ranking, and a whole vote.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Booth } from "../booth.mjs";
import * as voter from "../voter.mjs";

let booth;
before(async () => (booth = await Booth.open({ north: 2, river: 1, hill: 1 })));
after(() => booth?.close());

const order = (page) => page.locator(".ranked li").evaluateAll((all) => all.map((one) => one.dataset.option ?? one.dataset.writein));
const focused = (page) => page.evaluate(() => ({ text: document.activeElement.textContent, label: document.activeElement.getAttribute("aria-label"), ...document.activeElement.dataset }));

/** Presses Tab until what is focused fits. */
async function tabTo(page, fits) {
  for (let turn = 0; turn < 60; turn += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (fits(now)) return now;
  }
  throw new Error("nothing that fits can be reached with the Tab key");
}

async function toContest(page, id) {
  for (let turn = 0; turn < 10; turn += 1) {
    if ((await page.locator("form[data-contest]").getAttribute("data-contest")) === id) return;
    await tabTo(page, (now) => now.do === "next");
    await page.keyboard.press("Enter");
  }
  throw new Error(`${id} was not reached`);
}

test("a ranking and a vote with keys only", async () => {
  const page = await booth.device();
  // On this ballot no contest has to be answered.
  const { credential } = booth.election.voters.find((sheet) => sheet.style === "river");
  await voter.open(page, booth.url, { hash: booth.election.hash });
  await tabTo(page, (now) => now.field === "credential");
  await page.keyboard.type(credential);
  await page.keyboard.press("Enter");
  await page.waitForSelector("form[data-contest]");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1", "a new screen begins at its heading");
  await toContest(page, "council");
  await tabTo(page, (now) => now.option === "faye");
  await page.keyboard.press("Enter");
  assert.deepEqual(await order(page), ["faye"]);
  await tabTo(page, (now) => now.option === "dora");
  await page.keyboard.press("Space");
  await tabTo(page, (now) => now.writein === "new");
  await page.keyboard.type("Zoë Vale");
  await page.keyboard.press("Enter");
  assert.deepEqual(await order(page), ["faye", "dora", "Zoë Vale"]);
  // The handle moves its row, keeps the focus, and a screen reader is told.
  for (let turn = 0; turn < 60 && !/Zoë Vale/.test((await focused(page)).label ?? ""); turn += 1) await page.keyboard.press("Shift+Tab");
  while ((await focused(page)).part !== "grip") await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("ArrowUp");
  assert.deepEqual(await order(page), ["faye", "Zoë Vale", "dora"]);
  assert.match((await focused(page)).label, /Zoë Vale/);
  assert.match(await page.locator("[role=status].visually-hidden").textContent(), /Zoë Vale has rank 2 of 3/);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  assert.deepEqual(await order(page), ["Zoë Vale", "faye", "dora"]);
  await page.keyboard.press("ArrowDown");
  assert.deepEqual(await order(page), ["faye", "Zoë Vale", "dora"]);
  await page.keyboard.press("Delete");
  assert.deepEqual(await order(page), ["faye", "dora"]);
  while (!(await page.locator("[data-do=encrypt]").count())) {
    await tabTo(page, (now) => now.do === "next");
    await page.keyboard.press("Enter");
  }
  assert.match(await page.locator('[data-contest="council"] dd').textContent(), /1\. Faye Weiss.*2\. Dora Ott/);
  await tabTo(page, (now) => now.do === "encrypt");
  await page.keyboard.press("Enter");
  await tabTo(page, (now) => now.do === "cast");
  await page.keyboard.press("Enter");
  await page.waitForSelector('div[data-state="accepted"]');
  assert.deepEqual(booth.problems, []);
  await page.context().close();
});

test("a ranking by dragging, in both directions of writing", async () => {
  for (const language of ["en", "ar"]) {
    const page = await booth.device({ language });
    await voter.open(page, booth.url, { hash: booth.election.hash, credential: booth.election.voters[1].credential });
    await voter.enter(page);
    while ((await page.locator("form[data-contest]").getAttribute("data-contest")) !== "council") await page.click("[data-do=next]");
    for (const option of ["dora", "emil", "faye"]) await page.click(`button[data-option="${option}"]`);
    const grip = await page.locator('.ranked [data-option="faye"] .grip').boundingBox();
    const first = await page.locator('.ranked [data-option="dora"]').boundingBox();
    await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
    await page.mouse.down();
    await page.mouse.move(grip.x, first.y + 4, { steps: 5 });
    await page.mouse.up();
    assert.deepEqual(await order(page), ["faye", "dora", "emil"], language);
    await page.context().close();
  }
});
