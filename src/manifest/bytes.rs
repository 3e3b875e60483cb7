//! Canonical bytes of a manifest, and its hash.
//!
//! ```text
//! manifest  version u8 = 1, id text, languages [text], title texts, operator key,
//!           groups [name text, threshold u16, close quorum u16, rehearsals u16, trustees [name text, key]],
//!           minimum cell u32, ballots per voter u32, most voters of a proxy u16 (0: no proxies), weight classes u8,
//!           districts [id text, name texts],
//!           stations [id text, name texts, district u32],
//!           contests [contest],
//!           styles [id text, district u32, contests [u32], limits [limit]],
//!           log present u8; if it is 1: log key 32 bytes, witnesses [name text, key 32 bytes], quorum u16
//! ```
//!
//! Texts, contests and limits are in `contest/bytes.rs`. References are places in the lists, counted from 0; a style's contests ascend.

use super::{
    BallotStyle, District, Group, Groups, LogPolicy, Member, Station,
    parts::{
        MAX_CONTESTS, MAX_DISTRICTS, MAX_STATIONS, MAX_STYLES, MAX_TRUSTEES, MAX_WITNESSES, Parts,
    },
};
use crate::{
    codec::{Decode, DecodeError, DecodeErrorKind, Encode, Reader, put_count, put_list, put_text},
    contest::{self, MAX_LIMITS, put_texts, texts},
    crypto::signature::AuthorKey,
    log::checkpoint::{LogKey, Witness, WitnessKey},
    mistake::{MAX_ID, MAX_LANGUAGES, MAX_NAME, MAX_TITLE},
};
use alloc::vec::Vec;

/// Version of the format.
pub(super) const VERSION: u8 = 1;
/// Bytes of a registered key.
const KEY: usize = 96;

/// A place is below the cap of its list, so it fits.
fn put_place(out: &mut Vec<u8>, place: usize) {
    put_count(out, place);
}

/// A place in a list of `n`.
fn place(reader: &mut Reader<'_>, n: usize) -> Result<usize, DecodeError> {
    let found = reader.u32()?;
    let place = usize::try_from(found).unwrap_or(usize::MAX);
    if place < n {
        return Ok(place);
    }
    let max = n.saturating_sub(1) as u64;
    Err(reader.error(4, DecodeErrorKind::Value { found: found.into(), max }))
}

impl Encode for Parts {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self {
            id,
            languages,
            title,
            operator,
            trustees,
            groups,
            minimum_cell,
            ballots_per_voter,
            proxies,
            weight_classes,
            districts,
            stations,
            contests,
            styles,
            log,
        } = self;
        out.push(VERSION);
        put_text(out, id);
        put_list(out, languages, |out, language| put_text(out, language));
        put_texts(out, title);
        operator.encode(out);
        put_list(out, groups, |out, group| {
            let Group { name, threshold, close_quorum, rehearsals, members } = group;
            put_text(out, name);
            // 0 stands for no quorum.
            for number in [*threshold, close_quorum.unwrap_or(0), *rehearsals] {
                out.extend_from_slice(&number.to_be_bytes());
            }
            put_members(out, trustees.get(members.clone()).unwrap_or_default());
        });
        out.extend_from_slice(&minimum_cell.to_be_bytes());
        out.extend_from_slice(&ballots_per_voter.to_be_bytes());
        // 0 stands for no proxies.
        out.extend_from_slice(&proxies.unwrap_or(0).to_be_bytes());
        out.push((*weight_classes).into());
        put_list(out, districts, |out, District { id, name }| {
            put_text(out, id);
            put_texts(out, name);
        });
        put_list(out, stations, |out, Station { id, name, district }| {
            put_text(out, id);
            put_texts(out, name);
            put_place(out, *district);
        });
        put_list(out, contests, contest::put_contest);
        put_list(out, styles, |out, BallotStyle { id, district, contests, limits }| {
            put_text(out, id);
            put_place(out, *district);
            put_list(out, contests, |out, contest| put_place(out, *contest));
            put_list(out, limits, contest::put_limit);
        });
        out.push(u8::from(log.is_some()));
        if let Some(LogPolicy { key, witnesses, quorum }) = log {
            key.encode(out);
            put_list(out, witnesses, |out, Witness { name, key }| {
                put_text(out, name);
                key.encode(out);
            });
            out.extend_from_slice(&quorum.to_be_bytes());
        }
    }
}

impl Decode for Parts {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let version = reader.field("version").u8()?;
        if version != VERSION {
            return Err(reader.error(1, DecodeErrorKind::Tag { found: version }));
        }
        let id = reader.field("id").text(MAX_ID)?;
        let languages = reader.field("languages").list(MAX_LANGUAGES, 4, |r| r.text(MAX_ID))?;
        let title = texts(reader.field("title"), MAX_TITLE)?;
        let operator = AuthorKey::decode(reader.field("the operator's key"))?;
        let mut trustees = Vec::new();
        let groups = reader.field("groups of trustees").list(MAX_TRUSTEES, 14, |reader| {
            let name = reader.text(MAX_NAME)?;
            let threshold = reader.field("threshold").u16()?;
            let close_quorum = reader.field("close quorum").u16()?;
            let rehearsals = reader.field("rehearsals").u16()?;
            let close_quorum = (close_quorum > 0).then_some(close_quorum);
            let first = trustees.len();
            trustees.extend(read_members(reader, first)?);
            Ok(Group { name, threshold, close_quorum, rehearsals, members: first..trustees.len() })
        })?;
        let groups = Groups::new(groups);
        let minimum_cell = reader.field("minimum cell").u32()?;
        let ballots_per_voter = reader.field("ballots per voter").u32()?;
        let proxies = reader.field("most voters of a proxy").u16()?;
        let proxies = (proxies > 0).then_some(proxies);
        let weight_classes = reader.field("weight classes").bool()?;
        let districts = reader.field("districts").list(MAX_DISTRICTS, 8, |reader| {
            Ok(District { id: reader.text(MAX_ID)?, name: texts(reader, MAX_NAME)? })
        })?;
        let stations = reader.field("stations").list(MAX_STATIONS, 12, |reader| {
            Ok(Station {
                id: reader.text(MAX_ID)?,
                name: texts(reader, MAX_NAME)?,
                district: place(reader, districts.len())?,
            })
        })?;
        let contests = reader.field("contests").list(MAX_CONTESTS, 68, contest::read_contest)?;
        let styles = reader.field("ballot styles").list(MAX_STYLES, 16, |reader| {
            Ok(BallotStyle {
                id: reader.text(MAX_ID)?,
                district: place(reader, districts.len())?,
                contests: ascending(reader, contests.len())?,
                limits: reader.list(MAX_LIMITS, 25, contest::read_limit)?,
            })
        })?;
        let log = if reader.field("log").bool()? { Some(log(reader)?) } else { None };
        Ok(Self {
            id,
            languages,
            title,
            operator,
            trustees,
            groups,
            minimum_cell,
            ballots_per_voter,
            proxies,
            weight_classes,
            districts,
            stations,
            contests,
            styles,
            log,
        })
    }
}

/// Trustees of a group, each with name and key.
pub(crate) fn put_members(out: &mut Vec<u8>, members: &[Member]) {
    put_list(out, members, |out, Member { name, key }| {
        put_text(out, name);
        key.encode(out);
    });
}

/// Reads them where the groups before them have so many.
pub(crate) fn read_members(
    reader: &mut Reader<'_>,
    before: usize,
) -> Result<Vec<Member>, DecodeError> {
    reader.field("trustees").list(MAX_TRUSTEES.saturating_sub(before), 4 + KEY, |reader| {
        Ok(Member { name: reader.text(MAX_NAME)?, key: AuthorKey::decode(reader)? })
    })
}

fn log(reader: &mut Reader<'_>) -> Result<LogPolicy, DecodeError> {
    Ok(LogPolicy {
        key: LogKey::decode(reader)?,
        witnesses: reader.field("witnesses").list(MAX_WITNESSES, 4 + 32, |reader| {
            Ok(Witness { name: reader.text(MAX_NAME)?, key: WitnessKey::decode(reader)? })
        })?,
        quorum: reader.field("quorum of the log").u16()?,
    })
}

/// Places in a list of `n`, strictly ascending.
fn ascending(reader: &mut Reader<'_>, n: usize) -> Result<Vec<usize>, DecodeError> {
    let mut next = 0;
    reader.list(n, 4, |reader| {
        let found = place(reader, n)?;
        if found < next {
            return Err(reader.error(4, DecodeErrorKind::NotCanonical));
        }
        next = found + 1;
        Ok(found)
    })
}
