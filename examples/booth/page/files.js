// Files of this page, each with the hash that it had when the page was made.

import { INTEGRITY } from "./integrity.js";

const BASE = new URL(".", import.meta.url);

/** Fetches a file of the page, and fails if it is not the one that the page was made with. */
export async function fetchChecked(path) {
  const integrity = INTEGRITY[path];
  if (!integrity) throw new Error(`'${path}' is no file of this page`);
  const response = await fetch(new URL(path, BASE), { integrity, credentials: "omit" });
  if (!response.ok) throw new Error(`'${path}': ${response.status}`);
  return response;
}

export const urlOf = (path) => new URL(path, BASE);
