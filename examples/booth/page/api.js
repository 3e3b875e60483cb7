// The server's interface. Nothing that it says is believed here: those who call check it.

const PATIENCE = 20_000;

/** The server cannot be reached. What was to be sent can be sent later. */
export class Unreachable extends Error {}

/** The server has refused, in its own words. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export class Server {
  constructor(base) {
    this.base = base;
  }

  async ask(path, options = {}) {
    if (this.base.protocol === "file:") throw new Unreachable("this page was opened from a folder, without a server");
    let response;
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      response = await fetch(new URL(path, this.base), { cache: "no-store", credentials: "omit", redirect: "error", signal, ...options });
    } catch (error) {
      throw new Unreachable(error.message);
    }
    // A gateway without its server is a network that is down, as far as a voter can tell.
    if ([502, 503, 504].includes(response.status)) throw new Unreachable(`${response.status}`);
    if (!response.ok) throw new Refused(response.status, await message(response));
    return response;
  }

  async json(path, options) {
    return (await this.ask(path, options)).json();
  }

  async bundle() {
    return (await this.ask("api/bundle")).text();
  }

  status() {
    return this.json("api/status");
  }

  /** The voter's line of the roll, or null if the voter is not on it. */
  async voter(key) {
    try {
      return await this.json(`api/voters/${encodeURIComponent(key)}`);
    } catch (error) {
      if (error instanceof Refused && error.status === 404) return null;
      throw error;
    }
  }

  /** All of the roll: `[key, style, weight, next sequence number]` for each voter. */
  roll() {
    return this.json("api/roll");
  }

  /** Sends one object, and gets what became of it. */
  async send(bytes) {
    const headers = { "content-type": "application/octet-stream" };
    const answer = await this.json("api/messages", { method: "POST", headers, body: bytes });
    return Array.isArray(answer) ? answer[0] : answer;
  }

  ballot(tracker, key) {
    return this.json(`api/ballots/${encodeURIComponent(tracker)}?voter=${encodeURIComponent(key)}`);
  }

  checkpoint() {
    return this.json("api/checkpoint");
  }

  consistency(from, to) {
    return this.json(`api/consistency?from=${from}&to=${to}`);
  }

  turnout() {
    return this.json("api/turnout");
  }

  /** The record's files as they are now, in the order in which an audit wants them. */
  files() {
    return this.json("record/");
  }

  /** So many bytes of a file of the record: the board may have grown since it was listed. */
  async file({ path, bytes }) {
    const all = new Uint8Array(await (await this.ask(`record/${path}`)).arrayBuffer());
    return all.subarray(0, bytes);
  }

  operator(token) {
    return this.json("api/operator", { headers: { authorization: `Bearer ${token}` } });
  }

  /** An operator's command: the answer comes when the disk has it. */
  command(token, name, body = {}) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return this.json(`api/operator/${name}`, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(600_000) });
  }
}

async function message(response) {
  const text = await response.text();
  try {
    const json = JSON.parse(text);
    return json.error ?? json.message ?? text;
  } catch {
    return text || `${response.status}`;
  }
}
