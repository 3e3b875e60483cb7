// Chains for tests: a node that says what it is told to say, and a real one (anvil) with the contract and the publisher of examples/ethereum.

import { execFile, spawn } from "node:child_process";
import { createServer } from "node:http";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SELECTORS } from "../page/chain.js";
import { built } from "../demo/election.mjs";

const run = promisify(execFile);
const ethereum = fileURLToPath(new URL("../../ethereum/", import.meta.url));
const word = (number) => number.toString(16).padStart(64, "0");

/** A node with one contract, of which everything can be changed: a liar, if need be. */
export class Liar {
  static async start(manifest) {
    const liar = Object.assign(new Liar(), { id: 31337, manifest, heads: [], result: "0".repeat(64), answers: {}, asked: [] });
    await liar.start();
    return liar;
  }

  /** Answers, again at the same address after `stop`. */
  async start() {
    this.server = createServer((request, response) => this.#take(request, response));
    await new Promise((done) => this.server.listen(this.port ?? 0, "127.0.0.1", done));
    this.port = this.server.address().port;
  }

  get node() {
    return `http://127.0.0.1:${this.port}`;
  }

  get contract() {
    return { address: `0x${"5b".repeat(20)}`, node: this.node, chain: 31337 };
  }

  async #take(request, response) {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "content-type", "content-type": "application/json", "cross-origin-resource-policy": "cross-origin" };
    if (request.method === "OPTIONS") return response.writeHead(204, headers).end();
    let body = "";
    for await (const part of request) body += part;
    const { method, params } = JSON.parse(body);
    const name = method === "eth_call" ? Object.keys(SELECTORS).find((name) => params[0].data.startsWith(SELECTORS[name])) : method;
    this.asked.push(name);
    const result = this.answers[name] ?? this.answerOf(name, params);
    return response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
  }

  answerOf(name, [call] = []) {
    const { heads } = this;
    const last = heads.at(-1) ?? { size: 0, root: word(0) };
    switch (name) {
      case "eth_chainId": return `0x${this.id.toString(16)}`;
      case "eth_getBlockByNumber": return { hash: `0x${"ab".repeat(32)}`, number: "0x1" };
      case "manifestHash": return `0x${this.manifest}`;
      case "resultHash": return `0x${this.result}`;
      case "last": return `0x${word(heads.length)}${word(last.size)}${last.root}`;
      case "heads": {
        const page = heads.slice(Number(`0x${call.data.slice(10)}`)).slice(0, 256);
        return `0x${[word(64), word(96 + 32 * page.length), word(page.length), ...page.map(({ size }) => word(size)), word(page.length), ...page.map(({ root }) => root)].join("")}`;
      }
      default: throw new Error(`the page asks for ${name}`);
    }
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }
}

/** A chain of its own, and the contract of an election on it. */
export class Chain {
  static async start(election, port) {
    const chain = Object.assign(new Chain(), { election, node: `http://127.0.0.1:${port}`, record: join(election.folder, "election"), key: join(election.folder, "chain.key") });
    const [anvil] = readdirSync(join(ethereum, "node_modules/@foundry-rs")).filter((name) => name.startsWith("anvil-"));
    chain.process = spawn(join(ethereum, "node_modules/@foundry-rs", anvil, "bin/anvil"), ["--silent", "--block-time", "1", "--port", `${port}`], { stdio: "ignore" });
    for (let turn = 0; ; turn += 1) {
      if (await chain.ask("eth_chainId").catch(() => null)) break;
      if (turn === 100) throw new Error("anvil does not answer");
      await new Promise((done) => setTimeout(done, 100));
    }
    const account = await chain.#run("key", chain.key);
    await chain.ask("anvil_setBalance", account, "0x8ac7230489e80000");
    chain.address = await chain.#run("deploy", chain.record, "--key", chain.key, "--node", chain.node);
    return chain;
  }

  get contract() {
    return { address: this.address.toLowerCase(), node: this.node, chain: 31337 };
  }

  async ask(method, ...params) {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(this.node, { method: "POST", headers: { "content-type": "application/json" }, body });
    return (await response.json()).result;
  }

  async #run(...words) {
    return (await run(built("tabella-ethereum", "examples/ethereum"), words)).stdout.trim();
  }

  /** Sends the checkpoints of the record as it grows, until it is closed. */
  publish() {
    this.publisher = this.#run("publish", this.record, "--contract", this.address, "--key", this.key, "--node", this.node, "--every", "0.3", "--confirmations", "1");
    // Whoever waits for it hears of a failure.
    this.publisher.catch(() => null);
  }

  async last() {
    const words = await this.ask("eth_call", { to: this.address, data: SELECTORS.last }, "latest");
    const [, size, root] = words.slice(2).match(/.{64}/g);
    return { size: Number(`0x${size}`), root };
  }

  stop() {
    this.process.kill();
  }
}
