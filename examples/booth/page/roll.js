// A station's copy of the roll, so that people can vote there while the network is down. The roll is public; it says which ballot a voter
// gets, and how often the voter has voted. Somebody who votes elsewhere meanwhile is refused later, and stays kept with that reason.

import { Store } from "./storage.js";

/** How often it is fetched while there is a network. */
const EVERY = 60_000;

export class Roll {
  static async open(app) {
    const roll = new Roll(app, await Store.open("roll"));
    roll.voters = new Map((await roll.store.get(app.hash))?.voters ?? []);
    await roll.refresh();
    setInterval(() => roll.refresh(), EVERY);
    return roll;
  }

  constructor(app, store) {
    Object.assign(this, { app, store });
  }

  async refresh() {
    try {
      const { voters } = await this.app.server.roll();
      this.voters = new Map(voters.map(([key, style, weight, sequence]) => [key, { voter: key, style, weight, sequence }]));
      await this.store.put({ key: this.app.hash, voters: [...this.voters] });
    } catch {
      // The copy that is there is as good as can be.
    }
  }

  /** The voter's line, with the ballots that wait here counted; null if the voter is not on the roll. */
  async line(key) {
    const line = this.voters.get(key);
    if (!line) return null;
    return { ...line, sequence: line.sequence + (await this.app.queue.waitingOf(key)) };
  }
}
