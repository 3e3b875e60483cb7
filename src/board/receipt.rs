//! Receipts: the operator signs that the board has a voter's ballot, cast or spoiled.
//!
//! A receipt names the entry and the root of a board that has it. A record that has something else there, or another
//! root, is not the board that the operator signed for, and the receipt shows that to everybody ([`Receipt::kept`]).

use super::{Fate, Kind, OtherOperator, Posted, State, accept::check_operator};
use crate::{
    ballot::{SpoilOpening, SpoiledBallot, Tracker},
    codec::{
        Decode, DecodeError, DecodeErrorKind, Encode, Reader, TextError,
        text::{bytes_of_text, text},
    },
    crypto::{
        ProveError, VerifyError,
        signature::{AuthorSecret, Signature},
        transcript::{Transcript, label},
    },
    log::merkle::{Head, Root},
    manifest::{Manifest, ManifestHash},
    roll::VoterKey,
};
use alloc::vec::Vec;
use bech32::Hrp;
use core::{fmt, str::FromStr};
use rand_core::{CryptoRng, RngCore};

/// Human-readable part of a receipt as text.
const PREFIX: Hrp = Hrp::parse_unchecked("receipt");

/// The operator's signed statement that a board of this size and root has the ballot or the spoil request with this tracker
/// as this entry. 145 bytes; as text it is bech32m with the prefix `receipt`.
///
/// It does not say whose the ballot is. The entry does: see [`kept`](Self::kept).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    content: Content,
    signature: Signature,
}

/// What the operator signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Content {
    fate: Fate,
    entry: u64,
    size: u64,
    root: Root,
    tracker: Tracker,
}

impl Content {
    fn transcript(&self, manifest: ManifestHash) -> Transcript {
        let Self { fate, entry, size, root, tracker } = self;
        let mut transcript = Transcript::new(label::RECEIPT);
        transcript.append_bytes(b"manifest", manifest.as_bytes());
        transcript.append_u64(b"fate", *fate as u64);
        transcript.append_u64(b"entry", *entry);
        transcript.append_u64(b"size", *size);
        transcript.append_bytes(b"root", root.as_bytes());
        transcript.append_bytes(b"tracker", tracker.as_bytes());
        transcript
    }
}

/// Why a receipt does not hold, or what the board does not hold of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The operator of this election did not sign it.
    Signature,
    /// It is for another ballot.
    OtherBallot {
        /// The receipt's.
        found: Tracker,
        /// The ballot's.
        expected: Tracker,
    },
    /// It is for something else than was asked for.
    OtherFate {
        /// The receipt's.
        found: Fate,
        /// What was asked for.
        expected: Fate,
    },
    /// The record has something else at the receipt's entry, or ends before it.
    NotThere {
        /// What it has, if that is a ballot or a spoil request.
        found: Option<(Fate, Tracker)>,
        /// The receipt's entry.
        entry: u64,
    },
    /// The record has another root at the receipt's size, or ends before it.
    OtherBoard {
        /// The record's root.
        found: Option<Root>,
        /// The receipt's.
        expected: Root,
        /// The size.
        size: u64,
    },
    /// The record keeps it, but the ballot is another voter's: the voter was given somebody else's receipt.
    OtherVoter {
        /// Whose the ballot is.
        found: VoterKey,
        /// Whose it should be.
        expected: VoterKey,
    },
    /// The random number generator failed; this says nothing of the receipt.
    Randomness,
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature => {
                f.write_str("the operator of this election did not sign this receipt")
            }
            Self::OtherBallot { found, expected } => {
                write!(f, "the receipt is for the ballot {found}, and not for {expected}")
            }
            Self::OtherFate { found, expected } => {
                write!(f, "the receipt is for a ballot that was {found}, and not {expected}")
            }
            Self::NotThere { found: None, entry } => {
                write!(
                    f,
                    "entry {entry} of the record is no ballot, though the operator signed that it is"
                )
            }
            Self::NotThere { found: Some((fate, tracker)), entry } => write!(
                f,
                "entry {entry} of the record is the {fate} ballot {tracker}, though the operator signed for another"
            ),
            Self::OtherBoard { found: None, size, .. } => {
                write!(
                    f,
                    "the record has fewer than {size} entries, though the operator signed for them"
                )
            }
            Self::OtherBoard { found: Some(found), expected, size } => write!(
                f,
                "the first {size} entries of the record have the root {found}, though the operator signed {expected}"
            ),
            Self::OtherVoter { found, expected } => {
                write!(f, "the receipt is for a ballot of {found}, and not of {expected}")
            }
            Self::Randomness => f.write_str("the random number generator failed"),
        }
    }
}

impl core::error::Error for ReceiptError {}

impl Receipt {
    /// What became of the ballot.
    pub fn fate(&self) -> Fate {
        self.content.fate
    }

    /// The entry of the ballot or the spoil request, from 0.
    pub fn entry(&self) -> u64 {
        self.content.entry
    }

    /// How many entries the board had when the receipt was made; more than [`entry`](Self::entry).
    pub fn size(&self) -> u64 {
        self.content.size
    }

    /// The root of these entries.
    pub fn root(&self) -> Root {
        self.content.root
    }

    /// Size and root together: with an [`Inclusion`](crate::log::merkle::Inclusion) for it a device sees at once that the root
    /// has its entry.
    pub fn head(&self) -> Head {
        Head { size: self.size(), root: self.root() }
    }

    /// The ballot's tracker.
    pub fn tracker(&self) -> Tracker {
        self.content.tracker
    }

    /// Checks that the operator of this election signed the receipt.
    ///
    /// # Errors
    ///
    /// `Signature`, or `Randomness`.
    pub fn verify(
        &self,
        manifest: &Manifest,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<(), ReceiptError> {
        let mut transcript = self.content.transcript(manifest.hash());
        match manifest.operator().verify_signature(&self.signature, &mut transcript, rng) {
            Ok(()) => Ok(()),
            Err(VerifyError::Randomness) => Err(ReceiptError::Randomness),
            Err(VerifyError::Invalid(_)) => Err(ReceiptError::Signature),
        }
    }

    /// Checks that a record keeps what the receipt says, for this voter: `entry` is the record's entry number
    /// [`entry`](Self::entry), `root` that of its first [`size`](Self::size) entries, and `None` what it has not.
    ///
    /// **Without a voter it may be anybody's ballot.** The result is what the entry says. Show it to the voter, who knows
    /// their own key.
    ///
    /// # Errors
    ///
    /// If the receipt is [signed](Self::verify) and the record complete, `NotThere` and `OtherBoard` are evidence against
    /// the operator, and `OtherVoter` against the one who gave the voter the receipt.
    pub fn kept(
        &self,
        entry: Option<&[u8]>,
        root: Option<Root>,
        voter: Option<&VoterKey>,
    ) -> Result<Posted, ReceiptError> {
        self.kept_as(entry.and_then(Posted::of_entry), root, voter)
    }

    /// The same for the ballot that the record has at the entry.
    pub(crate) fn kept_as(
        &self,
        found: Option<Posted>,
        root: Option<Root>,
        voter: Option<&VoterKey>,
    ) -> Result<Posted, ReceiptError> {
        let Content { fate, entry, size, root: expected, tracker } = self.content;
        let is_it = |found: &Posted| (found.fate, found.tracker) == (fate, tracker);
        let Some(posted) = found.filter(is_it) else {
            let found = found.map(|found| (found.fate, found.tracker));
            return Err(ReceiptError::NotThere { found, entry });
        };
        if root != Some(expected) {
            return Err(ReceiptError::OtherBoard { found: root, expected, size });
        }
        match voter {
            Some(voter) if *voter != posted.voter => {
                Err(ReceiptError::OtherVoter { found: posted.voter, expected: *voter })
            }
            _ => Ok(posted),
        }
    }
}

impl Encode for Receipt {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { content: Content { fate, entry, size, root, tracker }, signature } = self;
        out.push(*fate as u8);
        out.extend_from_slice(&entry.to_be_bytes());
        out.extend_from_slice(&size.to_be_bytes());
        out.extend_from_slice(root.as_bytes());
        out.extend_from_slice(tracker.as_bytes());
        signature.encode(out);
    }
}

impl Decode for Receipt {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let fate = if reader.field("fate").bool()? { Fate::Spoiled } else { Fate::Cast };
        let (entry, size) = (reader.field("entry").u64()?, reader.field("size").u64()?);
        if entry >= size {
            let kind = DecodeErrorKind::Value { found: entry, max: size.saturating_sub(1) };
            return Err(reader.error(16, kind));
        }
        let (root, tracker) = (Root::from(reader.array()?), Tracker::from(reader.array()?));
        let content = Content { fate, entry, size, root, tracker };
        Ok(Self { content, signature: Signature::decode(reader)? })
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text(f, PREFIX, &self.to_bytes())
    }
}

impl FromStr for Receipt {
    type Err = TextError;

    fn from_str(s: &str) -> Result<Self, TextError> {
        Self::from_bytes(&bytes_of_text(PREFIX, s)?).map_err(TextError::Value)
    }
}

/// Why the operator gives no receipt for an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoReceipt {
    /// The board has no manifest yet.
    NoManifest,
    /// The board has no such entry.
    NoEntry {
        /// The entry asked for.
        entry: u64,
        /// How many entries there are.
        size: u64,
    },
    /// The entry is neither a cast ballot nor a spoil request.
    NoBallot {
        /// The entry.
        entry: u64,
        /// What it is; nothing if it is no object.
        kind: Option<Kind>,
    },
    /// The secret is not that of the manifest's operator.
    OtherOperator(OtherOperator),
    /// It cannot be signed.
    Sign(ProveError),
}

impl fmt::Display for NoReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoManifest => f.write_str("the board has no manifest, so no ballot either"),
            Self::NoEntry { entry, size } => {
                write!(f, "there is no entry {entry}: the board has {size}, counted from 0")
            }
            Self::NoBallot { entry, kind } => {
                write!(f, "receipts are for ballots and spoil requests; entry {entry} is ")?;
                match kind {
                    Some(kind) => write!(f, "of the kind '{kind}'"),
                    None => f.write_str("no object"),
                }
            }
            Self::OtherOperator(error) => error.fmt(f),
            Self::Sign(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for NoReceipt {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::OtherOperator(error) => Some(error),
            Self::Sign(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OtherOperator> for NoReceipt {
    fn from(error: OtherOperator) -> Self {
        Self::OtherOperator(error)
    }
}

impl From<ProveError> for NoReceipt {
    fn from(error: ProveError) -> Self {
        Self::Sign(error)
    }
}

impl State {
    /// The operator's receipt for the entry of this board with this number and these bytes.
    ///
    /// It names the board's size and root as they are now, so those of all ballots that were accepted in one call can be
    /// made after it. It should be made at once: a board that goes on without the entry is then another one.
    ///
    /// # Errors
    ///
    /// [`NoReceipt`] says why there is none.
    pub fn receipt(
        &self,
        operator: &AuthorSecret,
        entry: u64,
        bytes: &[u8],
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<Receipt, NoReceipt> {
        let manifest = self.manifest().ok_or(NoReceipt::NoManifest)?;
        check_operator(operator, manifest)?;
        let Some(Posted { fate, tracker, .. }) = Posted::of_entry(bytes) else {
            let kind = Kind::split(bytes).map(|(kind, _)| kind).ok();
            return Err(NoReceipt::NoBallot { entry, kind });
        };
        let (size, root) = (self.size(), self.root());
        if entry >= size {
            return Err(NoReceipt::NoEntry { entry, size });
        }
        let content = Content { fate, entry, size, root, tracker };
        let signature = operator.sign(&mut content.transcript(manifest.hash()), rng)?;
        Ok(Receipt { content, signature })
    }
}

impl SpoiledBallot {
    /// The ballot and its nonce, for the board to show, against the operator's receipt for the spoil request.
    ///
    /// # Errors
    ///
    /// The receipt is not signed by the operator, or is for another ballot, or for one that was cast. Then nothing leaves
    /// the device, and another receipt can be tried.
    pub fn open(
        &self,
        receipt: &Receipt,
        rng: &mut (impl CryptoRng + RngCore),
    ) -> Result<SpoilOpening, ReceiptError> {
        let (found, expected) = (receipt.tracker(), self.tracker());
        if found != expected {
            return Err(ReceiptError::OtherBallot { found, expected });
        }
        let (found, expected) = (receipt.fate(), Fate::Spoiled);
        if found != expected {
            return Err(ReceiptError::OtherFate { found, expected });
        }
        receipt.verify(self.election().manifest(), rng)?;
        Ok(self.expose_opening())
    }
}

#[cfg(feature = "serde")]
crate::codec::serial::serial! { text: Receipt, "a receipt"; }
