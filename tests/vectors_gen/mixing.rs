//! The mixes of the third election, their results, and the counts.
#![allow(non_snake_case)]

use super::{
    ballots::{context, rows as style_rows, rule, style_rules},
    counts::{Votes, counting_json, is_invisible, merge, normalise},
    decryption::{combine, share},
    elections::Case,
    json::{Json, hex, hexes, list, object},
    keys::{lagrange, opening},
    messages::{decode, slots},
    oracle::{Ballot, Parts, Rule, Tape, base, encode, hash, linear},
    shuffles::{self, Proof, Verified, rows_json},
};
use curve25519_dalek::{Scalar, constants::RISTRETTO_BASEPOINT_POINT as G};
use std::collections::{BTreeMap, BTreeSet};
use tabella::{
    board::Kind,
    contest::{Contest, Form},
    count::{Counting, Method, TieBreak},
    tally::Opening,
};

/// The rows of a cell between mixes.
struct Cascade {
    cell: usize,
    contest: usize,
    keys: Vec<[u8; 32]>,
    slots: Vec<usize>,
    entries: Vec<usize>,
    first: Vec<Vec<u8>>,
    rows: Vec<u8>,
}

/// The contents of a row: votes for lines, ranks, names; or why it is invalid.
#[derive(Clone)]
struct Says {
    votes: Vec<u64>,
    ranks: Vec<u8>,
    names: Vec<Option<String>>,
}

/// A name of at most `L` bytes on a line, an empty line, or something that is not a name.
fn name(line: &[u8]) -> Result<Option<String>, ()> {
    let (length, rest) = (usize::from(line[0]), &line[1..]);
    if length > rest.len() || rest[length..].iter().any(|byte| *byte != 0) {
        return Err(());
    }
    let name = std::str::from_utf8(&rest[..length]).map_err(|_| ())?;
    // In these vectors no invisible character is where it is allowed.
    if name.trim() != name || name.contains(is_invisible) {
        return Err(());
    }
    Ok((!name.is_empty()).then(|| name.into()))
}

fn says(contest: &Contest, points: &[[u8; 32]]) -> Result<Says, &'static str> {
    let rule = rule(contest);
    let Rule { lo, hi, each, ranking, lines, length, .. } = rule;
    let options = rule.maxima.len();
    let [_, of_lines, _] = rule.slots();
    let (flags, message) = points.split_at(of_lines);
    let value = |point: &[u8; 32]| {
        (0..=u64::from(each)).find(|v| encode(&(Scalar::from(*v) * G)) == *point).unwrap()
    };
    let votes: Vec<u64> = flags.iter().map(value).collect();
    if !ranking && votes.iter().all(|votes| *votes == 0) {
        // Whatever the message holds.
        return Ok(Says { votes, ranks: vec![], names: vec![None; lines] });
    }
    let message = decode(message).map_err(|_| "message")?;
    if message.len() != rule.message() {
        return Err("length");
    }
    let (ranks, written) = message.split_at(if ranking { options + lines } else { 0 });
    let names: Vec<_> = written.chunks(1 + length).map(name).collect();
    let given: Vec<u8> = ranks.iter().copied().filter(|rank| *rank > 0).collect();
    let k = given.iter().copied().max().unwrap_or(0);
    if (1..=k).any(|rank| !given.contains(&rank)) {
        return Err("gap");
    }
    if contest.form == (Form::Ranking { ties: false }) && given.len() > usize::from(k) {
        return Err("tie");
    }
    if ranking && !(lo..=hi).contains(&(given.len() as u32)) {
        return Err("ranked");
    }
    for (line, name) in names.iter().enumerate() {
        let wrong = match ranking {
            true => {
                name.as_ref().map_or(true, |name| name.is_some() != (ranks[options + line] > 0))
            }
            false => votes[line] > 0 && !matches!(name, Ok(Some(_))),
        };
        if wrong {
            return Err("name");
        }
    }
    // Text on lines without votes is ignored.
    let ignored = |line: usize| votes.get(line) == Some(&0);
    let names = names.into_iter().map(Result::unwrap_or_default).enumerate();
    let names = names.map(|(line, name)| name.filter(|_| !ignored(line))).collect();
    Ok(Says { votes, ranks: ranks.to_vec(), names })
}

/// The votes of all lines of a row.
fn given(contest: &Contest, points: &[[u8; 32]]) -> u64 {
    let [_, lines, _] = rule(contest).slots();
    let value = |point: &[u8; 32]| {
        (0..=contest.rule.each).find(|v| encode(&(Scalar::from(*v) * G)) == *point).unwrap()
    };
    points[..lines].iter().map(value).sum()
}

fn shown(says: &Result<Says, &'static str>) -> Vec<(String, Json)> {
    match says {
        Err(reason) => vec![("invalid".into(), (*reason).into())],
        Ok(Says { votes, ranks, names }) => {
            let (name, numbers) = match ranks.is_empty() {
                true => ("votes", list(votes.clone())),
                false => ("ranks", list(ranks.clone())),
            };
            vec![(name.into(), numbers), ("names".into(), list(names.clone()))]
        }
    }
}

/// Messages of rankings of three options with two write-in lines of at most twelve bytes, and their contents.
fn rankings() -> Json {
    let counting = Counting { method: Method::Borda, seats: 1, tie_break: TieBreak::Order };
    let plain = Contest::rank("plain", ["Ada", "Ben", "Cleo"], counting).write_ins(2, 12);
    let some = plain.clone().ranks(1..=3);
    let tied = plain.clone().ties();
    let line = |name: &[u8]| -> Vec<u8> {
        let zeros = std::iter::repeat_n(0, 12usize.saturating_sub(name.len()));
        [name.len() as u8].into_iter().chain(name.iter().copied()).chain(zeros).collect()
    };
    let message =
        |ranks: [u8; 5], names: [&[u8]; 2]| [&ranks[..], &line(names[0]), &line(names[1])].concat();
    let good = message([2, 0, 1, 3, 0], [b"Zoe", b""]);
    let with = |at: usize, byte: u8| {
        let mut changed = good.clone();
        changed[at] = byte;
        changed
    };
    let none: [&[u8]; 2] = [b"", b""];
    let cases: Vec<(&Contest, Vec<u8>)> = vec![
        (&plain, message([0; 5], none)),
        (&some, message([0; 5], none)),
        (&plain, good.clone()),
        (&some, good.clone()),
        (&some, message([4, 0, 1, 3, 2], [b"Zoe", b"Yves"])),
        (&plain, message([5, 3, 1, 2, 4], [b"Ada", b"Ben"])),
        (&plain, message([0, 0, 0, 0, 1], [b"", b"Zoe"])),
        (&plain, message([1, 0, 0, 0, 2], [b"", b" Zoe"])),
        (&plain, message([1, 0, 3, 0, 0], none)),
        (&plain, message([0, 0, 2, 0, 0], none)),
        (&plain, message([0, 0, 255, 0, 0], none)),
        (&plain, message([1, 2, 2, 0, 0], none)),
        (&tied, message([1, 2, 2, 0, 0], none)),
        (&tied, message([1, 3, 3, 0, 0], none)),
        (&tied, message([1, 1, 1, 1, 1], [b"Zoe", b"ZOE"])),
        (&plain, message([1, 0, 0, 0, 0], [b"Zoe", b""])),
        (&plain, message([1, 0, 0, 2, 0], none)),
        (&plain, message([0, 0, 0, 1, 0], [b"Zoe ", b""])),
        (&plain, message([0, 0, 0, 1, 0], ["a\u{200b}b".as_bytes(), b""])),
        (&plain, message([0, 0, 0, 1, 0], ["\u{a0}b".as_bytes(), b""])),
        (&plain, message([0, 0, 0, 1, 0], [b"a\nb", b""])),
        (&plain, message([0, 0, 0, 1, 0], [b"a\xff", b""])),
        (&plain, message([0, 0, 0, 1, 0], ["\u{414}\u{435}\u{432}\u{435}\u{440}".as_bytes(), b""])),
        (&plain, with(5, 13)),
        (&plain, with(5, 2)),
        (&plain, with(5, 4)),
        (&plain, with(30, 1)),
        (&plain, good[..30].to_vec()),
        (&plain, [&good[..], &[0]].concat()),
        (&plain, vec![]),
    ];
    let of = |(contest, message): (&Contest, Vec<u8>)| {
        let slots = slots(&message, message.len().div_ceil(29).max(2));
        let says = says(contest, &slots);
        match (contest.read_message(&slots), &says) {
            (Ok(written), Ok(says)) => {
                let names: Vec<_> = written.names.into_iter().map(|name| name.unwrap()).collect();
                let ours = says.names.iter().map(|name| name.clone().unwrap_or_default());
                assert_eq!((written.ranks, names), (says.ranks.clone(), ours.collect()));
            }
            (library, says) => assert!(library.is_err() && says.is_err(), "{message:?}"),
        }
        let mut fields = vec![
            ("min".into(), contest.rule.min.into()),
            ("max".into(), contest.rule.max.into()),
            ("ties".into(), (contest.form == Form::Ranking { ties: true }).into()),
            ("message".into(), hex(&message)),
        ];
        fields.extend(shown(&says));
        Json::Object(fields)
    };
    Json::List(cases.into_iter().map(of).collect())
}

/// The contents of a row, and the votes on its lines.
type Row = (Result<Says, &'static str>, u64);

/// The results from a contest's option totals and rows.
fn count(contest: &Contest, totals: &[u64], rows: &[Row]) -> Json {
    let counting = contest.counting.unwrap();
    let options = contest.options.len();
    let lines = |says: &Says| -> Vec<(String, u64)> {
        let numbers: Vec<u64> = match says.ranks.get(options..) {
            Some(ranks) => ranks.iter().map(|rank| u64::from(*rank)).collect(),
            None => says.votes.clone(),
        };
        let names = says.names.iter().zip(numbers);
        names.filter_map(|(name, number)| Some((normalise(name.as_ref()?), number))).collect()
    };
    let valid: Vec<&Says> = rows.iter().flat_map(|(says, _)| says).collect();
    let mut left_out: Vec<(&str, u64)> =
        ["message", "length", "gap", "tie", "ranked", "name", "listed", "above each"]
            .map(|reason| (reason, 0))
            .into();
    let mut leave_out = |reason: &str, votes: u64| {
        left_out.iter_mut().find(|(known, _)| *known == reason).unwrap().1 += votes;
    };
    for (says, votes) in rows {
        if let Err(reason) = says {
            leave_out(reason, if contest.form == Form::Choice { *votes } else { 1 });
        }
    }
    let known: Vec<String> = contest.names().map(normalise).collect();
    let written = valid.iter().flat_map(|says| lines(says)).map(|(name, _)| name);
    let mut names: Vec<String> = written.filter(|name| !known.contains(name)).collect();
    names.sort();
    names.dedup();
    let find = |text: &String| known.iter().chain(&names).position(|name| name == text).unwrap();
    let mut rankings: BTreeMap<Vec<Vec<usize>>, u64> = BTreeMap::new();
    for (option, votes) in totals.iter().take(options).enumerate() {
        *rankings.entry(vec![vec![option]]).or_default() += votes;
    }
    for says in &valid {
        let of_lines = lines(says).into_iter().map(|(name, number)| (find(&name), number));
        if says.ranks.is_empty() {
            let (each, hi) = (contest.rule.each, contest.rule.max);
            let mut given: BTreeMap<usize, u64> = BTreeMap::new();
            of_lines.for_each(|(c, votes)| *given.entry(c).or_default() += votes);
            for (c, votes) in given {
                if c >= options || each >= hi {
                    *rankings.entry(vec![vec![c]]).or_default() += votes.min(each);
                    leave_out("above each", votes.saturating_sub(each));
                } else {
                    leave_out("listed", votes);
                }
            }
        } else {
            let ranks = says.ranks[..options].iter().copied().enumerate();
            let pairs: Vec<_> = ranks.chain(of_lines.map(|(c, rank)| (c, rank as u8))).collect();
            *rankings.entry(merge(&pairs)).or_default() += 1;
        }
    }
    let rankings = rankings.into_iter().filter(|(_, times)| *times > 0);
    let votes = Votes {
        candidates: options + names.len(),
        rankings: rankings.map(|(groups, times)| (times, groups)).collect(),
    };
    // Each name in the spelling of most rows.
    let mut on_rows: BTreeMap<&str, u32> = BTreeMap::new();
    for says in &valid {
        let of_row: BTreeSet<&str> = says.names.iter().flatten().map(String::as_str).collect();
        of_row.into_iter().for_each(|name| *on_rows.entry(name).or_default() += 1);
    }
    let spelled = |name: &String| {
        let same = on_rows.iter().filter(|(written, _)| normalise(written) == *name);
        *same.min_by_key(|(written, rows)| (std::cmp::Reverse(**rows), **written)).unwrap().0
    };
    let left_out = left_out.into_iter().filter(|(_, votes)| *votes > 0);
    let left_out = left_out.map(|(reason, votes)| Json::List(vec![reason.into(), votes.into()]));
    let left_out = left_out.collect();
    let options = contest.names();
    let candidates: Vec<&str> = options.chain(names.iter().map(spelled)).collect();
    let mut fields = vec![
        ("contest".into(), contest.id.as_str().into()),
        ("candidates".into(), list(candidates)),
        ("invalid".into(), (rows.len() - valid.len()).into()),
        ("left_out".into(), Json::List(left_out)),
        ("rankings".into(), votes.json()),
    ];
    fields.extend(counting_json(&counting));
    fields.extend(votes.count(&counting));
    Json::Object(fields)
}

pub fn json(case: &Case) -> Json {
    let (plan, entries, board) = (&case.plan, case.entries(), case.board());
    let (election, manifest) = (plan.election(), &case.world.manifest);
    let of_kind = |kind: Kind| -> Vec<(usize, &[u8])> {
        let of_kind = entries.iter().enumerate().filter(|(_, entry)| entry[0] == kind as u8);
        of_kind.map(|(place, entry)| (place, &entry[1..])).collect()
    };
    let content = |kind: Kind| {
        let content = of_kind(kind)[0].1;
        &content[..content.len() - 64]
    };
    let (tally, opened) = (content(Kind::Tally), board.state().tally().unwrap());
    let tally_hash = hash("tabella/v1 tally", &[tally]);

    // Each voter's last ballot, in the order of the board.
    let mut last: BTreeMap<&[u8], (usize, usize, Ballot)> = BTreeMap::new();
    for (entry, bytes) in of_kind(Kind::Ballot) {
        let style = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
        let rows = style_rows(manifest, style);
        let ballot = Ballot::read(bytes, rows.slots, rows.bits.len());
        last.insert(ballot.X, (entry, style, ballot));
    }
    let mut last: Vec<_> = last.into_values().collect();
    last.sort_by_key(|(entry, ..)| *entry);
    let mut cascades = Vec::new();
    for (place, cell) in opened.cells().iter().enumerate() {
        let of_contest = rule(&manifest.contests()[cell.contest]);
        let [summed, lines, message] = of_contest.slots();
        if lines + message == 0 || !matches!(cell.opening, Opening::Shares | Opening::Public) {
            continue;
        }
        let (mut from, mut first) = (Vec::new(), Vec::new());
        for (entry, style, ballot) in &last {
            let style_of = &manifest.styles()[*style];
            let held = style_of.contests.iter().position(|contest| *contest == cell.contest);
            let Some(held) = held.filter(|_| cell.districts.contains(&style_of.district)) else {
                continue;
            };
            let (rules, _) = style_rules(manifest, *style);
            let before: usize = rules[..held].iter().flat_map(|rule| rule.slots()).sum();
            let B = &ballot.B[before + summed..before + summed + lines + message];
            from.push(*entry);
            first.push([ballot.A].iter().chain(B).flat_map(|point| point.to_vec()).collect());
        }
        let slots: Vec<usize> =
            manifest.contest_slots(cell.contest).unwrap().skip(summed).collect();
        let keys = election.slot_keys();
        cascades.push(Cascade {
            cell: place,
            contest: cell.contest,
            keys: slots.iter().map(|slot| *keys[*slot].as_bytes()).collect(),
            slots,
            entries: from,
            rows: first.concat(),
            first,
        });
    }
    let start = context(&election);
    let mut mixes = Vec::new();
    for (entry, bytes) in of_kind(Kind::Mix) {
        mixes.push(mix(case, &start, &tally_hash, &mut cascades, entry, bytes));
    }

    // The tally continues with the rows.
    let mut bytes = [tally, &(cascades.len() as u32).to_be_bytes()].concat();
    let hash_of = |cascade: &Cascade| hash("tabella/v1 rows", &[&cascade.rows]);
    for cascade in &cascades {
        bytes.extend((cascade.cell as u32).to_be_bytes());
        bytes.extend((cascade.first.len() as u32).to_be_bytes());
        bytes.extend(hash_of(cascade));
    }
    assert_eq!(
        (&bytes[..], hash("tabella/v1 tally", &[&bytes])),
        (opened.as_bytes(), opened.hash())
    );
    let shares: Vec<&[u8]> = of_kind(Kind::Share).into_iter().map(|(_, bytes)| bytes).collect();
    let (numbers, points) = combine(opened, &shares);
    let encoded: Vec<[u8; 32]> = points.iter().map(encode).collect();
    let width = |cascade: &Cascade| cascade.first.len() * cascade.slots.len();
    let sums = encoded.len() - cascades.iter().map(width).sum::<usize>();
    let result = content(Kind::Result);
    let mut parts = Parts(result);
    let totals: Vec<u64> = (0..sums).map(|_| parts.number(8)).collect();
    assert!(points.iter().zip(&totals).all(|(point, total)| *point == Scalar::from(*total) * G));

    let mut of_rows = encoded[sums..].iter().copied();
    let (mut rows, mut by_contest) = (Vec::new(), BTreeMap::<usize, Vec<_>>::new());
    for Cascade { cell, contest, slots, first, .. } in &cascades {
        for row in 0..first.len() {
            let points: Vec<[u8; 32]> = of_rows.by_ref().take(slots.len()).collect();
            let says = says(&manifest.contests()[*contest], &points);
            let mut fields = vec![
                ("cell".into(), Json::from(*cell)),
                ("row".into(), row.into()),
                ("points".into(), hexes(&points)),
            ];
            fields.extend(shown(&says));
            rows.push(Json::Object(fields));
            let votes = given(&manifest.contests()[*contest], &points);
            by_contest.entry(*contest).or_default().push((says, votes));
        }
    }
    let mut of_cells = BTreeMap::<usize, Vec<u64>>::new();
    let mut left = totals.iter();
    for cell in opened.cells() {
        let totals = of_cells.entry(cell.contest).or_insert_with(|| vec![0; cell.sum.b.len()]);
        totals.iter_mut().zip(left.by_ref()).for_each(|(sum, total)| *sum += total);
    }
    let of_contest = |(contest, rows): (&usize, &Vec<_>)| {
        count(&manifest.contests()[*contest], &of_cells[contest], rows)
    };
    let counted: Vec<Json> = by_contest.iter().map(of_contest).collect();
    let elected = |counted: &Json| -> Vec<String> {
        let names = counted.get("candidates").items();
        let numbers = counted.get("elected").items().iter().map(Json::plain);
        numbers.map(|number| names[number.parse::<usize>().unwrap()].plain()).collect()
    };
    // The result ends with the rows and the names of the elected.
    let mut end = encoded[sums..].concat();
    for names in counted.iter().map(elected) {
        end.extend((names.len() as u32).to_be_bytes());
        for name in names {
            end.extend((name.len() as u32).to_be_bytes());
            end.extend(name.as_bytes());
        }
    }
    assert!(result.ends_with(&end));
    let library: Vec<Vec<String>> = board
        .state()
        .outcome()
        .unwrap()
        .counted()
        .iter()
        .map(|counted| counted.elected().map(Into::into).collect())
        .collect();
    assert_eq!(counted.iter().map(elected).collect::<Vec<_>>(), library);

    let cascade = |cascade: &Cascade| {
        let Cascade { cell, contest, keys, slots, entries, first, .. } = cascade;
        object! {
            "cell" => *cell, "contest" => *contest, "slots" => slots.clone(), "Y" => hexes(keys),
            "ballots" => entries.clone(), "rows" => hexes(first), "hash of the last rows" => hex(hash_of(cascade)),
        }
    };
    object! {
        "context" => start.messages(), "keys" => hex(plan.keys.ceremony.hash()),
        "tally" => object! {"bytes" => hex(tally), "hash" => hex(tally_hash)},
        "cascades" => Json::List(cascades.iter().map(cascade).collect()),
        "mixes" => Json::List(mixes),
        "opened" => object! {"bytes" => hex(&bytes), "hash" => hex(opened.hash())},
        "opening context" => opening(&election, &plan.keys.ceremony).messages(),
        "pairs" => Json::List(opened.opened().iter().map(|opened| {
            object! {"ciphertext" => opened.ciphertext, "place" => opened.place, "slot" => opened.slot}
        }).collect()),
        "shares" => Json::List(shares.iter().map(|bytes| share(plan, opened, bytes)).collect()),
        "lagrange" => hexes(numbers.iter().map(|j| lagrange(*j, &numbers).to_bytes())),
        "points" => hexes(encoded), "totals" => totals, "rows" => Json::List(rows),
        "counted" => Json::List(counted), "result" => hex(result), "rankings" => rankings(),
    }
}

/// What a verifier computes for a mix. A valid mix replaces the rows.
fn mix(
    case: &Case,
    start: &Tape,
    tally: &[u8; 32],
    cascades: &mut [Cascade],
    entry: usize,
    bytes: &[u8],
) -> Json {
    let ceremony = &case.plan.keys.ceremony;
    let mut parts = Parts(bytes);
    let [trustee, cell, position] = [2, 4, 2].map(|length| parts.number(length));
    let cascade = cascades.iter_mut().find(|c| c.cell as u64 == cell).unwrap();
    let (N, w) = (cascade.first.len(), cascade.slots.len());
    let out = parts.take(cascade.rows.len());
    let C = *ceremony.setup().member(trustee as u16).unwrap().element().as_bytes();
    let tape = start.clone().proof("mix").bytes("keys", ceremony.hash()).bytes("tally", tally);
    let tape = tape.number("trustee", trustee).bytes("C", &C);
    let tape = tape.number("cell", cell).number("position", position);
    let proof = Proof::read(&mut parts, N, w);
    let [inputs, outputs] = [&cascade.rows[..], out].map(|bytes| shuffles::rows(bytes, w));
    let found = shuffles::verify(tape, &cascade.keys, &inputs, &outputs, &proof);
    let fails = found.fails();
    let sums = found.sums();
    let Verified { mut tape, u, zeta, x, .. } = found;
    let signature = parts.0;
    let author = linear(&mut tape, "BOARD.AUTHOR", &[(&C, 0, &base())], 1, signature);
    assert!(author.holds);
    let json = object! {
        "entry" => entry, "trustee" => trustee, "cell" => cell, "position" => position, "C" => hex(C),
        "out" => rows_json(&outputs), "proof" => proof.json(), "signature" => hex(signature),
        "messages" => tape.since(start), "u" => hexes(u.iter().map(Scalar::to_bytes)), "zeta" => hex(zeta.as_bytes()),
        "x" => hex(x.as_bytes()), "sums" => sums, "fails" => fails.clone(), "author x" => hex(author.x.as_bytes()),
    };
    if fails.is_empty() {
        cascade.rows = out.to_vec();
    }
    json
}
