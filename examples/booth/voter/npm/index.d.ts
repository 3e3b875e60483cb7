/**
 * The voter's side of a tabella election, in a page or in Node.
 *
 * Everything that is wrong with what is given is thrown as a `TabellaError`. Nothing here opens a connection: the page fetches and
 * sends, and this says whether what came is what it should be.
 */

/** A number; beyond `Number.MAX_SAFE_INTEGER` its decimal digits, as no other number of JavaScript is exact there. */
export type Count = number | string;

/** The module: where it is, its bytes, or an answer of `fetch`. */
export type Source = URL | string | BufferSource | Response | Promise<Response> | WebAssembly.Module;

/**
 * Loads the module; unless a source is given, `tabella_voter.wasm` from beside this file. Each call gives an instance of its own.
 *
 * `tabella_audit.wasm`, also beside this file, can do the same and audit records. It is larger and made to be fast: load it where an audit is
 * asked for, by its URL.
 */
export function load(source?: Source): Promise<Tabella>;

export type ErrorCode =
  /** What was given is not what the function takes, such as choices of another form. */
  | "argument"
  /** A text that should be a credential, a key, a tracker, a receipt, a hash, a checkpoint or a message is none. */
  | "text"
  /** Bytes that should be an object of a board are none. */
  | "bytes"
  /** The election is another one, or is not signed as it must be. */
  | "election"
  /** The choices break a rule; `mistakes` says all of them. */
  | "rules"
  /** The object was cast, spoiled, reported on or freed before. */
  | "used"
  /** A ballot or receipt of another voter: the voter was not shown their own. */
  | "voter"
  /** Another ballot than the one with the tracker that the voter wrote down. */
  | "tracker"
  /** The receipt is not signed by the operator, or for something else. */
  | "receipt"
  /** An opening that does not open its ballot, or a ballot whose proof does not hold. */
  | "ballot"
  /** The opened ballot is right in itself, and holds something else than was chosen. */
  | "difference"
  /** The log or a witness did not sign the checkpoint. */
  | "checkpoint"
  /** An entry is not where the proof says, or a board does not continue an earlier one. */
  | "proof"
  /** The log signed two boards; `evidence` proves it to everybody. */
  | "fork"
  /** What should be a record is none. */
  | "record"
  /** The system gave no random numbers. */
  | "randomness"
  /** A fault of this program: the instance takes no more calls, and secrets in it are no longer used. Load a new one. */
  | "failed";

export class TabellaError extends Error {
  constructor(code: ErrorCode, message: string);
  readonly name: "TabellaError";
  readonly code: ErrorCode;
  /** With `rules`: what is wrong, contest by contest. */
  readonly mistakes?: Mistake[];
  /** With `fork`: two signed checkpoints that contradict each other, as text to publish. */
  readonly evidence?: string;
}

export interface Tabella {
  /** Version of the library. */
  readonly version: string;

  /** A new credential, `voter1…`. Whoever has it can vote in the voter's name. */
  newCredential(): string;

  /** The key that belongs to a credential, `voterkey1…`; everybody may see it. */
  voterKey(credential: string): string;

  /** The manifest alone, as in `manifest.json`, if it is the one with this hash. For registrations before there are keys. */
  openManifest(json: string, hash: string): Plan;

  /** An election bundle, verified against the manifest's hash, which must come from elsewhere. */
  openBundle(text: string, hash: string): Election;

  /** An audit of a record, if the module is `tabella_audit.wasm`; what is known of the election from elsewhere, first of all the manifest's hash. */
  audit(expect: Expect): Audit;

  /** Objects as text blocks to send or keep, as in RFC 7468. */
  toText(objects: Uint8Array | Uint8Array[]): string;

  /** The objects of such a text. They are not verified. */
  fromText(text: string): Uint8Array[];

  /** What an object is and says of itself. Nothing is verified. */
  describe(object: Uint8Array): Description;
}

export interface Description {
  /** `ballot`, `spoil request`, `spoil opening`, or another kind of entry. */
  kind: string;
  bytes: number;
  tracker?: string;
  voter?: string;
}

/** What gives up its memory, and the secrets in it, when it is freed or when `using` ends. */
interface Freed {
  free(): void;
  [Symbol.dispose](): void;
}

/** What an election is. */
export interface Plan extends Freed {
  /** Hash of the manifest, 64 hexadecimal digits. */
  readonly hash: string;
  /** The manifest as in `manifest.json`. To draw a form, take `form`: it has numbers that are exact, and options in their order. */
  readonly manifest: Manifest;
  /** The languages in which texts stand beside each other; none if there is one alone. */
  readonly languages: string[];
  /** The ballot of a style as it is to be shown, in a language of the manifest; the first unless it is given. */
  form(style: string, language?: string): Form;
  /** A request to be put on the roll, as text for the operator. */
  register(credential: string, style: string): string;
}

/** Public data with which ballots are encrypted, verified against the hash. */
export interface Election extends Plan {
  /** The checkpoint of the bundle, signed by the manifest's log; it may be older than the board is. */
  readonly checkpoint: Checkpoint | null;

  /** What is wrong with the choices; nothing if they can be encrypted. */
  check(ballot: { style: string; weight?: Count }, choices: Choices): Mistake[];

  /** Encrypts the choices. Show the tracker before you ask whether the ballot is to be cast or opened. */
  encrypt(credential: string, ballot: Header, choices: Choices): Sealed;

  /** Verifies that the operator signed the receipt, and that it is for this ballot. */
  checkReceipt(receipt: string, expect?: { tracker?: string; fate?: Fate }): Receipt;

  /** The same, and that the board which the receipt names has this object at its entry. `proof` is an inclusion proof, in hexadecimal digits. */
  checkReceiptInclusion(receipt: string, object: Uint8Array, proof: string, expect?: Expected): Posted;

  /**
   * Opens what another device encrypted, from its opening, bytes or text. The voter's own key and the tracker that the other device
   * showed are compared; with `choices` also what is inside.
   */
  checkOpening(opening: Uint8Array | string, expect: Expected & { voter: string }, choices?: Choices): Opened;

  /** Verifies the proof of a ballot, an object: it would count. */
  checkBallot(object: Uint8Array, expect?: Expected): Posted;

  /** Verifies a signed checkpoint, and counts the witnesses. */
  checkCheckpoint(checkpoint: string): Checkpoint;

  /**
   * Verifies that a board signed by the manifest's log has this object, a ballot or spoil request, and whose it is. `proof` is a
   * C2SP tlog-proof: the text that `tabella find --proof` writes, with a signed checkpoint in it.
   */
  checkInclusion(object: Uint8Array, proof: string, expect: Expected): Posted & { checkpoint: Checkpoint };

  /**
   * Verifies that the board of the newer checkpoint begins with that of the older one, which was seen before. `proof` is in
   * hexadecimal digits; it is not needed if both have one size. Throws `fork` with the evidence if they have one size and two roots.
   */
  checkConsistency(older: string, newer: string, proof?: string): Checkpoint;

  /**
   * Verifies that a signed checkpoint and a head that was published elsewhere, such as on a chain, are of one board: the smaller is the
   * beginning of the larger. `proof` is as above; it is not needed if both have one size.
   */
  checkPublished(checkpoint: string, head: Head, proof?: string): Checkpoint;
}

export type Fate = "cast" | "spoiled";

/** What a voter knows of their own ballot. */
export interface Expected {
  tracker?: string;
  voter?: string;
}

export interface Header {
  /** Id of the ballot style. */
  style: string;
  /** How many ballots of this voter were accepted before; 0 unless given. */
  sequence?: number;
  /** Id of the polling station; none if it is cast remotely. */
  station?: string;
  /** The voter's weight as on the roll; needed where a contest splits it. 1 unless given. */
  weight?: Count;
}

/** The answers by the ids of contests. A contest that is not there gets no vote. */
export type Choices = Record<string, Answer>;

/** One answer or several. In a ranking (`rank`, `places`, `pairs`) the best comes first, and what stands in a list within the list has one rank. */
export type Answer = null | Item | (Item | Item[])[];

export type Item =
  /** The id of an option or list, for one vote or the next rank; or else the id of a mark such as `blank`. */
  | string
  /** An option or list with its votes, its share, or its points; `votes` is 1 unless given. Negative numbers are votes against. */
  | { option: string; votes?: Count | bigint }
  /** An option with its grade: the grade's id. */
  | { option: string; grade: string }
  /** A mark such as `blank`. */
  | { mark: string }
  /** A name that is not among the options, with 1 vote unless given, or the next rank. */
  | { writeIn: string; votes?: Count | bigint };

export type MistakeCode =
  | "unknown-contest" | "unknown-option" | "unknown-mark" | "unknown-grade" | "wrong-mark"
  /** One option has more than it can have: `option`, `found`, `max`. */
  | "each"
  /** The total: `found`, `min` or `max`. */
  | "too-few" | "too-many"
  | "mark-with-votes" | "two-marks"
  /** A limit on some options of the contest: `limit`, `options`, `found`, `min`, `max`. */
  | "limit"
  /** A limit over several contests of the style; `contest` is null. */
  | "joint-limit"
  /** `option` goes with another option, `needs`. */
  | "without"
  /** Nothing can be chosen here without a vote for the option `needs` of another contest, `contest:option`. */
  | "closed"
  | "two-lists" | "no-list"
  /** Quadratic votes cost `found` credits, of `max`. */
  | "credits"
  /** The shares are `found`, and should be the weight, `max`. */
  | "shares"
  /** The weight is not given, or one that no voter has. */
  | "weight"
  /** Nothing has the rank `rank`, or several have it. */
  | "gap" | "tie"
  /** `option` has no grade, or is ranked or graded twice. */
  | "no-grade" | "twice"
  /** Names that are written in: more than lines (`max`); `name` is no name, an option (`option`), written twice, or has no vote. */
  | "too-many-names" | "name" | "listed" | "written-twice" | "no-vote" | "unencodable"
  | "other";

export interface Mistake {
  /** The contest beside which to show it; null if it is of several. */
  contest: string | null;
  code: MistakeCode;
  /** In English. */
  message: string;
  option?: string;
  needs?: string;
  options?: string[];
  name?: string;
  limit?: number;
  rank?: number;
  found?: Count;
  min?: Count;
  max?: Count;
}

/** A ballot that is encrypted and neither cast nor opened. It can be used once. */
export interface Sealed extends Freed {
  readonly tracker: string;
  /** The object to send. It is public: a page may store it until it can be sent. The nonce is erased. */
  cast(): Uint8Array;
  /** Challenges this device: the ballot can never be cast, and is opened instead. */
  spoil(): Spoiled;
}

/** A ballot that can be opened once the operator has signed that the request to do so is on the board. */
export interface Spoiled extends Freed {
  readonly tracker: string;
  /** The object to send. */
  readonly request: Uint8Array;
  /** The opening, an object to send, in exchange for the receipt for the request. It can be tried again, with another receipt or the same. */
  open(receipt: string): Uint8Array;
}

export interface Receipt {
  fate: Fate;
  entry: number;
  size: number;
  root: string;
  tracker: string;
}

/** What an entry says of a ballot. */
export interface Posted {
  fate: Fate;
  entry: number | null;
  voter: string;
  tracker: string;
  /** A spoil request does not say these. */
  style?: string;
  sequence?: number;
  station?: string | null;
}

/** How many entries a board had, and its root, 64 hexadecimal digits. */
export interface Head {
  size: number;
  root: string;
}

export interface Checkpoint {
  /** The signed text. */
  text: string;
  size: number;
  root: string;
  /** Those of the manifest who cosigned; time in seconds since 1970, by their clocks. */
  witnesses: { name: string; time: number }[];
  /** How many must have cosigned for it to count, and whether they have. */
  quorum: number;
  witnessed: boolean;
}

export interface Opened {
  tracker: string;
  voter: string;
  style: string;
  sequence: number;
  station: string | null;
  weight: Count | null;
  /** All contests of the style. */
  contests: { id: string; text: string; marks: OpenedMark[] }[];
}

export type OpenedMark =
  | ({ kind: "option"; option: string; text: string } & Given)
  /** A line for names; null if it cannot be read. */
  | ({ kind: "write-in"; name: string | null; text: string } & Given)
  | { kind: "grade"; option: string; grade: string; text: string }
  | { kind: "mark"; mark: string; text: string }
  | { kind: "unreadable"; text: string };

export interface Given {
  votes?: Count;
  rank?: Count;
  against?: Count;
}

/** A ballot style as it is to be shown, in one language. */
export interface Form {
  title: string;
  style: string;
  district: Named;
  contests: FormContest[];
  /** Limits over several contests; options with the contest's id and a colon before them. */
  limits: FormLimit[];
}

export interface Named {
  id: string;
  name: string;
}

export type ContestKind = "choose" | "grades" | "rank" | "lists" | "places" | "pairs" | "star" | "quadratic" | "split";

export interface FormContest {
  id: string;
  title: string;
  question: string | null;
  /** What a voter can do here, as an English sentence. */
  rule: string;
  kind: ContestKind;
  /** In the order in which every device of this district shows them. */
  options: { id: string; name: string; detail: string | null; max: Count; groups: string[] }[];
  /** Parties, regions; in `lists` the lists themselves, which are chosen by id as options are. */
  groups: Named[];
  marks: (Named & { valid: boolean })[];
  /** The least and the most votes in all, or ranks; `each` is the most for one option. */
  min: Count;
  max: Count;
  each: Count;
  /** In `grades`, the worst first. An id is the name in the first language. */
  grades: Named[];
  /** In `rank` and `pairs`: whether several can have one rank. */
  ties: boolean;
  /** In `places`: the points of each place, and whether fewer can be ranked. */
  points: number[];
  fewer: boolean;
  /** In `lists`: whether no list can be chosen. */
  none: boolean;
  /** In `quadratic`: the credits, and whether there are votes against. */
  credits: Count | null;
  against: boolean;
  /** Whether amounts are folded: to encrypt them takes longer. */
  folded: boolean;
  /** Lines for names, with at most so many bytes of UTF-8 each. */
  writeIns: { places: number; length: number } | null;
  limits: FormLimit[];
  /** `contest:option` of another contest without which nothing can be chosen here. */
  with: string | null;
}

export interface FormLimit {
  /** Options, all groups taken apart. */
  of: { option: string; cost: number }[];
  min: Count;
  max: Count;
  /** The option or list without which none of them can be chosen. */
  with: string | null;
}

/** The manifest's JSON; `docs/manifest.schema.json` of the library describes it. */
export interface Manifest {
  version: number;
  id: string;
  title: string | Record<string, string>;
  [field: string]: unknown;
}

export interface Expect {
  /** Hash of the manifest. Without it, a root or a checkpoint, a record is `consistent` at best: it could be that of any election. */
  manifest?: string;
  root?: string;
  size?: number;
  /** Heads that were published where nobody can take them back, such as on a chain. */
  heads?: Head[];
  /** SHA-256 of `result.json` as it was published there, 64 hexadecimal digits. */
  result?: string;
  /** Whether the record may end before the result. */
  partial?: boolean;
  /** Signed checkpoints from elsewhere. */
  known?: string[];
  receipts?: { receipt: string; voter?: string }[];
}

/** An audit, a piece at a time, so that a worker can tell how far it is. */
export interface Audit extends Freed {
  /**
   * A file of the record, by its path in it: `board/00000000.bin`, and so on in this order, `checkpoints/34.txt`, `manifest.json`,
   * `result.json`. All of them before the first `advance`.
   */
  add(path: string, bytes: Uint8Array): void;
  /** How many entries the files have. */
  readonly entries: number;
  /** How many of them are judged. */
  readonly size: number;
  /** Judges so many more entries; 1024 at a time is fast. Returns whether there are more. */
  advance(entries: number): boolean;
  /** Judges what is left, and ends the audit. */
  report(language?: string): Report;
}

export interface Report {
  verdict: "verified" | "verified as far as it goes" | "consistent" | "consistent as far as it goes" | "refused";
  /** The verdict as a sentence. */
  meaning: string;
  accepted: boolean;
  /** The report as of `tabella audit --json`, for programs. */
  json: string;
  /** The report as a page of its own, which loads nothing. */
  html: string;
}
