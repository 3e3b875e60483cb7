// The page asks a chain, and takes no other board than the one there. The node lies in ten ways.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Booth } from "../booth.mjs";
import { Liar } from "../chain.mjs";
import { choices } from "../choices.mjs";
import * as voter from "../voter.mjs";

let booth;
let node;
const sheet = () => booth.election.voters[0];

before(async () => {
  booth = await Booth.open({ north: 2, river: 1, hill: 1 }, { publish: ({ hash }) => Liar.start(hash) });
  node = booth.chain;
});
after(() => booth?.close());

/** What the page says of the chain when it is opened. */
async function visit() {
  const page = await booth.device();
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: sheet().credential });
  const state = await page.locator('[data-check="chain"]').getAttribute("data-state");
  const canVote = (await page.locator("[data-do=enter]").count()) === 1;
  return { page, state, canVote, text: await page.locator("main").textContent() };
}

const close = ({ page }) => page.context().close();

/** A head of the board, as a publisher sends it. */
async function head() {
  await booth.checkpoint();
  const { size, root } = await booth.api("api/checkpoint");
  return { size, root };
}

/** Does something while the node lies. */
async function lying(lie, then) {
  const kept = { id: node.id, manifest: node.manifest, heads: node.heads, result: node.result, answers: node.answers };
  Object.assign(node, lie);
  try {
    return await then();
  } finally {
    Object.assign(node, kept);
  }
}

test("a chain on which nothing is yet stops nobody", async () => {
  const visited = await visit();
  assert.deepEqual([visited.state, visited.canVote], ["told", true]);
  assert.match(visited.text, /Nothing is on the chain yet/);
  await close(visited);
});

test("the ballot is on the chain a while after the vote, and the page proves it", async () => {
  node.heads = [await head()];
  const { page, state, text } = await visit();
  assert.equal(state, "done", text);
  await voter.enter(page);
  await voter.fill(page, choices("north", 0));
  const tracker = await voter.encrypt(page);
  assert.equal(await voter.cast(page), "accepted");
  await booth.checkpoint();
  await page.click("[data-place=placeFind]");
  assert.equal(await voter.check(page, tracker, sheet().key), "counts");
  const check = page.locator('[data-found] [data-check="chain"]');
  assert.equal(await check.getAttribute("data-state"), "told");
  assert.match(await check.textContent(), /your ballot comes later/);
  node.heads = [...node.heads, await head()];
  assert.equal(await voter.check(page, tracker, sheet().key), "counts");
  assert.equal(await check.getAttribute("data-state"), "done");
  assert.match(await check.textContent(), /among the \d+ entries that are fixed/);

  // The same board with a lie about it.
  const { size } = node.heads[1];
  await lying({ heads: [node.heads[0], { size, root: "5".repeat(64) }] }, async () => {
    assert.equal(await voter.check(page, tracker, sheet().key), "wrong");
    assert.equal(await check.getAttribute("data-state"), "failed");
  });
  await close({ page });
});

test("another board on the chain, or none of this election, and nobody can go on", async () => {
  const [first, second] = node.heads;
  const root = "5".repeat(64);
  const lies = {
    "another root of the same size": { heads: [first, { ...second, root }] },
    "another root of a smaller size": { heads: [{ ...first, root }] },
    "a right root with a wrong size": { heads: [{ size: first.size - 1, root: first.root }] },
    "more than the server has": { heads: [first, { size: second.size + 100, root }] },
    "another election": { manifest: root },
    "another chain": { id: 1 },
    "no contract": { answers: { manifestHash: "0x" } },
    "another form": { answers: { last: "0x00" } },
    "a number that is none": { answers: { last: `0x${"f".repeat(192)}` } },
  };
  for (const [lie, said] of Object.entries(lies)) {
    const visited = await lying(said, visit);
    assert.deepEqual([visited.state, visited.canVote], ["failed", false], lie);
    assert.match(visited.text, /Do not vote/i, lie);
    await close(visited);
  }
});

test("a node that is away proves nothing, and stops nobody", async () => {
  await node.stop();
  const visited = await visit();
  await node.start();
  assert.deepEqual([visited.state, visited.canVote], ["told", true]);
  assert.match(visited.text, /does not answer/);
  await close(visited);
});

test("the record is compared with all heads", async () => {
  const page = await booth.device();
  await voter.open(page, booth.url, { hash: booth.election.hash });
  assert.equal(await voter.verify(page), "verified as far as it goes");
  assert.equal(await page.getAttribute("[data-chain]", "data-chain"), "2");
  // One in the middle that nobody sees when the page opens.
  const [first, second] = node.heads;
  await lying({ heads: [{ ...first, root: "5".repeat(64) }, second] }, async () => assert.equal(await voter.verify(page), "refused"));
  await lying({ result: "5".repeat(64) }, async () => assert.equal(await voter.verify(page), "refused"));
  await lying({ answers: { last: node.answerOf("last").replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) } }, async () => {
    await assert.rejects(voter.verify(page), /contradicts itself/);
  });
  await close({ page });
});

test("the page can ask this node, and no other", async () => {
  const { page } = await visit();
  const policy = (await fetch(booth.url)).headers.get("content-security-policy");
  assert.match(policy, new RegExp(`connect-src 'self' ${node.node};`));
  const reached = (url) => page.evaluate((url) => fetch(url, { method: "POST", body: "{}", mode: "no-cors" }).then(() => true, () => false), url);
  const other = await Liar.start(booth.election.hash);
  assert.equal(await reached(other.node), false);
  assert.deepEqual(other.asked, []);
  await other.stop();
  const expected = /connect-src|Content Security Policy|Failed to fetch|ERR_/;
  assert.deepEqual(booth.problems.filter((problem) => !expected.test(problem)), []);
  await close({ page });
});
