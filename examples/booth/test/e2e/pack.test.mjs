// The hash of the page is what anybody computes from its files, and each file that a browser loads has a hash in what loads it.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pack } from "../../pack.mjs";

test("the published hash can be computed again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "page-"));
  const out = join(folder, "page");
  const [first, second] = [await pack(out), await pack(out)];
  assert.equal(first.hash, second.hash, "the same files give the same page");
  const command = "find . -type f -printf '%P\\n' | LC_ALL=C sort | xargs sha256sum | sha256sum";
  assert.equal(execFileSync("bash", ["-c", command], { cwd: out, encoding: "utf8" }).split(" ")[0], first.hash);
  for (const page of ["index.html", "operator.html"]) {
    const html = await readFile(join(out, page), "utf8");
    const loads = [...html.matchAll(/<(?:script|link)[^>]*(?:src|href)="[^"]+"[^>]*>/g)].map(([tag]) => tag).filter((tag) => !tag.includes('rel="icon"'));
    assert.ok(loads.length > 8);
    for (const tag of loads) assert.match(tag, /integrity="sha384-/, tag);
  }
  await rm(folder, { recursive: true });
});
