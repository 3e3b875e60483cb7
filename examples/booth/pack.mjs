// Puts the page together: copies its files and the voter's package into a folder, and writes into them the hash that each must have.
//
//     node pack.mjs OUT
//
// Prints the hash of the whole page: that of the lines which `sha256sum` prints for its files in the order of their names.

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
/** What the page needs of the voter's package. */
const PACKAGE = /\.(js|mjs|wasm)$/;
/** These name the others, and so cannot be among them. */
const LISTS = ["installed.js", "installed-files.js"];

const sri = (bytes) => `sha384-${createHash("sha384").update(bytes).digest("base64")}`;

export async function pack(out) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await cp(join(here, "page"), out, { recursive: true });
  await cp(join(here, "voter", "npm"), join(out, "voter"), { recursive: true, filter: (path) => PACKAGE.test(path) || !/\.[a-z]+$/.test(path) });
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

  const kept = [...hash].filter(([file]) => !LISTS.includes(file) && !file.startsWith("operator."));
  const page = createHash("sha256").update(JSON.stringify(kept)).digest("hex").slice(0, 16);
  await writeFile(join(out, "installed-files.js"), `// Written by pack.mjs: the files that are kept on a device, and the hash of each.\nself.PAGE = "${page}";\nself.FILES = ${JSON.stringify(Object.fromEntries(kept), null, 2)};\n`);
  return { files: (await list(out)).length, hash: await pageHash(out) };
}

/** All modules that a module imports, itself first. */
async function modules(out, first) {
  const found = [first];
  for (const file of found) {
    const text = await readFile(join(out, file), "utf8");
    for (const [, path] of text.matchAll(/^(?:import|export)\b[^;]*?from\s*["'](\.[^"']+)["']/gms)) {
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
  const out = process.argv[2];
  if (!out) {
    console.error("node pack.mjs OUT");
    process.exit(2);
  }
  const { files, hash } = await pack(out);
  console.log(`${files} files in ${out}\nhash of the page: ${hash}`);
}
