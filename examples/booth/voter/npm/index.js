// The voter's side of an election: calls of the WebAssembly module beside this file, as objects of JavaScript. What they take and give is in
// index.d.ts. Objects in the module are called by number; no number is used twice.

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const empty = new Uint8Array(0);

export class TabellaError extends Error {
  constructor(code, message, { mistakes, evidence, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "TabellaError";
    this.code = code;
    if (mistakes) this.mistakes = mistakes;
    if (evidence) this.evidence = evidence;
  }
}

const argument = (message) => new TabellaError("argument", message);

/** Loads the module. */
export async function load(source = new URL("tabella_voter.wasm", import.meta.url)) {
  const instance = new Instance();
  instance.start(await instantiate(source, { page: { random: (at, length) => instance.random(at, length) } }));
  return new Tabella(instance);
}

async function instantiate(source, imports) {
  source = await source;
  if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source, imports);
  if (source instanceof URL && source.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    source = await readFile(source);
  } else if (source instanceof URL || typeof source === "string") {
    source = await fetch(source);
  }
  if (typeof Response !== "undefined" && source instanceof Response) {
    if (!source.ok) throw argument(`the module: ${source.status} ${source.url}`);
    const streams = source.headers.get("content-type")?.startsWith("application/wasm");
    if (streams) return (await WebAssembly.instantiateStreaming(source, imports)).instance;
    source = await source.arrayBuffer();
  }
  return (await WebAssembly.instantiate(source, imports)).instance;
}

/** The module in memory. Once something in it failed, what its memory holds may be half done, and it is not used again. */
class Instance {
  #exports;
  #failed;
  #forgotten = new FinalizationRegistry((object) => this.free(object));

  start({ exports }) {
    this.#exports = exports;
  }

  has(name) {
    return name in this.#exports;
  }

  #bytes(at, length) {
    return new Uint8Array(this.#exports.memory.buffer, at, length);
  }

  /** Fills memory with random bytes of the system: 0 if it could. */
  random(at, length) {
    // A browser gives so many at once.
    const most = 65536;
    try {
      for (let done = 0; done < length; done += most) {
        crypto.getRandomValues(this.#bytes(at + done, Math.min(most, length - done)));
      }
      return 0;
    } catch {
      return 1;
    }
  }

  /** Frees the object once nothing refers to this. */
  keep(held, object) {
    this.#forgotten.register(held, object, held);
  }

  forget(held) {
    this.#forgotten.unregister(held);
  }

  free(object) {
    // What failed has nothing that could be freed.
    if (!this.#failed) this.call("free", object);
  }

  /** What the module says to a text and bytes, as bytes. */
  bytes(name, object = 0, text = "", bytes = empty) {
    if (this.#failed) {
      throw new TabellaError("failed", "this instance failed before, and is used no more: load a new one", { cause: this.#failed });
    }
    const encoded = encoder.encode(text);
    try {
      const [at, given] = [this.#give(encoded), this.#give(bytes)];
      const code = this.#exports[name](object, at, encoded.length, given, bytes.length);
      const output = this.#bytes(this.#exports.output(), this.#exports.output_length()).slice();
      this.#exports.done();
      if (code === 0) return output;
      const fault = JSON.parse(decoder.decode(output));
      throw new TabellaError(fault.code, fault.message, fault);
    } catch (error) {
      if (error instanceof TabellaError) throw error;
      this.#failed = error;
      throw new TabellaError("failed", "a fault of this program, or no memory: load a new instance", { cause: error });
    } finally {
      encoded.fill(0);
    }
  }

  /** The same as a value. */
  call(name, object, text, bytes) {
    return JSON.parse(decoder.decode(this.bytes(name, object, text, bytes)));
  }

  /** The same with a secret, of which no other copy stays here than the caller's own text. */
  secretly(name, object, text, secret) {
    const bytes = encoder.encode(string("the credential", secret));
    try {
      return this.call(name, object, text, bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** Where these bytes stand in the module's memory, which then has them. */
  #give(bytes) {
    if (bytes.length === 0) return 0;
    const at = this.#exports.room(bytes.length);
    if (at === 0) throw argument(`${bytes.length} bytes: more than this memory can take`);
    this.#bytes(at, bytes.length).set(bytes);
    return at;
  }
}

function string(name, text) {
  if (typeof text !== "string") throw argument(`${name}: ${typeof text} — expected a text`);
  return text;
}

function binary(name, bytes) {
  if (!(bytes instanceof Uint8Array)) throw argument(`${name}: expected a Uint8Array`);
  return bytes;
}

/** JSON, in which a large whole number is its digits. */
function json(value) {
  try {
    return JSON.stringify(value, (_, value) => (typeof value === "bigint" ? value.toString() : value)) ?? "null";
  } catch (error) {
    throw new TabellaError("argument", `what was given is no JSON: ${error.message}`, { cause: error });
  }
}

class Tabella {
  #instance;

  constructor(instance) {
    this.#instance = instance;
    this.version = instance.call("version");
  }

  newCredential() {
    const bytes = this.#instance.bytes("new_credential");
    const text = decoder.decode(bytes);
    bytes.fill(0);
    return text;
  }

  voterKey(credential) {
    return this.#instance.secretly("voter_key", 0, "", credential);
  }

  openManifest(json, hash) {
    const bytes = encoder.encode(string("the manifest", json));
    return new Plan(this.#instance, this.#instance.call("open_manifest", 0, string("the hash", hash), bytes));
  }

  openBundle(text, hash) {
    const bytes = encoder.encode(string("the bundle", text));
    return new Election(this.#instance, this.#instance.call("open_bundle", 0, string("the hash", hash), bytes));
  }

  audit(expect = {}) {
    if (!this.#instance.has("audit")) throw argument("this module has no audit: load tabella_audit.wasm");
    return new Audit(this.#instance, this.#instance.call("audit", 0, json(expect)));
  }

  toText(objects) {
    const all = (Array.isArray(objects) ? objects : [objects]).map((object) => binary("an object", object));
    const framed = new Uint8Array(all.reduce((length, object) => length + 4 + object.length, 0));
    let at = 0;
    for (const object of all) {
      new DataView(framed.buffer).setUint32(at, object.length);
      framed.set(object, at + 4);
      at += 4 + object.length;
    }
    return this.#instance.call("to_text", 0, "", framed);
  }

  fromText(text) {
    return fromText(this.#instance, text);
  }

  describe(object) {
    return this.#instance.call("describe", 0, "", binary("the object", object));
  }
}

function fromText(instance, text) {
  const framed = instance.bytes("from_text", 0, "", encoder.encode(string("the messages", text)));
  const objects = [];
  for (let at = 0; at < framed.length; ) {
    const length = new DataView(framed.buffer).getUint32(at);
    objects.push(framed.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return objects;
}

/** What stands for an object of the module. */
class Held {
  #instance;
  #object;

  constructor(instance, object) {
    this.#instance = instance;
    this.#object = object;
    instance.keep(this, object);
  }

  get instance() {
    return this.#instance;
  }

  /** The object's number, which is 0 when it is gone; the module has none of that. */
  get object() {
    return this.#object;
  }

  /** The module has it no more. */
  gone() {
    this.#instance.forget(this);
    this.#object = 0;
  }

  free() {
    if (this.#object === 0) return;
    const object = this.#object;
    this.gone();
    this.#instance.free(object);
  }
}
if (Symbol.dispose) {
  Held.prototype[Symbol.dispose] = Held.prototype.free;
}
// They are the package's own business.
for (const name of ["instance", "object", "gone"]) {
  Object.defineProperty(Held.prototype, name, { enumerable: false });
}

class Plan extends Held {
  constructor(instance, { object, hash, manifest, languages }) {
    super(instance, object);
    Object.assign(this, { hash, manifest, languages });
  }

  form(style, language) {
    return this.instance.call("form", this.object, json({ style, language }));
  }

  register(credential, style) {
    return this.instance.secretly("register", this.object, string("the style", style), credential);
  }
}

class Election extends Plan {
  constructor(instance, given) {
    super(instance, given);
    this.checkpoint = given.checkpoint;
  }

  check(ballot, choices) {
    return this.instance.call("check", this.object, json({ ballot, choices }));
  }

  encrypt(credential, ballot, choices) {
    const given = this.instance.secretly("encrypt", this.object, json({ ballot, choices }), credential);
    return new Sealed(this.instance, given);
  }

  checkReceipt(receipt, { tracker, fate } = {}) {
    return this.instance.call("check_receipt", this.object, json({ receipt, fate, expect: { tracker } }));
  }

  checkReceiptInclusion(receipt, object, proof, expect = {}) {
    const text = json({ receipt, proof, expect });
    return this.instance.call("check_receipt_inclusion", this.object, text, binary("the object", object));
  }

  checkOpening(opening, expect, choices) {
    if (typeof expect?.voter !== "string") throw argument("the voter's own key is needed");
    if (typeof opening === "string") {
      const objects = fromText(this.instance, opening);
      if (objects.length !== 1) throw argument(`${objects.length} messages — expected the opening alone`);
      [opening] = objects;
    }
    const text = json({ expect, choices });
    return this.instance.call("check_opening", this.object, text, binary("the opening", opening));
  }

  checkBallot(object, expect = {}) {
    return this.instance.call("check_ballot", this.object, json(expect), binary("the object", object));
  }

  checkCheckpoint(checkpoint) {
    return this.instance.call("check_checkpoint", this.object, string("the checkpoint", checkpoint));
  }

  checkInclusion(object, proof, expect) {
    if (typeof expect?.voter !== "string" && typeof expect?.tracker !== "string") {
      throw argument("the tracker or the voter's own key is needed");
    }
    return this.instance.call("check_inclusion", this.object, json({ proof, expect }), binary("the object", object));
  }

  checkConsistency(older, newer, proof) {
    return this.instance.call("check_consistency", this.object, json({ older, newer, proof }));
  }

  checkPublished(checkpoint, head, proof) {
    return this.instance.call("check_published", this.object, json({ checkpoint, head, proof }));
  }
}

class Sealed extends Held {
  constructor(instance, { object, tracker }) {
    super(instance, object);
    this.tracker = tracker;
  }

  cast() {
    const { instance, object } = this;
    this.gone();
    return instance.bytes("cast", object);
  }

  spoil() {
    const { instance, object } = this;
    this.gone();
    return new Spoiled(instance, instance.call("spoil", object));
  }
}

class Spoiled extends Held {
  constructor(instance, { object, tracker }) {
    super(instance, object);
    this.tracker = tracker;
    this.request = instance.bytes("request", object);
  }

  open(receipt) {
    return this.instance.bytes("open_spoiled", this.object, string("the receipt", receipt));
  }
}

class Audit extends Held {
  constructor(instance, { object }) {
    super(instance, object);
    this.entries = 0;
    this.size = 0;
  }

  add(path, bytes) {
    this.entries = this.instance.call("audit_add", this.object, string("the path", path), binary("the file", bytes));
  }

  advance(entries) {
    const { more, size } = this.instance.call("audit_advance", this.object, json(entries));
    this.size = size;
    return more;
  }

  report(language) {
    const { instance, object } = this;
    this.gone();
    const report = instance.call("audit_report", object, json(language));
    this.size = this.entries;
    return report;
  }
}
