//! A contest's canonical bytes.

use super::{Cell, Contest, Rule, WriteIns, check::MAX_OPTIONS, kinds::KINDS};
use crate::{
    codec::{DecodeError, DecodeErrorKind, Reader, put_list, put_text},
    count::{Counting, Method, Quota, TieBreak},
    mistake::{MAX_ID, MAX_NAME, MAX_TITLE},
};
use alloc::vec::Vec;

/// Appends a contest.
pub(crate) fn put_contest(out: &mut Vec<u8>, contest: &Contest) {
    let Contest { id, title, options, rule, cell, form, write_ins, counting } = contest;
    let Rule { min, max, each, blank } = rule;
    put_text(out, id);
    put_text(out, title);
    put_list(out, options, |out, option| put_text(out, option));
    for n in [min, max, each] {
        out.extend_from_slice(&n.to_be_bytes());
    }
    out.push(u8::from(*blank));
    out.push(match cell {
        Cell::District => 0,
        Cell::Election => 1,
    });
    out.push(form.kind().tag(contest));
    let WriteIns { places, length } = write_ins;
    out.extend_from_slice(&places.to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    let Some(Counting { method, seats, tie_break }) = counting else { return out.push(0) };
    out.push(match method {
        Method::Plurality => 1,
        Method::InstantRunoff => 2,
        Method::Stv { quota: Quota::Droop, places: _ } => 3,
        Method::Stv { quota: Quota::Hare, places: _ } => 4,
        Method::Schulze => 5,
        Method::Borda => 6,
    });
    if let Method::Stv { quota: _, places } = method {
        out.push(*places);
    }
    out.extend_from_slice(&seats.to_be_bytes());
    out.push(match tie_break {
        TieBreak::Order => 0,
        TieBreak::Backwards => 1,
        // No valid contest has these.
        TieBreak::Lot => 2,
        TieBreak::Open => 3,
    });
}

/// Reads a contest. Its rules are checked elsewhere.
pub(crate) fn read_contest(reader: &mut Reader<'_>) -> Result<Contest, DecodeError> {
    Ok(Contest {
        id: reader.field("a contest's id").text(MAX_ID)?,
        title: reader.field("a contest's title").text(MAX_TITLE)?,
        options: reader
            .field("a contest's options")
            .list(MAX_OPTIONS, 4, |reader| reader.text(MAX_NAME))?,
        rule: Rule {
            min: reader.field("the least of a rule").u32()?,
            max: reader.field("the most of a rule").u32()?,
            each: reader.field("the most for each option").u32()?,
            blank: reader.field("blank").bool()?,
        },
        cell: if reader.field("cell").bool()? { Cell::Election } else { Cell::District },
        form: {
            let found = reader.field("form").u8()?;
            let form = KINDS.iter().find_map(|kind| kind.of_tag(found));
            form.ok_or_else(|| reader.error(1, DecodeErrorKind::Tag { found }))?
        },
        write_ins: WriteIns {
            places: reader.field("lines for write-ins").u16()?,
            length: reader.field("bytes of a write-in").u16()?,
        },
        counting: counting(reader.field("count"))?,
    })
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
        found => return Err(reader.error(1, DecodeErrorKind::Tag { found })),
    };
    let seats = reader.u16()?;
    let tie_break = if reader.bool()? { TieBreak::Backwards } else { TieBreak::Order };
    Ok(Some(Counting { method, seats, tie_break }))
}
