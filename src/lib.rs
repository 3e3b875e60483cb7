//! Verifiable secret-ballot elections.
//!
//! Voters encrypt their choices on their own devices and prove that they kept the rules. A public board records every ballot.
//! Trustees decrypt the totals together, and no single vote. Afterwards anyone with the record can check every ballot, every
//! sum and every total, without trusting whoever ran the election.
//!
//! # The first program
//!
//! A referendum with three trustees, any two of whom can decrypt:
//!
//! ```
//! use tabella::rand_core::OsRng;
//! use tabella::{AuthorSecret, Board, Choices, Contest, Credential, DlogTable, Expect, Header, Manifest, audit, keys};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rng = &mut OsRng;
//! let operator = AuthorSecret::random(rng)?;
//! let secrets = [AuthorSecret::random(rng)?, AuthorSecret::random(rng)?, AuthorSecret::random(rng)?];
//! let manifest = Manifest::builder("bridge")
//!     .operator(operator.public().clone())
//!     .trustees(secrets.iter().map(|s| s.public().clone()), 2)
//!     .contest(Contest::choose_one("bridge", ["yes", "no"]).blank())
//!     .build()?;
//! let voters = (0..12).map(|_| Credential::random(rng)).collect::<Result<Vec<_>, _>>()?;
//! let roll = voters.iter().map(|v| v.registration(&manifest, 0, rng)).collect::<Result<Vec<_>, _>>()?;
//! let (ceremony, mut trustees) = keys::in_one_process(&manifest, &secrets, rng)?;
//! let mut board = Board::open(&manifest, &operator, &ceremony, &trustees, &roll, rng)?;
//! let election = board.election().ok_or("voting is not open")?.clone();
//!
//! for (i, voter) in voters.iter().enumerate() {
//!     let choices = Choices::new().pick("bridge", if i < 7 { "yes" } else { "no" });
//!     let sealed = election.encrypt(voter, &Header::remote(0), &choices, rng)?;
//!     board.post(&sealed.cast(), rng)?;
//! }
//! board.close(&operator, &mut trustees, rng)?;
//! let tally = board.tally(&operator, rng)?;
//! for trustee in &mut trustees[..2] {
//!     board.post(&trustee.open(board.state(), rng)?, rng)?;
//! }
//! let outcome = board.finish(&operator, &DlogTable::new(tally.bound()), rng)?;
//! assert_eq!(outcome.count("bridge", "yes")?, 7);
//!
//! let report = audit::run(board.bytes(), &Expect::manifest(manifest.hash()), rng)?;
//! report.into_result()?;
//! # Ok(())
//! # }
//! ```
//!
//! [`keys::in_one_process`] is for tests and rehearsals: one machine holds all secrets. Trustees on their own machines go through
//! the rounds of a ceremony, replay the board themselves ([`board::replay`]) and open only what follows from their own replay
//! ([`keys::Trustee::open`]). What they send is bytes ([`board::Object`]).
//!
//! Ten more programs are in the repository's `docs/guide`: a server, trustees on three machines, an audit in a browser, what to show
//! a voter, and parts of the library alone.
//!
//! # Modules
//!
//! From the top; a module uses only those below it.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`audit`] | replays a record from its bytes, recomputes everything and writes a report |
//! | [`record`] | a record on disk (feature `std`) |
//! | [`views`] | what a board says, as JSON for other programs (feature `serde`) |
//! | [`board`] | the append-only board and the rules by which it accepts entries |
//! | [`tally`] | sums of verified ballots, decryption shares, the outcome |
//! | [`ballot`] | choices, encrypted and proved; verified; cast or spoiled |
//! | [`keys`] | the trustees' key ceremony, resharing, and secrets at rest |
//! | [`roll`] | who may vote, and the voters' credentials |
//! | [`manifest`] | what the election is |
//! | [`contest`] | a contest: its options and its rule |
//! | [`crypto`] | group, transcripts, encryption and proofs that know no election |
//! | [`log`] | entries, Merkle tree, checkpoints and tiles that know no election |
//! | [`mod@count`] | counting methods for rankings and write-ins |
//! | [`codec`] | canonical bytes |
//!
//! The types of a first program are also here at the root.
//!
//! # Errors
//!
//! The text of an error is complete, with that of an error inside it. `source` gives the error inside, to be matched.
//!
//! # Before you hold a vote
//!
//! The library is not receipt-free, a dishonest device is found out only by voters who test it, and there is no everlasting
//! privacy. The repository's `docs/security.md` says what holds against whom, under which assumptions, and what does not.
//!
//! # Features
//!
//! All but `tracing` are on by default.
//!
//! | feature | what it gives | what it adds |
//! | --- | --- | --- |
//! | `std` | [`record`], readers and writers of `std::io`, and `OsRng` in [`rand_core`] | the standard library, `getrandom` |
//! | `serde` | manifests, results, entries and reports as JSON: [`views`], `Manifest::from_json`, `Report::to_json`; all public data through [`serde`], see [`codec`]. An audit without it compares no views | `serde`, `serde_json` |
//! | `parallel` | verification on all cores; it needs `std` | `rayon` |
//! | `wide` | encrypting ballots with folded amounts, and proofs of [`crypto::wide`]. Verifying them needs no feature | `bulletproofs`, which compiles C |
//! | `tracing` | events under the target `tabella`, for phases, for objects that a board takes or refuses, for snapshots and for audits; none has a secret, or what a voter chose | `tracing` |
//!
//! Without `std` the library is `no_std` with `alloc`. With `default-features = false, features = ["serde"]` it builds for
//! `wasm32-unknown-unknown`; the caller brings random numbers.
//!
//! # Versions
//!
//! The least version of Rust is 1.95, on which every change is tested. The repository's `docs/semver.md` says what is public and what may
//! change before and after 1.0.
//!
//! The crates whose types stand in this API are re-exported: [`curve25519_dalek`] and [`rand_core`].

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations, unreachable_pub)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![cfg_attr(not(feature = "std"), no_std)]
// docs.rs sets it, and then says which feature an item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

pub mod audit;
pub mod ballot;
pub mod board;
pub mod codec;
pub mod contest;
pub mod count;
pub mod crypto;
#[cfg(feature = "serde")]
mod json;
pub mod keys;
pub mod log;
pub mod manifest;
mod mistake;
mod parallel;
mod random;
#[cfg(feature = "std")]
pub mod record;
pub mod roll;
pub mod tally;
mod text;
mod trace;
#[cfg(feature = "serde")]
pub mod views;
mod work;

// The names of a first program.
pub use audit::Expect;
pub use ballot::{Choices, Election, Header};
pub use board::Board;
pub use contest::Contest;
pub use crypto::{dlog::DlogTable, signature::AuthorSecret};
pub use manifest::Manifest;
pub use random::RandomnessError;
pub use roll::Credential;
pub use tally::Outcome;

// The crates whose types are in this API, in the versions that fit it.
pub use curve25519_dalek;
pub use rand_core;

/// The programs of the README, which is not this page since its links lead to files of the repository.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The recipes of `docs/guide`, by their files' names.
#[cfg(doctest)]
mod guide {
    macro_rules! recipes {
        ($($name:ident)*) => {$(
            #[doc = include_str!(concat!("../docs/guide/", stringify!($name), ".md"))]
            mod $name {}
        )*};
    }
    recipes! { club server trustees browser ciphertexts shuffle batch weights voter publish }
}
