// What a contract on a chain says of the board: heads that nobody can take back. A node of the chain is believed, unless it contradicts
// itself or the board that was signed.

import { CONTRACT } from "./contract.js";

/** How long the node may take for all answers: somebody waits to vote, or has a whole record verified. */
const SHORT = 5_000;
const LONG = 60_000;
/** The first four bytes of a call: the function. The tests compare them with those of the compiler. */
export const SELECTORS = { manifestHash: "0x337f3f32", resultHash: "0x881a3354", last: "0x47799da8", heads: "0x5a503f13" };
/** The most heads that are read: an operator who sends one in ten minutes needs two months for them. */
const MOST = 8192;

/** The node cannot be reached, or gives no answer. It proves nothing, and stops nobody. */
export class NodeAway extends Error {}

/** What stands on the chain is no contract of this election, or answers that contradict each other. */
export class ChainError extends Error {
  name = "ChainError";
  code = "chain";
}

export const isOnChain = CONTRACT !== null;

/** The head that was taken last; its size is 0 if there is none. */
export async function lastHead(hash) {
  return (await Block.newest(hash, SHORT)).last();
}

/** All heads, and SHA-256 of the result if the contract is closed: what an audit expects. */
export async function published(hash) {
  const block = await Block.newest(hash, LONG);
  const [last, [result]] = await Promise.all([block.last(), block.words("resultHash", 1)]);
  const heads = await block.heads(last);
  const isClosed = !/^0*$/.test(result);
  if (isClosed && heads.length === 0) throw new ChainError("it is closed without a head");
  return isClosed ? { heads, size: last.size, result } : { heads };
}

/** The contract at one block: all answers are of this moment. */
class Block {
  static async newest(hash, patience) {
    const signal = AbortSignal.timeout(patience);
    const [chain, block] = await Promise.all([ask(signal, "eth_chainId"), ask(signal, "eth_getBlockByNumber", "latest", false)]);
    if (number(chain) !== CONTRACT.chain) throw new ChainError(`the node is of the chain ${number(chain)}, and not of ${CONTRACT.chain}`);
    if (!/^0x[0-9a-f]{64}$/.test(block?.hash)) throw new ChainError("the newest block has no hash");
    const found = new Block({ blockHash: block.hash }, signal);
    const [manifest] = await found.words("manifestHash", 1);
    if (manifest !== hash) throw new ChainError(`the contract is of the election ${manifest}`);
    return found;
  }

  constructor(at, signal) {
    Object.assign(this, { at, signal });
  }

  /** An answer as the ABI has it: words of 32 bytes, as hexadecimal digits. */
  async words(name, count, argument = "") {
    const answer = await ask(this.signal, "eth_call", { to: CONTRACT.address, data: `${SELECTORS[name]}${argument}` }, this.at);
    if (!/^0x([0-9a-f]{64})*$/.test(answer)) throw new ChainError(`${name}: the answer has another form`);
    const words = answer.slice(2).match(/.{64}/g) ?? [];
    if (words.length === 0) throw new ChainError(`nothing answers at ${CONTRACT.address}`);
    if (count !== undefined && words.length !== count) throw new ChainError(`${name}: ${words.length} words, and not ${count}`);
    return words;
  }

  async last() {
    const [count, size, root] = await this.words("last", 3);
    return { count: number(`0x${count}`), size: number(`0x${size}`), root };
  }

  async heads({ count, size, root }) {
    if (count > MOST) throw new ChainError(`${count} heads; at most ${MOST} are read`);
    const heads = [];
    while (heads.length < count) {
      const page = headsOf(await this.words("heads", undefined, heads.length.toString(16).padStart(64, "0")));
      if (page.length === 0) throw new ChainError(`${heads.length} heads, and not ${count}`);
      heads.push(...page);
    }
    const last = heads.at(-1) ?? { size: 0, root };
    const isSorted = heads.every((head, place) => place === 0 || head.size > heads[place - 1].size);
    if (heads.length !== count || !isSorted || last.size !== size || last.root !== root) throw new ChainError("the heads contradict each other");
    return heads;
  }
}

/** Two lists, of sizes and of roots, in the one form that the compiler gives them. */
function headsOf(words) {
  const [sizesAt, rootsAt, count] = words.slice(0, 3).map((word) => number(`0x${word}`));
  const isForm = sizesAt === 64 && rootsAt === 96 + 32 * count && words.length === 4 + 2 * count && number(`0x${words[3 + count]}`) === count;
  if (!isForm) throw new ChainError("heads: the answer has another form");
  return words.slice(3, 3 + count).map((size, place) => ({ size: number(`0x${size}`), root: words[4 + count + place] }));
}

function number(text) {
  const found = /^0x[0-9a-f]+$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(found)) throw new ChainError(`'${text}' is no number`);
  return found;
}

/** What the node answers. */
async function ask(signal, method, ...params) {
  let answer;
  try {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(CONTRACT.node, { method: "POST", headers: { "content-type": "application/json" }, body, credentials: "omit", redirect: "error", cache: "no-store", signal });
    answer = await response.json();
  } catch (error) {
    throw new NodeAway(error.message);
  }
  if (answer?.result === undefined || answer.result === null) throw new NodeAway(`${method}: ${answer?.error?.message ?? "no answer"}`);
  return answer.result;
}
