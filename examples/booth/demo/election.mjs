// An election held by the program `tabella`: keys, ceremony, sheets and roll; afterwards trustees as processes of their own.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { manifest } from "./manifest.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A program that was built, in `CARGO_TARGET_DIR` or beside its workspace. */
export function built(name, workspace) {
  const folders = [process.env.CARGO_TARGET_DIR, join(root, workspace, "target")].filter(Boolean);
  const found = folders.flatMap((folder) => ["release", "debug"].map((profile) => join(folder, profile, name))).find((path) => existsSync(path));
  if (!found) throw new Error(`'${name}' is not built: run \`cargo build --package ${name === "tabella" ? "tabella-cli" : name}\``);
  return found;
}

/** The program, in a folder. Its passphrase is in a file there. */
export const tabella = (folder) => async (...words) => {
  const args = words.join(" ").includes("--key") || words[0] === "key" ? [...words, "--passphrase-file", "pass"] : words;
  try {
    return (await run(built("tabella", "."), args, { cwd: folder, maxBuffer: 1 << 28 })).stdout.trim();
  } catch (error) {
    throw new Error(`tabella ${words.join(" ")}: ${error.stderr || error.message}`);
  }
};

const TRUSTEES = ["Ada", "Ben", "Cleo"];

/** Makes an election in a folder, with so many voters in each district, up to an open board. */
export async function make(folder, voters) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "inbox"), { recursive: true });
  await writeFile(join(folder, "pass"), "correct horse battery staple\n");
  const t = tabella(folder);
  const operator = await t("key", "operator.key");
  const log = await t("key", "log.key", "--log");
  const trustees = [];
  for (const [place, name] of TRUSTEES.entries()) trustees.push({ name, key: await t("trustee", "--key", `t${place}.key`) });
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest({ operator, trustees, log }), null, 1));
  const hash = /[0-9a-f]{64}/.exec(await t("operator", "open", "election", "manifest.json", "--key", "operator.key"))[0];
  for (const round of ["commits", "deals", "complaints", "confirmations"]) {
    await everybody({ folder, hash });
    await t("operator", "round", "election", round, "--key", "operator.key");
  }
  const people = Object.entries(voters).flatMap(([style, count]) => Array.from({ length: count }, (_, place) => ({ name: `${style} ${place + 1}`, style })));
  await writeFile(join(folder, "people.csv"), ["name,style", ...people.map((one) => `${one.name},${one.style}`)].join("\n") + "\n");
  await t("operator", "credentials", "election", "people.csv", "--sheets", "sheets.html", "--out", "registrations.txt");
  await t("operator", "roll", "election", "--made", "registrations.txt", "--key", "operator.key", "--yes");
  return { folder, hash, voters: sheets(await readFile(join(folder, "sheets.html"), "utf8"), people) };
}

/** What the sheets say, as the voters read it. */
function sheets(html, people) {
  const all = (prefix) => [...html.matchAll(new RegExp(`<code>(${prefix}1[^<]+)</code>`, "g"))].map(([, found]) => found);
  const [credentials, keys] = [all("voter"), all("voterkey")];
  if (credentials.length !== people.length || keys.length !== people.length) throw new Error(`${people.length} people, ${credentials.length} credentials and ${keys.length} keys on the sheets`);
  return people.map((person, place) => ({ ...person, credential: credentials[place], key: keys[place] }));
}

/** Each trustee does what is to be done next, and the operator takes the messages, or `send` does. With `copy` each begins with a copy of its own. */
export async function everybody({ folder, hash }, { send, root, copy } = {}) {
  const t = tabella(folder);
  for (const place of TRUSTEES.keys()) {
    const board = copy ? await copy() : "election";
    const words = ["trustee", "--key", `t${place}.key`, board, "--out", "inbox", "--expect-manifest", hash, "--yes"];
    await t(...words, ...(root ? ["--root", root] : []));
    // One after the other: a mix goes on from the one before.
    for (const file of (await readdir(join(folder, "inbox"))).sort()) {
      const path = join(folder, "inbox", file);
      if (send) await send(await readFile(path, "utf8"));
      else await t("operator", "take", "election", path, "--key", "operator.key");
      await rm(path);
    }
  }
}
