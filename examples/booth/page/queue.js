// Ballots on their way. Each is on this device's disk before it is sent, and leaves it when the operator's signature has come: so none
// is lost. The same bytes can be sent again, and the board takes them once: so none counts twice.

import { Refused, Unreachable } from "./api.js";
import { Store } from "./storage.js";

/** How long to wait before the next attempt. */
const AGAIN = 10_000;

export class Queue {
  static async open(app) {
    const queue = new Queue(app, await Store.open("ballots"));
    await queue.count();
    addEventListener("online", () => queue.flush());
    setInterval(() => queue.flush(), AGAIN);
    return queue;
  }

  constructor(app, store) {
    Object.assign(this, { app, store, counts: { unsent: 0, refused: 0 }, busy: null });
  }

  get lasts() {
    return this.store.lasts;
  }

  async count() {
    const all = await this.store.all();
    this.counts = { unsent: all.filter((one) => !one.refused).length, refused: all.filter((one) => one.refused).length };
    this.app.waiting?.();
  }

  /** Keeps a ballot before it is sent. */
  async add(tracker, voter, bytes) {
    await this.store.put({ key: tracker, voter, bytes, manifest: this.app.election.hash, station: this.app.station, since: Date.now(), refused: null });
    await this.count();
  }

  /** How many ballots of a voter wait here. */
  async waitingOf(voter) {
    return (await this.store.all()).filter((one) => one.voter === voter && !one.refused).length;
  }

  /** Sends one that is kept. The answer has the receipt, verified; a refusal stays here with its reason. */
  async send(tracker) {
    const kept = await this.store.get(tracker);
    const item = await this.app.server.send(kept.bytes);
    if (item.refused) {
      await this.store.put({ ...kept, refused: item.refused });
      await this.count();
      throw new Refused(409, item.refused.error);
    }
    this.app.election.checkReceipt(item.receipt, { tracker, fate: "cast" });
    await this.store.delete(tracker);
    await this.count();
    return { ...item, bytes: kept.bytes };
  }

  /** Sends what is left, one after the other. */
  async flush() {
    if (this.busy || !this.app.election || this.counts.unsent === 0) return;
    this.busy = (async () => {
      for (const kept of await this.store.all()) {
        if (kept.refused || kept.manifest !== this.app.election.hash || kept.key === this.app.sending) continue;
        try {
          await this.send(kept.key);
        } catch (error) {
          // Without a network the others wait as well. A wrong receipt leaves this one where it is.
          if (error instanceof Unreachable) break;
        }
      }
    })();
    try {
      await this.busy;
    } finally {
      this.busy = null;
    }
  }

  /** What is kept, as text blocks to carry to the operator. */
  async asText() {
    const all = await this.store.all();
    return this.app.tabella.toText(all.map((one) => one.bytes));
  }
}
