// What the page asks a chain is what the compiler made of the contract.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { SELECTORS } from "../../page/chain.js";
import { contractOf } from "../../pack.mjs";

test("the functions are those of the contract", async () => {
  const artifact = JSON.parse(await readFile(new URL("../../../ethereum/contracts/BulletinBoard.json", import.meta.url), "utf8"));
  const selectors = Object.entries(artifact.selectors).map(([signature, selector]) => [signature.split("(")[0], `0x${selector}`]);
  for (const [name, selector] of Object.entries(SELECTORS)) assert.equal(Object.fromEntries(selectors)[name], selector, name);
});

test("a contract in the page is an address, a node and a chain", () => {
  const right = { contract: `0x${"aB".repeat(20)}`, node: "http://127.0.0.1:8545", chain: "31337" };
  assert.deepEqual(contractOf(right), { address: `0x${"ab".repeat(20)}`, node: right.node, chain: 31337 });
  assert.equal(contractOf({}), null);
  for (const wrong of [{ contract: "0x12" }, { contract: undefined }, { node: "127.0.0.1" }, { node: "http://a; script-src *" }, { node: "http://a,b" }, { chain: "0x1" }, { chain: undefined }]) {
    assert.throws(() => contractOf({ ...right, ...wrong }), /^Error: --(contract|node|chain) /);
  }
});
