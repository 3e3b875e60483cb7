// Starts the demonstration: an election in a folder, made if it is not there, and the server.
//
//     node demo/start.mjs FOLDER PAGE [ADDRESS]

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { built, make } from "./election.mjs";

const [, , folder, page, address = "127.0.0.1:8080"] = process.argv;
if (!folder || !page) {
  console.error("node demo/start.mjs FOLDER PAGE [ADDRESS]");
  process.exit(2);
}

const letters = join(folder, "letters.json");
if (!existsSync(letters)) {
  const { hash, voters } = await make(folder, { north: 10, river: 10, hill: 10 });
  await writeFile(letters, JSON.stringify({ hash, voters }, null, 1));
}
const { hash, voters } = JSON.parse(await readFile(letters, "utf8"));

console.log(`hash of the election   ${hash}\n`);
for (const style of ["north", "river", "hill"]) {
  for (const { name, credential, key } of voters.filter((voter) => voter.style === style).slice(0, 2)) {
    console.log(`${name.padEnd(8)} http://${address}/#e=${hash}&c=${credential}\n         ${key}`);
  }
}
console.log(`all sheets             ${join(folder, "sheets.html")}`);
console.log(`a station              http://${address}/?kiosk=north-1#e=${hash}\n`);

const args = [join(folder, "election"), "--key", join(folder, "operator.key"), "--log-key", join(folder, "log.key"), "--passphrase-file", join(folder, "pass"), "--page", page, "--listen", address, "--checkpoint-every", "2"];
const server = spawn(built("booth-server", "examples/booth"), args, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => server.kill(signal));
server.on("exit", (code) => process.exit(code ?? 1));
