// The booth for tests: an election, its page put together, the server as a process, and Chromium.

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { pack } from "../pack.mjs";
import { built, make } from "../demo/election.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** A port that nobody listens on. */
export const free = () => new Promise((done) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => done(port));
  });
});

export class Booth {
  /**
   * An election with so many voters in each district, and all that is needed to vote in it. `publish` gives it a chain with a contract,
   * from the election.
   */
  static async open(voters, { publish } = {}) {
    const booth = new Booth();
    booth.folder = await mkdtemp(join(tmpdir(), "booth-"));
    booth.election = await make(join(booth.folder, "election"), voters);
    booth.page = join(booth.folder, "page");
    booth.single = join(booth.folder, "booth.html");
    booth.chain = await publish?.(booth.election);
    booth.packed = await pack(booth.page, booth.single, booth.chain?.contract);
    booth.port = await free();
    await booth.start();
    booth.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
    booth.problems = [];
    return booth;
  }

  /** A second server with a copy of the board and all keys: a log that can show different people different boards. */
  async twin() {
    const twin = Object.assign(new Booth(), { folder: await mkdtemp(join(tmpdir(), "booth-")), page: this.page, problems: [] });
    await cp(this.election.folder, join(twin.folder, "election"), { recursive: true });
    twin.election = { ...this.election, folder: join(twin.folder, "election") };
    twin.port = await free();
    twin.browser = this.browser;
    await twin.start();
    return twin;
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The server as its own process; again with the same board after `stop`. */
  async start() {
    const { folder } = this.election;
    const args = [join(folder, "election"), "--key", join(folder, "operator.key"), "--log-key", join(folder, "log.key"), "--passphrase-file", join(folder, "pass"), "--page", this.page, "--listen", `127.0.0.1:${this.port}`, "--checkpoint-every", "1"];
    if (this.chain) args.push("--chain-node", this.chain.node);
    this.server = spawn(built("booth-server", "examples/booth"), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.said = "";
    for (const stream of [this.server.stdout, this.server.stderr]) stream.on("data", (data) => (this.said += data));
    this.ended = new Promise((done) => this.server.on("exit", done));
    for (let turn = 0; turn < 300; turn += 1) {
      if (this.server.exitCode !== null) throw new Error(`the server ended:\n${this.said}`);
      const answer = await fetch(`${this.url}api/status`).catch(() => null);
      if (answer?.ok) return;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the server does not answer:\n${this.said}`);
  }

  async stop(signal = "SIGTERM") {
    this.server.kill(signal);
    await this.ended;
  }

  async close() {
    await this.browser?.close().catch(() => null);
    await this.stop().catch(() => null);
    await this.chain?.stop();
    if (!process.env.KEEP) await rm(this.folder, { recursive: true, force: true });
  }

  async api(path, options) {
    const response = await fetch(new URL(path, this.url), options);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  get token() {
    return /token[^\n]*?([A-Za-z0-9_-]{20,})/i.exec(this.said)?.[1];
  }

  /** One of the operator's commands. */
  command(name, body = {}) {
    return this.api(`api/operator/${name}`, { method: "POST", headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  }

  /** A checkpoint of all that is on the board now. */
  checkpoint() {
    return this.command("checkpoint");
  }

  /** How many ballots count, once it is so many: the server says it a moment after it has answered. */
  async ballots(expected) {
    let found;
    for (let turn = 0; turn < 50; turn += 1) {
      ({ ballots: found } = await this.api("api/status"));
      if (found === expected) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    return found;
  }

  /** A browser of its own, as of another person. */
  async device({ language = "en", dark = false, width = 1280, height = 900, ...more } = {}) {
    const context = await this.browser.newContext({ locale: language, colorScheme: dark ? "dark" : "light", viewport: { width, height }, ...more });
    const page = await context.newPage();
    page.on("pageerror", (error) => this.problems.push(`error in the page: ${error.message}`));
    page.on("console", (message) => message.type() === "error" && !/Failed to load resource/.test(message.text()) && this.problems.push(`console: ${message.text()}`));
    return page;
  }
}

/** What axe-core finds on the screen as it is now. */
export async function axe(page) {
  const source = await (await import("node:fs/promises")).readFile(AXE, "utf8");
  // The page's policy lets no other script in; the debugger does.
  if (!(await page.evaluate("typeof axe !== 'undefined'"))) await page.evaluate(source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map((one) => `${one.id}: ${one.help}\n${one.nodes.map((node) => `    ${node.html.slice(0, 200)}`).join("\n")}`);
}
