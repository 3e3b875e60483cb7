// Puts the page together: copies its files and the voter's package into a folder, and writes into them the hash that each must have.
//
//     node pack.mjs OUT [booth.html] [--contract ADDRESS --node URL --chain NUMBER]
//
// With a second name it also writes the voter's page as one file, which opens from a folder without any server. With a contract
// (examples/ethereum) the page compares the board with the one on that chain: it asks the node at the URL, and no other address.
// Prints the hash of the whole page: that of the lines which `sha256sum` prints for its files in the order of their names.

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
/** What the page needs of the voter's package. */
const PACKAGE = /\.(js|mjs|wasm)$/;
/** It names the others, and so cannot be among them. */
const LIST = "installed.js";

const sri = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

/** A contract on a chain, and a node to ask, as they go into the page and its policy. */
export function contractOf({ contract, node, chain }) {
  if (contract === undefined && node === undefined && chain === undefined) return null;
  if (!/^0x[0-9a-fA-F]{40}$/.test(contract)) throw new Error(`--contract '${contract}' is no address; expected 0x and 40 hexadecimal digits`);
  if (!/^https?:\/\/[^\s;,'"?#]+$/.test(node)) throw new Error(`--node '${node}' is no address of a node; expected http://… or https://…, without '?', '#', ';' and ','`);
  if (!/^[1-9][0-9]{0,14}$/.test(chain)) throw new Error(`--chain '${chain}' is no number of a chain; Ethereum's main chain is 1`);
  return { address: contract.toLowerCase(), node, chain: Number(chain) };
}

export async function pack(out, single, contract = null) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await cp(join(here, "page"), out, { recursive: true });
  await cp(join(here, "voter", "npm"), join(out, "voter"), { recursive: true, filter: (path) => PACKAGE.test(path) || !/\.[a-z]+$/.test(path) });
  if (contract) await connect(out, contract);
  const files = await list(out);
  const hash = new Map();
  for (const file of files) hash.set(file, sri(await readFile(join(out, file))));

  const fetched = files.filter((file) => /\.(json|wasm)$/.test(file) || file === "worker.js");
  const integrity = `// Written by pack.mjs: the files that the page fetches, and the hash of each.\nexport const INTEGRITY = ${JSON.stringify(Object.fromEntries(fetched.map((file) => [file, hash.get(file)])), null, 2)};\n`;
  await writeFile(join(out, "integrity.js"), integrity);
  hash.set("integrity.js", sri(integrity));

  for (const page of ["index.html", "operator.html"]) {
    const html = seal(await readFile(join(out, page), "utf8"), hash, await modules(out, page.replace("index", "main").replace(".html", ".js")));
    await writeFile(join(out, page), html);
    hash.set(page, sri(html));
  }

  const kept = [...hash].filter(([file]) => file !== LIST && !file.startsWith("operator."));
  const name = createHash("sha256").update(JSON.stringify(kept)).digest("hex").slice(0, 16);
  const installed = await readFile(join(out, LIST), "utf8");
  await writeFile(join(out, LIST), installed.replace('PAGE = ""', `PAGE = "${name}"`).replace("FILES = {}", () => `FILES = ${JSON.stringify(Object.fromEntries(kept), null, 2)}`));
  if (single) await writeFile(single, await oneFile(out));
  return { files: (await list(out)).length, hash: await pageHash(out) };
}

/** Writes the contract into the voter's page, and lets its policy ask the node. */
async function connect(out, contract) {
  const write = async (file, before, after) => {
    const text = await readFile(join(out, file), "utf8");
    if (!text.includes(before)) throw new Error(`page/${file} has no \`${before}\``);
    await writeFile(join(out, file), text.replace(before, () => after));
  };
  await write("contract.js", "CONTRACT = null", `CONTRACT = ${JSON.stringify(contract)}`);
  await write("index.html", "connect-src 'self'", `connect-src 'self' ${contract.node}`);
}

/** What modules import of each other. */
const IMPORTS = /^(?:import|export)\b[^;]*?(?:from\s*)?["'](\.[^"']+)["']/gms;

/** All modules that a module imports, itself first. */
async function modules(out, first) {
  const found = [first];
  for (const file of found) {
    const text = await readFile(join(out, file), "utf8");
    for (const [, path] of text.matchAll(IMPORTS)) {
      const next = posix.join(posix.dirname(file), path);
      if (!found.includes(next)) found.push(next);
    }
  }
  return found;
}

/** The page's HTML with a hash for each file, modules that are imported too: a browser takes no other. */
function seal(html, hash, found) {
  const withHash = (whole, before, path) => {
    if (!hash.has(path)) throw new Error(`'${path}' is no file of the page`);
    return `${whole} integrity="${hash.get(path)}"`;
  };
  const preloads = found.slice(1).map((path) => `<link rel="modulepreload" href="${path}" integrity="${hash.get(path)}">`);
  return html
    .replace(/(<link rel="stylesheet" href=)"([^"]+)"/g, withHash)
    .replace(/(<script type="module" src=)"([^"]+)"/g, withHash)
    .replace("<script", `${preloads.join("\n")}\n<script`);
}

/** The voter's page in one file: modules as data under names of their own, texts and module of the library within. */
async function oneFile(out) {
  const data = (bytes) => `data:text/javascript;base64,${Buffer.from(bytes).toString("base64")}`;
  const text = (file) => readFile(join(out, file), "utf8");
  // Without a server there is no record to audit.
  const held = (await list(out)).filter((file) => /\.(json|wasm)$/.test(file) && !file.endsWith("audit.wasm"));
  const types = { json: "application/json", wasm: "application/wasm" };
  const contents = await Promise.all(held.map(async (file) => [file, [types[file.split(".").at(-1)], (await readFile(join(out, file))).toString("base64")]]));
  const files = `// Written by pack.mjs: the files of the page, within it.
const HELD = ${JSON.stringify(Object.fromEntries(contents))};
export const urlOf = (path) => new URL(path, location.href);
export async function fetchChecked(path) {
  if (!HELD[path]) throw new Error(\`'\${path}' is no file of this page\`);
  const [type, base64] = HELD[path];
  return new Response(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)), { headers: { "content-type": type } });
}
`;
  const named = (file, source) => source.replaceAll(IMPORTS, (whole, path) => whole.replace(path, `booth/${posix.join(posix.dirname(file), path)}`));
  const imports = {};
  for (const file of await modules(out, "main.js")) imports[`booth/${file}`] = data(file === "files.js" ? files : named(file, await text(file)));
  const map = JSON.stringify({ imports });
  const begin = 'import "booth/main.js";';
  const style = await text("style.css");
  const sha = (what) => `'sha256-${createHash("sha256").update(what).digest("base64")}'`;
  const policy = `default-src 'none'; script-src ${sha(map)} ${sha(begin)} data: 'wasm-unsafe-eval'; style-src ${sha(style)}; img-src data:; connect-src http: https:; form-action 'none'; base-uri 'none'`;
  return (await text("index.html"))
    .replaceAll(/<link rel="(modulepreload|icon|stylesheet)"[^>]*>\n/g, "")
    .replace(/(<meta http-equiv="content-security-policy" content=)"[^"]*"/, (_, before) => `${before}"${policy}"`)
    .replace(/<script type="module"[^>]*><\/script>/, () => `<style>${style}</style>\n<script type="importmap">${map}</script>\n<script type="module">${begin}</script>`);
}

async function list(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name))).sort();
}

/** The same as `find . -type f -printf '%P\n' | LC_ALL=C sort | xargs sha256sum | sha256sum`. */
export async function pageHash(folder) {
  const lines = [];
  for (const file of await list(folder)) lines.push(`${createHash("sha256").update(await readFile(join(folder, file))).digest("hex")}  ${file}\n`);
  return createHash("sha256").update(lines.join("")).digest("hex");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = { type: "string" };
  const { values, positionals } = parseArgs({ options: { contract: text, node: text, chain: text }, allowPositionals: true });
  const [out, single] = positionals;
  if (!out || positionals.length > 2) {
    console.error("node pack.mjs OUT [booth.html] [--contract ADDRESS --node URL --chain NUMBER]");
    process.exit(2);
  }
  const { files, hash } = await pack(out, single, contractOf(values));
  console.log(`${files} files in ${out}\nhash of the page: ${hash}`);
}
