// Starts the worker that verifies the record, and tells how far it is.

import { isOnChain, NodeAway, published } from "./chain.js";
import { fetchChecked, urlOf } from "./files.js";
import { remembered } from "./storage.js";

// Browsers with Trusted Types start only workers that this policy names.
const policy = globalThis.trustedTypes?.createPolicy("booth", {
  createScriptURL: (url) => {
    if (![urlOf("worker.js").href, urlOf("installed.js").href].includes(url)) throw new TypeError(`'${url}' is no script of this page`);
    return url;
  },
});
export const scriptURL = (path) => policy?.createScriptURL(urlOf(path).href) ?? urlOf(path).href;

/** Verifies the record as the server has it now. `tell` gets the share that is done, from 0 to 1. */
export async function auditRecord(app, tell) {
  // Before the files are listed: the board only grows, so that it has what the chain has.
  const chain = isOnChain ? await ofChain(app.hash) : null;
  // Workers have no attribute for integrity: the file is fetched and compared before it is started.
  const compiled = WebAssembly.compileStreaming(fetchChecked("voter/tabella_audit.wasm"));
  const [{ files, entries }, module] = await Promise.all([app.server.files(), compiled, fetchChecked("worker.js")]);
  const status = await app.server.status();
  const seen = remembered(`seen:${app.election.hash}`);
  const expect = { manifest: app.hash, partial: status.phase !== "finished", known: seen ? [seen] : [] };
  if (chain?.heads) Object.assign(expect, chain);
  const receipt = app.cast?.receipt;
  if (receipt) expect.receipts = [{ receipt, voter: app.cast.key }];
  const worker = new Worker(scriptURL("worker.js"), { type: "module" });
  try {
    return await new Promise((done, failed) => {
      worker.onerror = (event) => failed(new Error(event.message || "worker.js"));
      worker.onmessage = ({ data }) => {
        if (data.report) done({ ...data.report, entries, partial: expect.partial, receipt: Boolean(receipt), known: expect.known.length, chain });
        else if (data.error) failed(new Error(data.error));
        else if (data.all) tell({ step: "fetching", share: (0.15 * data.fetched) / data.all, n: data.fetched });
        else tell({ step: "judging", share: 0.15 + (0.85 * data.judged) / Math.max(data.entries, 1), n: data.judged, all: data.entries });
      };
      const language = app.inManifest;
      worker.postMessage({ module, expect, files, base: app.server.base.href, language });
    });
  } finally {
    worker.terminate();
  }
}

/** What the chain makes the audit expect, or that its node is away: then the record is judged without it, and the report says so. */
async function ofChain(hash) {
  try {
    return await published(hash);
  } catch (error) {
    if (error instanceof NodeAway) return { away: true };
    throw error;
  }
}
