// The program examples/board.rs as an object: a board that is kept by the library as it is compiled for this machine.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const hex = (bytes) => Buffer.from(bytes).toString("hex");

export class Board {
  #program;
  #lines;

  /** Opens an election by a manifest of the library's documents, or by its JSON. */
  static async open(open) {
    const board = new Board();
    board.#program = spawn(process.env.BOARD, { stdio: ["pipe", "pipe", "inherit"] });
    board.#lines = createInterface({ input: board.#program.stdout })[Symbol.asyncIterator]();
    Object.assign(board, await board.#ask({ open }));
    return board;
  }

  async #ask(command) {
    this.#program.stdin.write(JSON.stringify(command) + "\n");
    const answer = JSON.parse((await this.#lines.next()).value);
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  post = (object) => this.#ask({ post: hex(object) });
  checkpoint = async () => (await this.#ask({ checkpoint: true })).checkpoint;
  consistency = async (older, newer) => (await this.#ask({ consistency: [older, newer] })).proof;
  finish = (folder) => this.#ask({ finish: folder });

  async find(tracker) {
    const { object, proof } = await this.#ask({ find: tracker });
    return { object: new Uint8Array(Buffer.from(object, "hex")), proof };
  }

  end() {
    this.#program.stdin.end();
  }
}
