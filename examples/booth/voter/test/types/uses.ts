// The whole API by its types. It is compiled, and not run.

import { load, TabellaError } from "tabella-voter";
import type { Answer, Checkpoint, Choices, Election, ErrorCode, Form, Mistake, Opened, Plan, Posted, Receipt, Report, Sealed, Spoiled, Tabella } from "tabella-voter";

const answers: Record<string, Answer> = {
  one: "yes",
  none: null,
  several: ["ada", { option: "ben", votes: 3 }, { option: "cleo", votes: 10n }, { option: "dan", votes: "9007199254740993" }],
  grades: [{ option: "ada", grade: "good" }],
  ranking: ["ada", ["ben", { writeIn: "Zora Vale" }]],
  mark: { mark: "blank" },
  written: { writeIn: "Zora Vale", votes: 2 },
};

export async function uses(bundle: string, manifest: string, hash: string, wasm: ArrayBuffer): Promise<string[]> {
  const tab: Tabella = await load(wasm);
  await load();
  await load(fetch("tabella_voter.wasm"));
  const credential: string = tab.newCredential();
  const voter: string = tab.voterKey(credential);
  using plan: Plan = tab.openManifest(manifest, hash);
  const registration: string = plan.register(credential, "all");
  const election: Election = tab.openBundle(bundle, hash);
  const form: Form = election.form("all", election.languages[0]);
  const kinds: string[] = form.contests.map((contest) => `${contest.kind} ${contest.options.length} ${contest.writeIns?.places ?? 0}`);
  const choices: Choices = answers;
  const mistakes: Mistake[] = election.check({ style: "all", weight: 5 }, choices);
  const sealed: Sealed = election.encrypt(credential, { style: "all", sequence: 1, station: "s1", weight: "5" }, choices);
  const tracker: string = sealed.tracker;
  const object: Uint8Array = sealed.cast();
  const spoiled: Spoiled = sealed.spoil();
  const receipt: Receipt = election.checkReceipt("receipt1", { tracker, fate: "cast" });
  const kept: Posted = election.checkReceiptInclusion("receipt1", object, "00", { voter, tracker });
  const opening: Uint8Array = spoiled.open("receipt1");
  const opened: Opened = election.checkOpening(opening, { voter, tracker }, choices);
  for (const mark of opened.contests.flatMap((contest) => contest.marks)) {
    if (mark.kind === "grade") kinds.push(mark.grade);
  }
  const valid: Posted = election.checkBallot(object, { voter });
  const found: Posted & { checkpoint: Checkpoint } = election.checkInclusion(object, "c2sp.org/tlog-proof@v1", { voter });
  const checkpoint: Checkpoint = election.checkConsistency(found.checkpoint.text, election.checkCheckpoint("").text, "00");
  const { size, root }: Checkpoint = election.checkPublished(checkpoint.text, { size: 3, root: hash }, "00");
  const audit = tab.audit({ heads: [{ size, root }], result: hash, manifest: hash, partial: true, known: [checkpoint.text], receipts: [{ receipt: "receipt1", voter }] });
  audit.add("board/00000000.bin", object);
  while (audit.advance(1024)) kinds.push(`${audit.size} of ${audit.entries}`);
  const report: Report = audit.report("de");
  const objects: Uint8Array[] = tab.fromText(tab.toText([object, spoiled.request]));
  const error = new TabellaError("used", "…");
  const code: ErrorCode = error.code;
  // @ts-expect-error: the voter's own key is needed.
  election.checkOpening(opening, { tracker });
  // @ts-expect-error: a style is called by its id.
  election.encrypt(credential, { style: 0 }, choices);
  // @ts-expect-error: there is no such code.
  const wrong: ErrorCode = "wrong";
  election.free();
  return [registration, ...kinds, receipt.root, root, kept.voter, valid.tracker, report.html, code, wrong, String(mistakes.length), String(objects.length), error.evidence ?? ""];
}
