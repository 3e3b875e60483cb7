// What the page does with the election, the voter and the board, and what it checks of each answer.

import { Refused, Unreachable } from "./api.js";
import { ChainError, isOnChain, lastHead, NodeAway } from "./chain.js";
import { Checks } from "./checks.js";
import { remember, remembered } from "./storage.js";

const onChain = isOnChain ? ["chain"] : [];

/** Opens the election: the bundle must be that of the hash. Each check is ticked when it is done. */
export async function openElection(app) {
  const checks = new Checks(["bundle", "keys", "checkpoint", "continues", ...onChain]);
  app.opening = { checks, error: null };
  app.draw();
  try {
    const kept = remembered(`bundle:${app.hash}`);
    const bundle = await app.server.bundle().catch((error) => {
      if (error instanceof Unreachable && kept) return kept;
      throw error;
    });
    let election;
    try {
      election = app.tabella.openBundle(bundle, app.hash);
    } catch (error) {
      checks.failed("bundle");
      throw error;
    }
    remember(`bundle:${app.hash}`, bundle);
    checks.done("bundle");
    checks.done("keys", (texts) => texts.t("trusteesAre", { names: trustees(election.manifest, texts) }));
    if (election.checkpoint) await checkContinues(app, election, election.checkpoint, checks);
    else checks.told("checkpoint", (texts) => texts.t("noCheckpoint"));
    if (checks.entries.get("continues").state === "waiting") checks.told("continues", (texts) => texts.t("nothingSeen"));
    if (isOnChain) await checkChain(app, election, election.checkpoint, checks);
    if (app.isKiosk) remember("kiosk", app.hash);
    app.election = election;
    app.queue.flush();
  } catch (error) {
    app.opening.error = error;
  }
  app.draw();
}

/** The names of those who hold the election's secrets. */
export const trustees = (manifest, texts) => nameList(manifest.trustees.flatMap((one) => one.members ?? [one]), texts);

/** Names in a sentence, each kept apart from the direction of the text around it. */
const nameList = (named, texts) => texts.list(named.map((one) => `\u2068${one.name}\u2069`));

/** The checkpoint counts, and its board begins with the one that this device has seen before. */
async function checkContinues(app, election, checkpoint, checks) {
  checks.done("checkpoint", (texts) => witnessText(texts, checkpoint));
  const key = `seen:${election.hash}`;
  const seen = remembered(key);
  if (seen === null) {
    remember(key, checkpoint.text);
    return;
  }
  const older = election.checkCheckpoint(seen);
  try {
    if (older.size > checkpoint.size) {
      // An old copy of the bundle is no fraud, if today's board still begins with what was seen.
      const { checkpoint: newest } = await app.server.checkpoint();
      return await checkContinues(app, election, election.checkCheckpoint(newest), checks);
    }
    const proof = older.size === checkpoint.size ? undefined : (await app.server.consistency(older.size, checkpoint.size)).proof;
    election.checkConsistency(seen, checkpoint.text, proof);
    remember(key, checkpoint.text);
    checks.done("continues", (texts) => texts.t("continuesFrom", { from: older.size, n: checkpoint.size }));
  } catch (error) {
    if (error instanceof Unreachable) return checks.told("continues", (texts) => texts.t("error.unreachable"));
    checks.failed("continues", (texts) => texts.t("continuesNot", { n: older.size }));
    throw error;
  }
}

/**
 * The board on the chain and the one that the log signed are one: the smaller is the beginning of the larger. `entry` is that of a
 * ballot, which the chain may have already.
 */
async function checkChain(app, election, checkpoint, checks, entry) {
  if (checkpoint === null) return checks.told("chain", (texts) => texts.t("noCheckpoint"));
  let head = null;
  try {
    head = await lastHead(election.hash);
    if (head.size > 0) {
      const [from, to] = [head.size, checkpoint.size].toSorted((a, b) => a - b);
      const proof = from === to ? undefined : (await app.server.consistency(from, to)).proof;
      election.checkPublished(checkpoint.text, { size: head.size, root: head.root }, proof);
    }
  } catch (error) {
    // Who cannot be reached proves nothing.
    if (error instanceof NodeAway) return checks.told("chain", (texts) => texts.t("chainAway"));
    if (error instanceof Unreachable) return checks.told("chain", (texts) => texts.t("error.unreachable"));
    checks.failed("chain", (texts) => (head ? texts.t("chainNot", { n: head.size }) : texts.t("chainOther")));
    throw error instanceof Refused ? new ChainError(`the server does not prove the ${head.size} entries on the chain: ${error.message}`) : error;
  }
  if (head.size === 0) return checks.told("chain", (texts) => texts.t("chainNothing"));
  if (entry !== undefined && entry >= head.size) return checks.told("chain", (texts) => texts.t("chainNotYet", { n: head.size }));
  const key = head.size === checkpoint.size ? "chainSame" : "chainHas";
  return checks.done("chain", (texts) => texts.t(entry === undefined ? key : "chainEntry", { n: head.size }));
}

export const witnessText = (texts, checkpoint) =>
  checkpoint.quorum > 0 || checkpoint.witnesses.length > 0
    ? texts.t(checkpoint.witnessed ? "witnessed" : "notWitnessed", { n: checkpoint.witnesses.length, quorum: checkpoint.quorum, names: nameList(checkpoint.witnesses, texts) || "–" })
    : texts.t("noWitnesses");

/** A credential as it is typed, or as a scanner reads it from a sheet: maybe the whole link. */
export function credentialOf(typed) {
  const text = typed.trim();
  const at = text.indexOf("#");
  return at < 0 ? text : new URLSearchParams(text.slice(at + 1)).get("c") ?? "";
}

/** Finds the voter's line of the roll. The server tells it; the board will refuse a ballot that it tells wrongly. */
export async function enter(app, credential, style) {
  const key = app.tabella.voterKey(credential);
  const line = style === undefined ? await lineOf(app, key) : { style, weight: 1, sequence: 0 };
  if (line === null) throw new Refused(404, app.t("notOnRoll"));
  if (line.voter !== undefined && line.voter !== key) throw new Refused(409, app.t("otherVoter"));
  app.voter = { credential, key, style: line.style, weight: line.weight, sequence: line.sequence };
  // A style that the manifest does not have is thrown here, before anybody fills in its ballot.
  app.election.form(line.style);
}

/** The voter's line of the roll: a station without a network has a copy of the roll. */
async function lineOf(app, key) {
  try {
    return await app.server.voter(key);
  } catch (error) {
    if (!(error instanceof Unreachable) || !app.roll) throw error;
    return app.roll.line(key);
  }
}

/** The voter's ballot as it is shown, in the manifest's language that is nearest. */
export const formOf = (app) => app.election.form(app.voter.style, app.inManifest);

export const mistakesOf = (app) => app.election.check({ style: app.voter.style, weight: app.voter.weight }, app.choices);

/** Encrypts the choices. How long that took is kept for those who measure. */
export function seal(app) {
  const { credential, style, sequence, weight } = app.voter;
  const header = { style, sequence, weight };
  if (app.station) header.station = app.station;
  const begin = performance.now();
  app.sealed = app.election.encrypt(credential, header, app.choices);
  performance.measure("encrypt", { start: begin, end: performance.now() });
  app.tracker = app.sealed.tracker;
}

/** Casts the ballot. It is kept on this device until the operator's signature has come. */
export async function cast(app) {
  const { tracker } = app;
  const checks = new Checks(["receipt", "inclusion", "mine"]);
  app.cast = { tracker, checks, key: app.voter.key, state: "sending", error: null };
  const bytes = app.sealed.cast();
  app.sealed = null;
  // What was chosen is of no use any more, and nobody should find it.
  app.choices = {};
  app.sending = tracker;
  // Nothing needs the credential any more, unless the voter votes again.
  if (app.isKiosk) app.voter.credential = null;
  try {
    await app.queue.add(tracker, app.voter.key, bytes);
    const item = await app.queue.send(tracker);
    app.cast.receipt = item.receipt;
    app.cast.entry = item.entry;
    checks.done("receipt");
    const expect = { tracker, voter: app.voter.key };
    app.election.checkReceiptInclusion(item.receipt, bytes, item.inclusion, expect);
    checks.done("inclusion", (texts) => texts.t("entryOf", { n: item.entry, size: item.size }));
    checks.done("mine");
    app.cast.state = "accepted";
    app.voter.sequence += 1;
  } catch (error) {
    app.cast.error = error;
    app.cast.state = error instanceof Unreachable ? "kept" : error instanceof Refused ? "refused" : "wrong";
    if (app.cast.state === "wrong") checks.failed(checks.entries.get("receipt").state === "done" ? "inclusion" : "receipt");
  } finally {
    app.sending = null;
  }
}

/** Has the ballot opened instead of cast: the request goes to the board, and the opening in exchange for the operator's receipt. */
export async function challenge(app) {
  const { tracker } = app;
  app.challenge = { tracker, key: app.voter.key, choices: structuredClone(app.choices), state: "sending", error: null, spoiled: app.sealed.spoil() };
  app.sealed = null;
  await finishChallenge(app);
}

/** Goes on with a challenge, from the beginning if an answer was lost: the board takes the same request twice as one. */
export async function finishChallenge(app) {
  const { spoiled, tracker } = app.challenge;
  Object.assign(app.challenge, { state: "sending", error: null });
  try {
    const request = await app.server.send(spoiled.request);
    if (request.refused) throw new Refused(409, request.refused.error);
    const opening = spoiled.open(request.receipt);
    app.challenge.opening = opening;
    const sent = await app.server.send(opening);
    if (sent.refused) throw new Refused(409, sent.refused.error);
    Object.assign(app.challenge, { state: "opened", entry: request.entry, receipt: request.receipt });
  } catch (error) {
    Object.assign(app.challenge, { state: error instanceof Unreachable ? "unsent" : "failed", error, tracker });
  }
}

/** Looks a ballot up: what the board says of it, with what the page has checked itself. */
export async function lookUp(app, tracker, key) {
  const checks = new Checks(["found", "onBoard", "mine", "continues", ...onChain]);
  const found = { tracker, key, checks, state: null, error: null };
  try {
    const answer = await app.server.ballot(tracker, key);
    await verifyFound(app, answer, found);
    found.state = answer.fate === "spoiled" ? "spoiled" : answer.replaced_by !== null ? "replaced" : "counts";
  } catch (error) {
    const codes = { 404: "missing", 409: "other" };
    const isAnswer = error instanceof Refused && checks.entries.get("found").state === "waiting";
    found.state = error instanceof Unreachable ? "unreachable" : (isAnswer && codes[error.status]) || "wrong";
    const first = [...checks.entries].find(([, entry]) => entry.state === "waiting");
    if (first && found.state !== "unreachable") checks.failed(first[0]);
    found.error = error;
  }
  return found;
}

async function verifyFound(app, answer, found) {
  const { tracker, key, checks } = found;
  const object = decode(answer.object);
  const expect = { tracker, voter: key };
  Object.assign(found, { entry: answer.entry, replacedBy: answer.replaced_by });
  if (answer.fate === "cast") app.election.checkBallot(object, expect);
  const whose = app.tabella.describe(object);
  if (whose.tracker !== tracker || whose.voter !== key) throw new Error(app.t("otherVoter"));
  checks.done("found");
  if (!answer.proof) {
    checks.told("onBoard", (texts) => texts.t("noProofYet"));
    checks.done("mine");
    for (const id of ["continues", ...onChain]) checks.told(id, (texts) => texts.t("noProofYet"));
    return;
  }
  const posted = app.election.checkInclusion(object, answer.proof, expect);
  found.entry = posted.entry;
  checks.done("onBoard", (texts) => `${texts.t("entryOf", { n: posted.entry, size: posted.checkpoint.size })} ${witnessText(texts, posted.checkpoint)}`);
  checks.done("mine");
  const inner = new Checks(["checkpoint", "continues"]);
  try {
    await checkContinues(app, app.election, posted.checkpoint, inner);
  } finally {
    const { state, detail } = inner.entries.get("continues");
    checks.set("continues", state === "waiting" ? "told" : state, detail ?? ((texts) => texts.t("nothingSeen")));
  }
  if (isOnChain) await checkChain(app, app.election, posted.checkpoint, checks, posted.entry);
}

/** On a second device: what the first one had encrypted, taken from the board. */
export async function checkChallenge(app, tracker, key) {
  const found = { tracker, key, opened: null, state: null, error: null };
  try {
    const answer = await app.server.ballot(tracker, key);
    if (answer.fate !== "spoiled") return { ...found, state: "notChallenged", entry: answer.entry };
    if (!answer.opening) return { ...found, state: "notOpened", entry: answer.entry };
    found.opened = app.election.checkOpening(decode(answer.opening), { tracker, voter: key });
    return { ...found, state: "opened", entry: answer.entry, openedBy: answer.opened_by };
  } catch (error) {
    const state = error instanceof Unreachable ? "unreachable" : error instanceof Refused ? "missing" : "wrong";
    return { ...found, state, error };
  }
}

export const decode = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
