// What this device keeps between visits, all of it public: checkpoints seen, the bundle, and ballots that could not be sent yet.
// A browser that keeps nothing (a private window) is no error.

const PREFIX = "tabella:";

export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Full or forbidden: the next visit begins anew.
  }
}

export function remembered(key) {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null;
  }
}

/** A store of IndexedDB whose records have their key in the field `key`. */
export class Store {
  static async open(name) {
    try {
      const database = await new Promise((done, failed) => {
        const request = indexedDB.open(PREFIX + name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore("records", { keyPath: "key" });
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
      });
      return new Store(database);
    } catch {
      return new Memory();
    }
  }

  constructor(database) {
    this.database = database;
  }

  /** Whether the records outlive the page. */
  get lasts() {
    return true;
  }

  run(mode, ask) {
    return new Promise((done, failed) => {
      // The disk must have it before anybody is told.
      const transaction = this.database.transaction("records", mode, { durability: "strict" });
      const request = ask(transaction.objectStore("records"));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = () => failed(transaction.error);
    });
  }

  all = () => this.run("readonly", (records) => records.getAll());
  get = (key) => this.run("readonly", (records) => records.get(key));
  put = (record) => this.run("readwrite", (records) => records.put(record));
  delete = (key) => this.run("readwrite", (records) => records.delete(key));
}

/** The same, for as long as the page is open. */
class Memory {
  records = new Map();
  get lasts() {
    return false;
  }
  all = async () => [...this.records.values()];
  get = async (key) => this.records.get(key);
  put = async (record) => void this.records.set(record.key, record);
  delete = async (key) => void this.records.delete(key);
}
