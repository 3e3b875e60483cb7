//! The checks of an audit, by number and name.

use crate::{
    board::{Kind, Phase, Refusal},
    keys::{KeyError, Round},
};
use core::fmt;

/// A check of the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Check {
    /// Every entry is an object in its one canonical form, or a part of one.
    RecordForm = 1,
    /// Every object stands where its kind belongs.
    RecordOrder = 2,
    /// The operator signed its entries, each for its place on the board.
    RecordSignatures = 3,
    /// Size and root of the board are the expected ones.
    RecordExpected = 4,
    /// The manifest has no mistake, and the holders of its keys know their secrets.
    ManifestValid = 5,
    /// The manifest is the expected one.
    ManifestExpected = 6,
    /// Commits, deals, complaints and ends of rounds are made by members, each once, and determine the keys.
    KeysDeals = 7,
    /// At least `t` trustees signed the keys that follow from the deals.
    KeysConfirmed = 8,
    /// The roll lists each voter once, with a style of the manifest and a proof of possession.
    RollValid = 9,
    /// Each ballot can be read and has the lengths of its style.
    BallotForm = 10,
    /// Each ballot is cast by a voter on the roll and has that voter's style.
    BallotVoter = 11,
    /// Each ballot's proof is valid.
    BallotProof = 12,
    /// Each voter's ballots are numbered without gaps, and there are not too many.
    BallotSequence = 13,
    /// No ballot is a copy of another.
    BallotUnique = 14,
    /// A quorum of trustees signed the close, over all entries up to the freeze.
    CloseQuorum = 15,
    /// Cells and sums are those of each voter's last ballot.
    TallySums = 16,
    /// Each decryption share is signed by a different trustee; whoever signed a wrong one is named.
    SharesProofs = 17,
    /// All totals are those that the shares open.
    ResultTotals = 18,
    /// Turnout follows from the ballots and the roll.
    ResultTurnout = 19,
    /// The record goes up to the result.
    RecordComplete = 20,
    /// Each rehearsal is by a trustee with shares, and there were as many as the manifest requires.
    KeysRehearsed = 21,
    /// Each erasure is signed by a trustee whose shares were handed over to others.
    KeysErased = 22,
    /// Each spoil request is by the ballot's voter, no spoiled ballot is cast, and each opening matches its ballot.
    BallotSpoiled = 23,
    /// The board kept what each receipt says, for the voter who got it.
    BallotReceipts = 24,
    /// Each checkpoint matches the board and is signed by the log's key, and enough witnesses cosigned that of the whole
    /// board.
    RecordCheckpoints = 25,
    /// The views in the record match the board.
    RecordViews = 26,
    /// Each mix is signed by a different trustee; whoever signed a wrong one is named.
    MixesProofs = 27,
    /// The elected follow from the opened rows, and every vote is accounted for.
    ResultElected = 28,
    /// Each option that was withdrawn was withdrawn once, while voting was open, and enough others stand.
    OptionsWithdrawn = 29,
    /// Each voter with a proxy signed for it, once, as did the proxy, who casts for no more than are allowed.
    RollProxies = 30,
}

impl Check {
    /// All checks, by number.
    pub const ALL: [Self; 30] = [
        Self::RecordForm,
        Self::RecordOrder,
        Self::RecordSignatures,
        Self::RecordExpected,
        Self::ManifestValid,
        Self::ManifestExpected,
        Self::KeysDeals,
        Self::KeysConfirmed,
        Self::RollValid,
        Self::BallotForm,
        Self::BallotVoter,
        Self::BallotProof,
        Self::BallotSequence,
        Self::BallotUnique,
        Self::CloseQuorum,
        Self::TallySums,
        Self::SharesProofs,
        Self::ResultTotals,
        Self::ResultTurnout,
        Self::RecordComplete,
        Self::KeysRehearsed,
        Self::KeysErased,
        Self::BallotSpoiled,
        Self::BallotReceipts,
        Self::RecordCheckpoints,
        Self::RecordViews,
        Self::MixesProofs,
        Self::ResultElected,
        Self::OptionsWithdrawn,
        Self::RollProxies,
    ];

    /// The check's number, from 1.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The check's stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordForm => "record.form",
            Self::RecordOrder => "record.order",
            Self::RecordSignatures => "record.signatures",
            Self::RecordExpected => "record.expected",
            Self::ManifestValid => "manifest.valid",
            Self::ManifestExpected => "manifest.expected",
            Self::KeysDeals => "keys.deals",
            Self::KeysConfirmed => "keys.confirmed",
            Self::RollValid => "roll.valid",
            Self::BallotForm => "ballot.form",
            Self::BallotVoter => "ballot.voter",
            Self::BallotProof => "ballot.proof",
            Self::BallotSequence => "ballot.sequence",
            Self::BallotUnique => "ballot.unique",
            Self::CloseQuorum => "close.quorum",
            Self::TallySums => "tally.sums",
            Self::SharesProofs => "shares.proofs",
            Self::ResultTotals => "result.totals",
            Self::ResultTurnout => "result.turnout",
            Self::RecordComplete => "record.complete",
            Self::KeysRehearsed => "keys.rehearsed",
            Self::KeysErased => "keys.erased",
            Self::BallotSpoiled => "ballot.spoiled",
            Self::BallotReceipts => "ballot.receipts",
            Self::RecordCheckpoints => "record.checkpoints",
            Self::RecordViews => "record.views",
            Self::MixesProofs => "mixes.proofs",
            Self::ResultElected => "result.elected",
            Self::OptionsWithdrawn => "options.withdrawn",
            Self::RollProxies => "roll.proxies",
        }
    }

    /// What the check shows, as a sentence for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::RecordForm => "Every entry is an object in its one form, or a part of one.",
            Self::RecordOrder => "Every object stands where its kind belongs.",
            Self::RecordSignatures => "The operator signed its entries, each for its place.",
            Self::RecordExpected => "Size and root are those expected.",
            Self::ManifestValid => "The manifest has no mistake.",
            Self::ManifestExpected => "The manifest is the one expected.",
            Self::KeysDeals => {
                "Commits, deals, complaints, ends of rounds and resharings are made by members and determine the keys."
            }
            Self::KeysConfirmed => "A threshold of trustees signed the keys.",
            Self::RollValid => "Each voter is on the roll once, with a style of the manifest.",
            Self::BallotForm => "Each ballot can be read and has the lengths of its style.",
            Self::BallotVoter => "Each ballot is of a voter on the roll, with that voter's style.",
            Self::BallotProof => "Each ballot's proof is valid.",
            Self::BallotSequence => {
                "Each voter's ballots are numbered without gaps, and are not too many."
            }
            Self::BallotUnique => "No ballot is a copy of another.",
            Self::CloseQuorum => {
                "A quorum of trustees signed the close, over all entries up to the freeze."
            }
            Self::TallySums => "Cells and sums are those of each voter's last ballot.",
            Self::SharesProofs => {
                "Each decryption share is signed by a different trustee; whoever signed a wrong one is named."
            }
            Self::ResultTotals => "All totals are what the shares open.",
            Self::ResultTurnout => "Turnout is that of the ballots and the roll.",
            Self::RecordComplete => "The record goes up to the result.",
            Self::KeysRehearsed => {
                "Each rehearsal answers the question before it, and enough trustees rehearsed before voting."
            }
            Self::KeysErased => {
                "Each erasure is signed by a trustee whose shares were handed over to others."
            }
            Self::BallotSpoiled => {
                "Each spoil request is by the ballot's voter, no spoiled ballot is cast, and each opening matches its ballot."
            }
            Self::BallotReceipts => {
                "The board kept what each receipt says, for the voter who was given it."
            }
            Self::RecordCheckpoints => {
                "Each checkpoint matches the board and is signed by the log's key, and enough witnesses cosigned that of the whole board."
            }
            Self::RecordViews => "What the record shows people is what the board says.",
            Self::MixesProofs => {
                "Each mix of a cell is signed by a different trustee, and a threshold of trustees mixed each cell; whoever signed a wrong one is named."
            }
            Self::ResultElected => {
                "The elected are those who follow from the opened rows, and every vote is accounted for."
            }
            Self::OptionsWithdrawn => {
                "Each option that was withdrawn was withdrawn once, while voting was open, and enough others stand."
            }
            Self::RollProxies => {
                "Each voter with a proxy signed for it, once, as did the proxy, who casts for no more than are allowed."
            }
        }
    }

    /// Whether the check is complete once the audit has reached this phase.
    pub(super) fn reached(self, phase: Phase) -> bool {
        match self {
            Self::RecordForm
            | Self::RecordOrder
            | Self::RecordExpected
            | Self::RecordComplete
            | Self::RecordCheckpoints
            | Self::RecordViews => true,
            Self::RecordSignatures | Self::ManifestValid | Self::ManifestExpected => {
                phase > Phase::Empty
            }
            Self::KeysDeals => phase > Phase::Complaining,
            Self::KeysConfirmed | Self::KeysErased => phase > Phase::Confirming,
            Self::KeysRehearsed => phase > Phase::Enrolling,
            Self::RollValid
            | Self::BallotForm
            | Self::BallotVoter
            | Self::BallotProof
            | Self::BallotSequence
            | Self::BallotUnique
            | Self::BallotSpoiled
            | Self::BallotReceipts
            | Self::OptionsWithdrawn
            | Self::RollProxies => phase > Phase::Enrolling,
            Self::CloseQuorum => phase > Phase::Frozen,
            Self::TallySums => phase > Phase::Closed,
            Self::MixesProofs | Self::SharesProofs => phase >= Phase::Opening,
            Self::ResultTotals | Self::ResultTurnout | Self::ResultElected => {
                phase > Phase::Opening
            }
        }
    }

    /// The check that fails when an object of this kind is refused; `round` is the open round of a ceremony, if any.
    pub(super) fn of(kind: Option<Kind>, round: Option<Round>, refusal: &Refusal) -> Self {
        match refusal {
            Refusal::OutOfPhase { .. }
            | Refusal::Closed
            | Refusal::Frozen
            | Refusal::CloseSigned { .. } => Self::RecordOrder,
            Refusal::TooLarge { .. }
            | Refusal::Storage { .. }
            | Refusal::Unsaved
            | Refusal::Randomness => Self::RecordForm,
            _ if matches!(kind, Some(Kind::SpoilRequest | Kind::SpoilOpening)) => {
                Self::BallotSpoiled
            }
            _ if kind == Some(Kind::Delegation) => Self::RollProxies,
            Refusal::Spoiled { .. }
            | Refusal::TooManySpoils { .. }
            | Refusal::UnknownSpoil
            | Refusal::AlreadyOpened { .. }
            | Refusal::Opening(_) => Self::BallotSpoiled,
            Refusal::Signature { kind: Kind::Close } => Self::CloseQuorum,
            Refusal::Signature { .. } => Self::RecordSignatures,
            Refusal::Manifest(_) => Self::ManifestValid,
            Refusal::Rehearsals { .. } | Refusal::AskedBefore => Self::KeysRehearsed,
            Refusal::Promise { kind: Kind::Erasure, .. } => Self::KeysErased,
            Refusal::Promise { .. } => Self::KeysRehearsed,
            Refusal::WrongRound { .. } => Self::KeysDeals,
            Refusal::Keys(_) if kind == Some(Kind::Confirmation) => Self::KeysConfirmed,
            Refusal::Keys(KeyError::TooFew { .. }) if round == Some(Round::Confirm) => {
                Self::KeysConfirmed
            }
            Refusal::Keys(_) => Self::KeysDeals,
            Refusal::Roll(_) => Self::RollValid,
            Refusal::Delegation(_) => Self::RollProxies,
            Refusal::UnknownVoter
            | Refusal::WrongStyle { .. }
            | Refusal::WrongWeight { .. }
            | Refusal::Overruled { .. } => Self::BallotVoter,
            Refusal::Proof(_) => Self::BallotProof,
            Refusal::WrongSequence { .. } | Refusal::TooManyBallots { .. } => Self::BallotSequence,
            Refusal::AlreadyOnBoard { .. } | Refusal::NonceReused => Self::BallotUnique,
            Refusal::Withdrawal(_) => Self::OptionsWithdrawn,
            Refusal::Quorum { .. } | Refusal::HandedOver { .. } => Self::CloseQuorum,
            Refusal::WrongSum { .. } => Self::TallySums,
            Refusal::Mix { .. } => Self::MixesProofs,
            Refusal::Share { .. } => Self::SharesProofs,
            Refusal::WrongTotal { .. } | Refusal::TooFewShares { .. } => Self::ResultTotals,
            Refusal::WrongTurnout { .. } => Self::ResultTurnout,
            Refusal::WrongElected { .. } | Refusal::WrongAccount { .. } => Self::ResultElected,
            Refusal::Malformed(_) | Refusal::Trustee { .. } => match kind {
                None => Self::RecordForm,
                Some(Kind::Manifest) => Self::ManifestValid,
                Some(Kind::Commit | Kind::Deal | Kind::Complaint | Kind::Round | Kind::Reshare) => {
                    Self::KeysDeals
                }
                Some(Kind::Question | Kind::Rehearsal) => Self::KeysRehearsed,
                Some(Kind::Erasure) => Self::KeysErased,
                Some(Kind::Confirmation) => Self::KeysConfirmed,
                Some(Kind::Roll) => Self::RollValid,
                Some(Kind::Delegation) => Self::RollProxies,
                Some(Kind::Ballot) => Self::BallotForm,
                Some(Kind::SpoilRequest | Kind::SpoilOpening) => Self::BallotSpoiled,
                Some(Kind::Freeze | Kind::Lift | Kind::Close) => Self::CloseQuorum,
                Some(Kind::Withdrawal) => Self::OptionsWithdrawn,
                Some(Kind::Tally) => Self::TallySums,
                Some(Kind::Mix) => Self::MixesProofs,
                Some(Kind::Share) => Self::SharesProofs,
                Some(Kind::Result) => Self::ResultTotals,
            },
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
