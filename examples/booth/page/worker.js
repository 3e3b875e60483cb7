// Verifies a whole record beside the page, so that nothing stands still. It gets the module compiled from bytes that the page has checked.

import { load } from "./voter/index.js";

/** Entries that are judged between two messages. */
const AT_ONCE = 256;

onmessage = async ({ data: { module, expect, files, base, language } }) => {
  try {
    const tabella = await load(module);
    const audit = tabella.audit(expect);
    const all = files.reduce((sum, file) => sum + file.bytes, 0);
    let fetched = 0;
    for (const { path, bytes } of files) {
      const response = await fetch(new URL(`record/${path}`, base), { cache: "no-store", credentials: "omit" });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      // The board grows meanwhile: what was listed is judged.
      audit.add(path, new Uint8Array(await response.arrayBuffer()).subarray(0, bytes));
      fetched += bytes;
      postMessage({ fetched, all });
    }
    const begin = performance.now();
    let more = true;
    while (more) {
      more = audit.advance(AT_ONCE);
      postMessage({ judged: audit.size, entries: audit.entries });
    }
    const { verdict, meaning, accepted, json, html } = audit.report(language);
    postMessage({ report: { verdict, meaning, accepted, json, html, milliseconds: performance.now() - begin } });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
