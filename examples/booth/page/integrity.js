// Files that the page fetches, and the hash of each. `pack.mjs` writes this list when it puts the page together.
export const INTEGRITY = {};
