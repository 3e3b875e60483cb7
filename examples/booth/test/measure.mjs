// How long the page takes on this machine: the first load, encrypting a ballot of each district, and auditing the record.
//
//     node measure.mjs [BALLOTS]

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readFile, readdir } from "node:fs/promises";
import { Booth } from "./booth.mjs";
import { choices } from "./choices.mjs";
import * as voter from "./voter.mjs";

const most = Number(process.argv[2] ?? 30);
const each = Math.ceil(most / 3);
const booth = await Booth.open({ north: each, river: each, hill: each });
const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

const first = [];
for (let turn = 0; turn < 5; turn += 1) {
  const page = await booth.device();
  await page.goto(`${booth.url}#e=${booth.election.hash}`);
  await page.waitForSelector("[data-do=enter]");
  first.push(await page.evaluate(() => performance.now()));
  await page.context().close();
}
console.log(`first load, until the election is open and checked: ${Math.round(middle(first))} ms`);

const encrypting = {};
for (const [place, sheet] of booth.election.voters.entries()) {
  const page = await booth.device();
  await voter.open(page, booth.url, { hash: booth.election.hash, credential: sheet.credential });
  await voter.enter(page);
  await voter.fill(page, choices(sheet.style, place));
  await voter.encrypt(page);
  (encrypting[sheet.style] ??= []).push(await page.evaluate(() => performance.getEntriesByName("encrypt")[0].duration));
  await voter.cast(page);
  await page.context().close();
}
for (const [style, times] of Object.entries(encrypting)) console.log(`encrypt a ballot of ${style}: ${Math.round(middle(times))} ms`);

const page = await booth.device();
await voter.open(page, booth.url, { hash: booth.election.hash });
const begin = Date.now();
console.log(`${await voter.verify(page)}: ${booth.election.voters.length} ballots in ${Date.now() - begin} ms, fetching and compiling included`);

const files = (await readdir(booth.page, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
let [all, packed] = [0, 0];
for (const entry of files) {
  if (/audit\.wasm|operator|installed|worker/.test(entry.name)) continue;
  const bytes = await readFile(join(entry.parentPath ?? entry.path, entry.name));
  all += bytes.length;
  packed += gzipSync(bytes).length;
}
console.log(`the voter's page: ${all} bytes, ${packed} with gzip; as one file ${(await stat(booth.single)).size}`);
await booth.close();
