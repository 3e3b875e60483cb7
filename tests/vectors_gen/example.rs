//! `docs/spec/example.md`: the first election, step by step, with the values of the vectors; and `docs/spec/result.md`: the
//! result of the third.

use super::json::Json;
use std::fmt::Write;

/// All vectors from which the example takes values.
pub struct Vectors {
    pub manifest: Json,
    pub keys: Json,
    pub ballot: Json,
    pub decryption: Json,
    pub log: Json,
}

/// A block of lines, each with a name and a value.
#[derive(Default)]
struct Block(Vec<(String, String)>);

impl Block {
    fn line(mut self, name: &str, value: &Json) -> Self {
        self.0.push((name.into(), value.plain()));
        self
    }

    /// Each value of a list with its number, from 0 or 1.
    fn each(mut self, name: &str, from: usize, list: &Json) -> Self {
        for (i, item) in list.items().iter().enumerate() {
            self.0.push((format!("{name}[{}]", i + from), item.plain()));
        }
        self
    }

    /// Messages of a transcript.
    fn messages(mut self, messages: &Json) -> Self {
        for message in messages.items() {
            let [label, value] = message.items() else { panic!("no message") };
            let (label, mut value) = (label.plain(), value.plain());
            if ["proof", "linear"].contains(&label.as_str()) {
                value = format!("\"{}\"", String::from_utf8(hex::decode(value).unwrap()).unwrap());
            }
            self.0.push((label, value));
        }
        self
    }
}

impl std::fmt::Display for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = self.0.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        writeln!(f, "```text")?;
        for (name, value) in &self.0 {
            // Long values continue below their beginning.
            let lines: Vec<&str> = match value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                true => {
                    let lines = value.as_bytes().chunks(64);
                    lines.map(|line| std::str::from_utf8(line).unwrap()).collect()
                }
                false => vec![value],
            };
            for (i, line) in lines.iter().enumerate() {
                let name = if i == 0 { name } else { "" };
                writeln!(f, "{name:width$}  {line}")?;
            }
        }
        write!(f, "```")
    }
}

fn block() -> Block {
    Block::default()
}

pub fn text(vectors: &Vectors) -> String {
    let Vectors { manifest, keys, ballot, decryption, log } = vectors;
    let manifest = manifest.items().iter().find(|m| m.get("name").plain() == "election").unwrap();
    let keys = keys.get("undisputed");
    let (commit, deal) = (&keys.get("commits").items()[0], &keys.get("deals").items()[0]);
    let of_first = keys.get("verification keys").items()[0].clone();
    let ballot = &ballot.get("of the election").items()[0];
    let (parts, tally) = (ballot.get("parts"), decryption.get("tally"));
    let share = &decryption.get("shares").items()[0];
    let checkpoint = log.get("checkpoints").items().last().unwrap();
    let root = log.get("roots").items().last().unwrap();

    let manifest =
        block().line("hash", manifest.get("hash")).line("origin", manifest.get("origin"));
    let commit = block()
        .line("h", commit.get("h"))
        .messages(commit.get("messages"))
        .line("x", commit.get("x"));
    let ceremony = block()
        .line("U of deal 1", deal.get("U"))
        .line("x of its proof", deal.get("x"))
        .line("ceremony hash", keys.get("ceremony hash"))
        .each("Y", 0, keys.get("slot keys"))
        .each("Y₁", 0, &of_first);
    let registration = log.get("registration");
    let roll = block().line("line", registration.get("bytes")).line("x", registration.get("x"));
    let bytes = block()
        .line("style", parts.get("style"))
        .line("sequence", parts.get("sequence"))
        .line("station", parts.get("station"))
        .line("X", parts.get("X"))
        .line("A", parts.get("A"))
        .each("B", 0, parts.get("B"))
        .line("D", parts.get("D"))
        .line("E", parts.get("E"))
        .line("W", parts.get("W"))
        .each("f", 0, parts.get("f"))
        .line("f_r", parts.get("f_r"))
        .line("f_s", parts.get("f_s"))
        .line("z", parts.get("z"));
    let transcript = block().messages(ballot.get("messages"));
    let values = block()
        .line("y", ballot.get("y"))
        .line("Y*", ballot.get("Y*"))
        .each("μ", 0, ballot.get("mu"))
        .line("τ", ballot.get("tau"))
        .line("x", ballot.get("x"))
        .line("scalar of G in V2", ballot.get("scalar of G in V2"))
        .line("tracker", ballot.get("tracker"));
    let mut cells = String::new();
    for cell in tally.get("cells").items() {
        let districts = cell.get("districts").plain();
        let (contest, ballots) = (cell.get("contest").plain(), cell.get("ballots").plain());
        let block = block().line("ΣA", cell.get("A")).each("ΣB", 0, cell.get("B"));
        write!(
            cells,
            "Contest {contest}, districts {districts}, {ballots} ballots:\n\n{block}\n\n"
        )
        .unwrap();
    }
    let hash = block().line("tally hash", tally.get("hash"));
    let answers = block()
        .each("P", 0, share.get("P"))
        .each("R", 0, share.get("R"))
        .line("R", share.get("R sum"))
        .line("R′", share.get("R author"))
        .each("z", 0, share.get("z"))
        .line("z′", share.get("z author"));
    let challenges = block()
        .each("w", 0, share.get("w"))
        .line("x", share.get("x"))
        .line("x′", share.get("x author"));
    let opened = block()
        .line("λ₁", &decryption.get("lagrange").items()[0])
        .line("λ₃", &decryption.get("lagrange").items()[1])
        .each("M", 0, decryption.get("points"))
        .line("v", decryption.get("totals"))
        .line("result", decryption.get("result"));
    let root = block().line("root", root);
    let signed = checkpoint.get("signed").plain();

    format!(
        "# Example

A whole election with its values, to see where another implementation first differs. It is the record
[tests/vectors/election](../../tests/vectors/election); all values stand in
[tests/vectors](../../tests/vectors/README.md), where there are many more, and a test makes this file from them. Bytes
are in hexadecimal digits, scalars little-endian as everywhere.

Three trustees, of whom two open; districts `north` and `south` with three voters each; contest 0 `mayor`, one of `ada`
and `ben`; contest 1 `pool`, `yes`, `no` or blank. So there are five slots, and on every ballot five bits and two rows.

## Manifest

Entry 0. Its bytes are in `manifest.json` of the vectors.

{manifest}

## Ceremony

The commit of dealer 1, with its transcript after the context `ceremony`:

{commit}

What follows from the deals of all three. `Y` are the slot keys, `Y₁` the verification keys of trustee 1.

{ceremony}

## Roll

The first line, `X`, style 0, weight 1 and proof of possession, and the challenge of the proof:

{roll}

## Ballot

Entry 19, the first ballot of voter 0, by part:

{bytes}

Its transcript after the context `election`:

{transcript}

What the verifier computes. V1 takes `fⱼ`, `fⱼ(x−fⱼ)`, `f_r`, `f_s` and `z` as they are; both sums are zero.

{values}

## Tally

Voter 0 voted again, so four ballots of five count.

{cells}{hash}

## Decryption share

Entry 31, of trustee 1:

{answers}

The challenges. Each `w` has 128 bits.

{challenges}

## Result

Trustees 1 and 3 opened. Each `M` is `vG` for its total `v`, by cell and slot; turnout follows the totals.

{opened}

## Board

All 34 entries, and the checkpoint that the log and two witnesses signed:

{root}

```text
{signed}```
"
    )
}

/// A complete `result.json`, and what can be seen in it.
pub fn result(json: &str) -> String {
    format!(
        "# A result

`result.json` of the record [tests/vectors/council](../../tests/vectors/council), whole; a test makes this file from it.
[board.md](board.md#views) says what each name means.

- `council` is ranked and counted by STV, for two seats. It is opened in two cells. Two of its rows are invalid: one has a rank
  twice, the other is no message. They have `points` instead of `ranks` and `names`, and stand in `account` as left out. Whoever
  ranks nobody stands there as not given.
- `mayor` is a choice of up to two with two lines for names, opened for the whole election. One row names the option Dora in other
  letters, and since a ballot could give Dora two votes so, that vote is left out. Another has a vote for a line without a name
  and is invalid: an invalid row of a choice has `votes` and all its `points`.
- `pool` has only sums.
- `club` has one ballot, where three would be opened: all its numbers but `ballots` and `weight` are `null`.

In each `account` the parts are together what the ballots `held`: 16 = 4 + 5 + 4 + 1 + 2 of `mayor`, where two blank ballots hold
two votes each.

```json
{json}```
"
    )
}
