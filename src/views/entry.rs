//! An entry as a line of JSON.

use crate::{
    ballot::{Header, Origin, Tracker},
    board::{Kind, SIGNATURE, read_head},
    codec::{Decode, DecodeError, DecodeErrorKind, Reader},
    log::entry::{CHUNK, HEADER},
    manifest::ManifestHash,
    mistake::{MAX_NAME, MAX_TITLE, check_text, is_name},
    roll::VoterKey,
    tally::Withdrawal,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use serde::Serialize;

/// The signer of what is not a trustee's or a voter's.
const OPERATOR: &str = "operator";
/// Bytes of a registered key.
const KEY: usize = 96;
/// Most members of a resharing.
const MOST: usize = 255;

/// One line: the entry's index, its kind, how many bytes it has, and what can be read in it without knowing what came
/// before. What is not a ballot, a share or another object at all has the kind `unknown`; one that ends too early, or
/// names somebody with what is no name, has nothing but kind and bytes. Nothing is verified.
pub fn entry(index: u64, entry: &[u8]) -> String {
    let bytes = entry.len();
    let (kind, content) = match entry.split_first() {
        Some((&HEADER, rest)) => ("header", header(rest).ok()),
        Some((&CHUNK, _)) => ("chunk", None),
        _ => match Kind::split(entry) {
            Ok((kind, body)) => (name(kind), content(kind, body).ok()),
            Err(_) => ("unknown", None),
        },
    };
    // Only maps with keys that are no text, and writers that fail, make errors; there are none.
    let line = serde_json::to_string(&Line { entry: index, kind, bytes, content });
    let mut line = line.unwrap_or_default();
    line.push('\n');
    line
}

/// The stable name of a kind.
pub(crate) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Manifest => "manifest",
        Kind::Deal => "deal",
        Kind::Confirmation => "confirmation",
        Kind::Roll => "roll",
        Kind::Ballot => "ballot",
        Kind::Close => "close",
        Kind::Tally => "tally",
        Kind::Share => "share",
        Kind::Result => "result",
        Kind::Commit => "commit",
        Kind::Complaint => "complaint",
        Kind::Round => "round",
        Kind::Question => "question",
        Kind::Rehearsal => "rehearsal",
        Kind::Reshare => "resharing",
        Kind::Erasure => "erasure",
        Kind::Mix => "mix",
        Kind::Freeze => "freeze",
        Kind::Lift => "lift",
        Kind::Withdrawal => "withdrawal",
        Kind::Delegation => "delegation",
        Kind::SpoilRequest => "spoil request",
        Kind::SpoilOpening => "spoil opening",
    }
}

#[derive(Serialize)]
struct Line {
    entry: u64,
    kind: &'static str,
    bytes: usize,
    #[serde(flatten)]
    content: Option<Content>,
}

/// What an entry says, its fields in the order of the line.
#[derive(Serialize)]
#[serde(untagged)]
enum Content {
    Manifest {
        author: &'static str,
        hash: String,
    },
    Roll {
        author: &'static str,
        voters: u32,
    },
    Ballot {
        style: u16,
        sequence: u32,
        origin: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        station: Option<u16>,
        voter: String,
        tracker: String,
    },
    Round {
        author: &'static str,
        round: u8,
    },
    Question {
        author: &'static str,
        question: String,
    },
    Resharing {
        author: &'static str,
        #[serde(flatten)]
        group: NewGroup,
    },
    ResharingOfGroups {
        author: &'static str,
        groups: Vec<NewGroup>,
    },
    Withdrawal {
        author: &'static str,
        contest: usize,
        option: usize,
        reason: String,
    },
    Operator {
        author: &'static str,
    },
    Dealer {
        dealer: u16,
    },
    Trustee {
        trustee: u16,
    },
    Complaint {
        trustee: u16,
        dealer: u16,
    },
    Erasure {
        trustee: u16,
        epoch: u32,
    },
    Mix {
        trustee: u16,
        cell: u32,
        position: u16,
    },
    Delegation {
        voter: String,
        key: String,
        proxy: String,
    },
    Spoil {
        voter: String,
        tracker: String,
    },
    Header {
        object: &'static str,
        length: u64,
        hash: String,
        chunks: u32,
    },
}

/// To whom the shares of a group go.
#[derive(Serialize)]
struct NewGroup {
    threshold: u16,
    members: Vec<String>,
}

fn content(kind: Kind, body: &[u8]) -> Result<Content, DecodeError> {
    let author = OPERATOR;
    let mut reader = Reader::new(body);
    Ok(match kind {
        Kind::Manifest => {
            let content = reader.bytes(body.len().saturating_sub(SIGNATURE))?;
            Content::Manifest { author, hash: ManifestHash::of_bytes(content).to_string() }
        }
        Kind::Roll => Content::Roll { author, voters: reader.u32()? },
        Kind::Ballot => ballot(body)?,
        Kind::SpoilRequest => {
            let tracker = Tracker::from(reader.array()?).to_string();
            Content::Spoil { voter: VoterKey::found(reader.array()?).to_string(), tracker }
        }
        Kind::Delegation => {
            let mut key = || reader.array().map(|key| VoterKey::found(key).to_string());
            Content::Delegation { voter: key()?, key: key()?, proxy: key()? }
        }
        Kind::SpoilOpening => {
            reader.bytes(32)?;
            ballot(reader.bytes(reader.left())?)?
        }
        Kind::Round => Content::Round { author, round: reader.u8()? },
        Kind::Question => {
            Content::Question { author, question: hex::encode(reader.array::<32>()?) }
        }
        Kind::Reshare => {
            let group = new_group(&mut reader)?;
            // How many groups there are follows from the manifest.
            let mut groups = Vec::new();
            while reader.left() > SIGNATURE {
                groups.push(new_group(&mut reader)?);
            }
            if groups.is_empty() {
                return Ok(Content::Resharing { author, group });
            }
            groups.insert(0, group);
            Content::ResharingOfGroups { author, groups }
        }
        Kind::Withdrawal => {
            let Withdrawal { contest, option, reason } = Withdrawal::decode(&mut reader)?;
            if check_text("reason", &reason, MAX_TITLE).is_err() {
                return Err(reader.error(0, DecodeErrorKind::NotCanonical));
            }
            Content::Withdrawal { author, contest, option, reason }
        }
        Kind::Freeze | Kind::Lift | Kind::Tally | Kind::Result => Content::Operator { author },
        Kind::Commit | Kind::Deal => Content::Dealer { dealer: reader.u16()? },
        Kind::Confirmation | Kind::Close | Kind::Share | Kind::Rehearsal => {
            Content::Trustee { trustee: reader.u16()? }
        }
        Kind::Complaint => Content::Complaint { trustee: reader.u16()?, dealer: reader.u16()? },
        Kind::Mix => {
            Content::Mix { trustee: reader.u16()?, cell: reader.u32()?, position: reader.u16()? }
        }
        Kind::Erasure => {
            let epoch = reader.u32()?;
            Content::Erasure { trustee: reader.u16()?, epoch }
        }
    })
}

fn new_group(reader: &mut Reader<'_>) -> Result<NewGroup, DecodeError> {
    let threshold = reader.u16()?;
    let members = reader.list(MOST, 4 + KEY, |reader| {
        let name = reader.text(MAX_NAME)?;
        // Text that cannot be a name could do anything to a terminal.
        if !is_name(&name) {
            return Err(reader.error(0, DecodeErrorKind::NotCanonical));
        }
        reader.bytes(KEY).map(|_| name)
    })?;
    Ok(NewGroup { threshold, members })
}

fn ballot(body: &[u8]) -> Result<Content, DecodeError> {
    let (Header { style, sequence, origin }, voter) = read_head(body)?;
    let station = match origin {
        Origin::Station(station) => Some(station),
        Origin::Remote => None,
    };
    Ok(Content::Ballot {
        style,
        sequence,
        origin: if station.is_some() { "station" } else { "remote" },
        station,
        voter: voter.to_string(),
        tracker: Tracker::of(body).to_string(),
    })
}

/// The first of the entries of a large object.
fn header(rest: &[u8]) -> Result<Content, DecodeError> {
    let mut reader = Reader::new(rest);
    let (object, _) = Kind::split(reader.bytes(1)?)?;
    Ok(Content::Header {
        object: name(object),
        length: reader.u64()?,
        hash: hex::encode(reader.array::<32>()?),
        chunks: reader.u32()?,
    })
}
