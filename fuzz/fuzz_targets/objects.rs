//! What a trustee or a voter sends can be read in one way only.
#![no_main]

use attacks::World;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tabella::{ballot::SpoilRequest, board::{CloseSignature, Receipt}, codec::{Decode, Encode, Reader}, crypto::signature::AuthorKey, keys::{Blame, Ceremony, Commit, Complaint, Deal, Erasure, Rehearsal, Setup}, log::{checkpoint::LogKey, merkle::{Consistency, Inclusion, Range}}, roll::Registration, tally::{DecryptionShare, Tally}};

static GOOD: LazyLock<(Setup, Ceremony, Tally)> = LazyLock::new(|| {
    let mut world = World::referendum(1);
    let board = world.referendum_board();
    let state = board.state();
    let ceremony = state.ceremony().unwrap().clone();
    (Setup::first(&world.manifest), ceremony, state.tally().unwrap().clone())
});

fuzz_target!(|bytes: &[u8]| {
    let (setup, ceremony, tally) = &*GOOD;
    let reader = &mut Reader::new(bytes);
    if let Ok(deal) = Deal::decode(reader, setup) {
        assert_eq!(deal.to_bytes(), bytes[..reader.at()]);
        assert_eq!(deal.to_bytes().len(), Deal::size(setup, deal.dealer()));
        assert!(deal.verify(setup, &mut attacks::rng(2)).is_err());
    }
    let reader = &mut Reader::new(bytes);
    if let Ok(share) = DecryptionShare::decode(reader, tally) {
        assert_eq!(share.to_bytes(), bytes[..reader.at()]);
    }
    let reader = &mut Reader::new(bytes);
    if let Ok(rehearsal) = Rehearsal::decode(reader, ceremony) {
        assert_eq!(rehearsal.to_bytes(), bytes[..reader.at()]);
    }
    canonical::<Commit>(bytes);
    canonical::<Complaint>(bytes);
    canonical::<Erasure>(bytes);
    canonical::<CloseSignature>(bytes);
    if let Some(blame) = canonical::<Blame>(bytes) {
        assert!(blame.conviction(setup, &mut attacks::rng(2)).is_err());
    }
    canonical::<AuthorKey>(bytes);
    canonical::<Registration>(bytes);
    canonical::<SpoilRequest>(bytes);
    canonical::<Receipt>(bytes);
    canonical::<LogKey>(bytes);
    canonical::<Inclusion>(bytes);
    canonical::<Consistency>(bytes);
    canonical::<Range>(bytes);
});

/// Reads a value whose bytes are these and no others.
fn canonical<T: Decode + Encode>(bytes: &[u8]) -> Option<T> {
    let value = T::from_bytes(bytes).ok()?;
    assert_eq!(value.to_bytes(), bytes);
    Some(value)
}
