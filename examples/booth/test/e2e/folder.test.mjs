// The page from any static host, without a server of the booth: the bundle comes from a file, and the ballot goes into one.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test } from "node:test";
import { axe, Booth } from "../booth.mjs";
import { choices } from "../choices.mjs";
import { tabella } from "../../demo/election.mjs";
import * as voter from "../voter.mjs";

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".wasm": "application/wasm", ".svg": "image/svg+xml" };
let booth;
let host;
before(async () => {
  booth = await Booth.open({ north: 1, river: 1, hill: 1 });
  host = createServer(async (request, response) => {
    const path = new URL(request.url, "http://x").pathname;
    try {
      const body = await readFile(join(booth.page, path === "/" ? "index.html" : path));
      response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "text/html" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => host.listen(0, "127.0.0.1", done));
});
after(async () => {
  host?.close();
  await booth?.close();
});

test("a ballot is encrypted with the page of a static host, and the operator takes the file", () => vote(1, `http://127.0.0.1:${host.address().port}/`));

test("the same with the page as one file, opened from a folder", () => vote(2, pathToFileURL(booth.single).href));

async function vote(place, address) {
  const page = await booth.device({ acceptDownloads: true });
  const sheet = booth.election.voters[place];
  const bundle = join(booth.folder, "bundle.txt");
  await writeFile(bundle, await (await fetch(`${booth.url}api/bundle`)).text());
  await voter.open(page, address, { hash: booth.election.hash, credential: sheet.credential });
  assert.deepEqual(await axe(page), [], "without a server");
  await page.setInputFiles("[data-field=bundle]", bundle);
  await page.waitForSelector("[data-field=style]");
  await page.selectOption("[data-field=style]", sheet.style);
  assert.deepEqual(await axe(page), [], "the way in");
  await voter.enter(page);
  await voter.fill(page, choices(sheet.style, 2));
  const tracker = await voter.encrypt(page);
  await page.click("[data-do=cast]");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("[data-do=save]")]);
  assert.deepEqual(await axe(page), [], "the file");
  const file = join(booth.election.folder, "ballot.txt");
  await download.saveAs(file);
  await booth.stop();
  await tabella(booth.election.folder)("operator", "take", "election", "ballot.txt", "--key", "operator.key");
  await booth.start();
  assert.equal((await booth.api(`api/ballots/${tracker}?voter=${sheet.key}`)).fate, "cast");
  await page.context().close();
}
