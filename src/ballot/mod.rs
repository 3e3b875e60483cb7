//! Ballots: plaintext choices become one ciphertext with one proof, of which only sums are opened.
//!
//! A [`SealedBallot`] is made on the voter's device and holds the nonce. Cast, it becomes a [`CastBallot`], which anyone can
//! read but which is not verified yet. Only [`Election::verify`] turns it into a [`VerifiedBallot`], and a tally accepts
//! nothing else.
//!
//! The proof is that of [`proof::bits`](crate::crypto::bits), over all contests of the ballot together. It binds the
//! election, the ballot style, the voter, the sequence number and the origin, so a ballot cannot be copied to another of any
//! of these. Amounts of [folded](crate::contest::Contest::folded) contests have the proof of [`wide`](crate::crypto::wide), which stands
//! before it and which it signs.
//!
//! # Cast or spoil
//!
//! A voter who does not trust the device can have it open a ballot, which is then never cast. By showing the tracker, the
//! device commits to the ballot before it knows whether the voter will cast or spoil (Benaloh 2006, "Simple verifiable
//! elections"; 2007, "Ballot casting assurance via voter-initiated poll station auditing"):
//!
//! ```
//! # use rand_core::OsRng;
//! # use tabella::{AuthorSecret, Board, Choices, Contest, Credential, Header, Manifest, keys};
//! # let rng = &mut OsRng;
//! # let operator = AuthorSecret::random(rng)?;
//! # let secrets = [AuthorSecret::random(rng)?];
//! # let manifest = Manifest::builder("bridge")
//! #     .operator(operator.public().clone())
//! #     .trustees([secrets[0].public().clone()], 1)
//! #     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
//! #     .build()?;
//! # let voter = Credential::random(rng)?;
//! # let roll = [voter.registration(&manifest, 0, rng)?];
//! # let (ceremony, trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
//! # let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
//! # let election = board.election().ok_or("voting is not open")?.clone();
//! let choices = Choices::new().pick("bridge", "yes");
//! let sealed = election.encrypt(&voter, &Header::remote(0), &choices, rng)?;
//! let shown = sealed.tracker(); // which the voter writes down, and only then says "spoil"
//! let (request, spoiled) = sealed.spoil(&election, &voter, rng)?;
//! let accepted = board.post(&request, rng)?;
//! let receipt = board.receipt(&operator, accepted.entry, rng)?;
//! let opening = spoiled.open(&receipt, rng)?; // only against the operator's receipt
//! board.post(&opening, rng)?;
//!
//! // On another device, with the opening from the board.
//! assert_eq!(opening.voter(), voter.key());
//! let opened = election.check_opening(&opening, rng)?;
//! assert_eq!(opened.tracker, shown);
//! assert_eq!(opened.to_string(), "bridge: yes 1");
//! opened.compare(&choices)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bundle;
mod cast;
mod challenge;
mod choices;
mod election;
mod encrypt;
mod example;
mod folded;
mod marks;
mod opened;
mod refused;
mod tracker;
mod verify;

pub use crate::contest::given::Given;
pub use bundle::{BundleError, ElectionBundle};
pub use cast::{CastBallot, Header, Origin, VerifiedBallot};
pub(crate) use cast::{Envelope, Sender};
pub use challenge::{SpoilOpening, SpoilRequest, SpoiledBallot};
pub use choices::Choices;
pub use election::{Election, ElectionError};
pub use encrypt::SealedBallot;
pub use marks::Mark;
pub use opened::{Difference, OpenedBallot, OpenedContest, OpeningError};
pub use refused::RuleError;
pub use tracker::Tracker;
pub use verify::BallotError;
