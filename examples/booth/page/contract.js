// Written by pack.mjs if the board is published on a chain: the contract, and a node to ask.
export const CONTRACT = null;
