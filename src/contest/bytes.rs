//! A contest's canonical bytes.
//!
//! ```text
//! contest   id text, title texts, question texts, groups [id text, name texts],
//!           options [id text, name texts, detail texts, most u64, groups [text]], min u64, max u64, each u64,
//!           marks [id text, name texts, valid u8], limits [limit], with optional text, voters u8, base u8, cell u8, display u8, wide u8, form,
//!           lines for write-ins u16, most bytes of a write-in u16, pass, if both [text], count
//! limit     of [text], costs [u32], min u64, max u64, with optional text
//! pass      u8 0, or u8 1, option text, majority, quorum fraction
//! majority  fraction, base u8
//! fraction  numerator u64, denominator u64; none is 0/0
//! count     u8 0, or method u8, of STV places u8, of lists divisor u8 and unfilled u8, seats u16, tie-break u8,
//!           caps [group text, elected u16], u8 0 or u8 1 and majority, threshold fraction, joined [[text]]
//! ```
//!
//! Texts are a list of one text for all languages, or of one for each; a question or a detail that is not there is an empty list.
//! Displays: 0 manifest, 1 rotate, 2 lot. Wide amounts: 0 bits, 1 folded. An optional text is u8 0, or u8 1 and the text. An option's most is 0 if it has none of its own. A form begins with the byte of its
//! kind.

use super::{
    Base, Cell, Contest, ContestOption, CountedMark, Display, Group, GroupCap, Limit, Majority,
    Pass, Rule, SeatRules, Wide, WriteIns,
    check::{MAX_LIMITS, MAX_MARKS},
    check_texts::{MAX_GROUPS, MAX_OPTIONS},
    kinds::KINDS,
    texts::{put_texts, put_texts_or_none, texts, texts_or_none},
};
use crate::{
    codec::{DecodeError, DecodeErrorKind, Reader, put_list, put_text},
    count::{Counting, Formula, Fraction, Method, Quota, TieBreak, Unfilled},
    mistake::{MAX_DETAIL, MAX_ID, MAX_NAME, MAX_QUESTION, MAX_TITLE},
};
use alloc::{string::String, vec::Vec};

/// Longest reference to an option, `contest:option`.
const MAX_REFERENCE: usize = MAX_ID + 1 + MAX_NAME;

/// Appends a contest.
pub(crate) fn put_contest(out: &mut Vec<u8>, contest: &Contest) {
    let Contest {
        id,
        title,
        question,
        options,
        groups,
        rule,
        marks,
        limits,
        with,
        voters,
        base,
        cell,
        display,
        wide,
        form,
        write_ins,
        counting,
        seats: rules,
        pass,
        if_both,
    } = contest;
    let Rule { min, max, each } = rule;
    put_text(out, id);
    put_texts(out, title);
    put_texts_or_none(out, question.as_ref());
    put_list(out, groups, |out, Group { id, name }| {
        put_text(out, id);
        put_texts(out, name);
    });
    put_list(out, options, |out, ContestOption { id, name, detail, most, groups }| {
        put_text(out, id);
        put_texts(out, name);
        put_texts_or_none(out, detail.as_ref());
        // No maximum of its own is 0.
        out.extend_from_slice(&most.unwrap_or(0).to_be_bytes());
        put_list(out, groups, |out, group| put_text(out, group));
    });
    for n in [min, max, each] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    put_list(out, marks, |out, CountedMark { id, name, valid }| {
        put_text(out, id);
        put_texts(out, name);
        out.push(u8::from(*valid));
    });
    put_list(out, limits, put_limit);
    put_optional(out, with.as_deref());
    out.push(u8::from(*voters));
    out.push(self::base(*base));
    out.push(match cell {
        Cell::District => 0,
        Cell::Election => 1,
    });
    out.push(match display {
        Display::Manifest => 0,
        Display::Rotate => 1,
        Display::Lot => 2,
    });
    out.push(match wide {
        Wide::Bits => 0,
        Wide::Folded => 1,
    });
    form.kind().put(contest, out);
    let WriteIns { places, length } = write_ins;
    out.extend_from_slice(&places.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.push(u8::from(pass.is_some()));
    if let Some(Pass { yes, majority, quorum }) = pass {
        put_text(out, yes);
        put_majority(out, majority);
        put_fraction(out, quorum.as_ref());
    }
    put_list(out, if_both, |out, id| put_text(out, id));
    let Some(Counting { method, seats, tie_break }) = counting else { return out.push(0) };
    out.push(match method {
        Method::Plurality => 1,
        Method::InstantRunoff => 2,
        Method::Stv { quota: Quota::Droop, places: _ } => 3,
        Method::Stv { quota: Quota::Hare, places: _ } => 4,
        Method::Schulze => 5,
        Method::Borda => 6,
        Method::MajorityJudgment => 7,
        Method::Star => 8,
        Method::Lists { .. } => 9,
    });
    match method {
        Method::Stv { quota: _, places } => out.push(*places),
        Method::Lists { formula, unfilled } => {
            out.push(match formula {
                Formula::DHondt => 0,
                Formula::SainteLague => 1,
                Formula::Hare => 2,
            });
            out.push(match unfilled {
                Unfilled::Open => 0,
                Unfilled::Others => 1,
            });
        }
        _ => {}
    }
    out.extend_from_slice(&seats.to_be_bytes());
    out.push(match tie_break {
        TieBreak::Order => 0,
        TieBreak::Backwards => 1,
        TieBreak::Lot => 2,
        TieBreak::Open => 3,
    });
    let SeatRules { caps, needs, threshold, joined } = rules;
    put_list(out, caps, |out, GroupCap { of, elected }| {
        put_text(out, of);
        out.extend_from_slice(&elected.to_be_bytes());
    });
    out.push(u8::from(needs.is_some()));
    needs.iter().for_each(|needs| put_majority(out, needs));
    put_fraction(out, threshold.as_ref());
    put_list(out, joined, |out, lists| put_list(out, lists, |out, list| put_text(out, list)));
}

fn put_majority(out: &mut Vec<u8>, Majority { more_than, of }: &Majority) {
    put_fraction(out, Some(more_than));
    out.push(base(Some(*of)));
}

/// None has a denominator of 0.
fn put_fraction(out: &mut Vec<u8>, fraction: Option<&Fraction>) {
    let (n, d) = fraction.map_or((0, 0), |share| (share.numerator(), share.denominator()));
    out.extend_from_slice(&n.to_be_bytes());
    out.extend_from_slice(&d.to_be_bytes());
}

fn base(base: Option<Base>) -> u8 {
    match base {
        None => 0,
        Some(Base::Votes) => 1,
        Some(Base::Valid) => 2,
        Some(Base::Ballots) => 3,
    }
}

fn read_base(reader: &mut Reader<'_>) -> Result<Option<Base>, DecodeError> {
    Ok(match reader.u8()? {
        0 => None,
        1 => Some(Base::Votes),
        2 => Some(Base::Valid),
        3 => Some(Base::Ballots),
        found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
    })
}

fn read_majority(reader: &mut Reader<'_>) -> Result<Majority, DecodeError> {
    let more_than = read_fraction(reader)?;
    let of = read_base(reader)?;
    let both = more_than.zip(of).map(|(more_than, of)| Majority { more_than, of });
    both.ok_or_else(|| reader.error(1, DecodeErrorKind::NotCanonical))
}

fn read_fraction(reader: &mut Reader<'_>) -> Result<Option<Fraction>, DecodeError> {
    match (reader.u64()?, reader.u64()?) {
        (0, 0) => Ok(None),
        (n, d) => {
            let fraction = Fraction::new(n, d);
            fraction.map(Some).map_err(|_| reader.error(16, DecodeErrorKind::NotCanonical))
        }
    }
}

fn read_pass(reader: &mut Reader<'_>) -> Result<Option<Pass>, DecodeError> {
    if !reader.bool()? {
        return Ok(None);
    }
    let (yes, majority) = (reader.text(MAX_NAME)?, read_majority(reader)?);
    Ok(Some(Pass { yes, majority, quorum: read_fraction(reader)? }))
}

/// Appends a limit.
pub(crate) fn put_limit(out: &mut Vec<u8>, limit: &Limit) {
    let Limit { of, costs, min, max, with } = limit;
    put_list(out, of, |out, name| put_text(out, name));
    put_list(out, costs, |out, cost| out.extend_from_slice(&cost.to_be_bytes()));
    out.extend_from_slice(&min.to_be_bytes());
    out.extend_from_slice(&max.to_be_bytes());
    put_optional(out, with.as_deref());
}

/// Reads a limit.
pub(crate) fn read_limit(reader: &mut Reader<'_>) -> Result<Limit, DecodeError> {
    Ok(Limit {
        of: reader.list(MAX_OPTIONS, 4, |reader| reader.text(MAX_REFERENCE))?,
        costs: reader.list(MAX_OPTIONS, 4, Reader::u32)?,
        min: reader.u64()?,
        max: reader.u64()?,
        with: optional(reader)?,
    })
}

fn put_optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    text.into_iter().for_each(|text| put_text(out, text));
}

fn optional(reader: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    if reader.bool()? { Ok(Some(reader.text(MAX_REFERENCE)?)) } else { Ok(None) }
}

/// Reads a contest, which may break rules.
pub(crate) fn read_contest(reader: &mut Reader<'_>) -> Result<Contest, DecodeError> {
    let mut contest = Contest {
        id: reader.field("a contest's id").text(MAX_ID)?,
        title: texts(reader.field("a contest's title"), MAX_TITLE)?,
        question: texts_or_none(reader.field("a contest's question"), MAX_QUESTION)?,
        groups: reader.field("a contest's groups").list(MAX_GROUPS, 8, |reader| {
            Ok(Group { id: reader.text(MAX_ID)?, name: texts(reader, MAX_NAME)? })
        })?,
        options: reader.field("a contest's options").list(MAX_OPTIONS, 24, |reader| {
            Ok(ContestOption {
                id: reader.text(MAX_NAME)?,
                name: texts(reader, MAX_NAME)?,
                detail: texts_or_none(reader, MAX_DETAIL)?,
                most: Some(reader.u64()?).filter(|most| *most > 0),
                groups: reader.list(MAX_GROUPS, 4, |reader| reader.text(MAX_ID))?,
            })
        })?,
        rule: Rule {
            min: reader.field("the least of a rule").u64()?,
            max: reader.field("the most of a rule").u64()?,
            each: reader.field("the most for each option").u64()?,
        },
        marks: reader.field("marks").list(MAX_MARKS, 9, |reader| {
            let (id, name) = (reader.text(MAX_ID)?, texts(reader, MAX_NAME)?);
            Ok(CountedMark { id, name, valid: reader.bool()? })
        })?,
        limits: reader.field("limits").list(MAX_LIMITS, 25, read_limit)?,
        with: optional(reader.field("the option that it goes with"))?,
        voters: reader.field("voters").bool()?,
        base: read_base(reader.field("base"))?,
        cell: if reader.field("cell").bool()? { Cell::Election } else { Cell::District },
        display: match reader.field("display").u8()? {
            0 => Display::Manifest,
            1 => Display::Rotate,
            2 => Display::Lot,
            found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
        },
        wide: if reader.field("wide amounts").bool()? { Wide::Folded } else { Wide::Bits },
        form: {
            let found = reader.field("form").u8()?;
            let unknown = reader.error(1, DecodeErrorKind::Tag { found });
            let mut form = Err(unknown);
            for kind in KINDS {
                if let Some(known) = kind.read_form(found, reader)? {
                    form = Ok(known);
                }
            }
            form?
        },
        write_ins: WriteIns {
            places: reader.field("lines for write-ins").u16()?,
            length: reader.field("bytes of a write-in").u16()?,
        },
        pass: read_pass(reader.field("when it passes"))?,
        if_both: reader.field("two questions").list(2, 4, |reader| reader.text(MAX_ID))?,
        counting: counting(reader.field("count"))?,
        seats: SeatRules::default(),
    };
    if contest.counting.is_some() {
        contest.seats.caps = reader.field("caps").list(MAX_GROUPS, 6, |reader| {
            Ok(GroupCap { of: reader.text(MAX_ID)?, elected: reader.u16()? })
        })?;
        contest.seats.needs =
            if reader.field("needs").bool()? { Some(read_majority(reader)?) } else { None };
        contest.seats.threshold = read_fraction(reader.field("threshold"))?;
        contest.seats.joined = reader.field("joined lists").list(MAX_GROUPS, 4, |reader| {
            reader.list(MAX_GROUPS, 4, |reader| reader.text(MAX_ID))
        })?;
    }
    Ok(contest)
}

fn counting(reader: &mut Reader<'_>) -> Result<Option<Counting>, DecodeError> {
    let method = match reader.u8()? {
        0 => return Ok(None),
        1 => Method::Plurality,
        2 => Method::InstantRunoff,
        3 => Method::Stv { quota: Quota::Droop, places: reader.u8()? },
        4 => Method::Stv { quota: Quota::Hare, places: reader.u8()? },
        5 => Method::Schulze,
        6 => Method::Borda,
        7 => Method::MajorityJudgment,
        8 => Method::Star,
        9 => Method::Lists {
            formula: match reader.field("formula").u8()? {
                0 => Formula::DHondt,
                1 => Formula::SainteLague,
                2 => Formula::Hare,
                found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
            },
            unfilled: match reader.field("unfilled seats").bool()? {
                false => Unfilled::Open,
                true => Unfilled::Others,
            },
        },
        found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
    };
    let seats = reader.u16()?;
    let tie_break = match reader.u8()? {
        0 => TieBreak::Order,
        1 => TieBreak::Backwards,
        2 => TieBreak::Lot,
        3 => TieBreak::Open,
        found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
    };
    Ok(Some(Counting { method, seats, tie_break }))
}
