// Audits of a record on disk: by the package, and by the program.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "tabella-voter";

/** The module that audits. */
export const auditor = await load(new URL(import.meta.resolve("tabella-voter/tabella_audit.wasm")));

/** The files of a record, in an order in which an audit takes them. */
export function files(record) {
  const all = readdirSync(record, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const paths = all.map((file) => join(file.parentPath ?? file.path, file.name).slice(record.length + 1)).sort();
  return paths.map((path) => [path, new Uint8Array(readFileSync(join(record, path)))]);
}

export function audit(record, expect, change = (_, bytes) => bytes) {
  const audit = auditor.audit(expect);
  for (const [path, bytes] of files(record)) audit.add(path, change(path, bytes));
  let before = 0;
  while (audit.advance(16)) {
    if (audit.size <= before) throw new Error("the audit stands still");
    before = audit.size;
  }
  return audit.report();
}

/** What the program writes for programs. It ends with 1 if it refuses a record, and with 3 if nothing was known. */
export function tabella(options, json) {
  const folder = mkdtempSync(join(tmpdir(), "tabella-"));
  const out = join(folder, "out.json");
  try {
    try {
      execFileSync(process.env.TABELLA, [...options, json, out], { stdio: "pipe" });
    } catch (error) {
      if (![1, 3].includes(error.status)) throw error;
    }
    return JSON.parse(readFileSync(out, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
