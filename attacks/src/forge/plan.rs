//! An election as a cheat plans it.

use super::{Log, rehearsal, writer::Writer};
use crate::{World, cascade::Tamper};
use rand_chacha::ChaCha20Rng;
use std::{collections::BTreeMap, sync::LazyLock};
use tabella::{
    ballot::Election,
    board::Kind,
    codec::Encode,
    crypto::{dlog::DlogTable, signature::AuthorSecret},
    keys::{Ceremony, Commit, Deal, Messages, Observer, Recipient, Setup, Trustee},
    log::merkle::Root,
    manifest::{Manifest, Member},
    roll::{Registration, Roll, encode_registrations},
    tally::{Outcome, PartialTally, Tally, Withdrawal},
};

/// A ceremony with all its secrets.
pub struct Keys {
    pub setup: Setup,
    pub secrets: Vec<AuthorSecret>,
    pub commits: Vec<Commit>,
    pub deals: Vec<Deal>,
    pub trustees: Vec<Trustee>,
    pub ceremony: Ceremony,
    /// Hash of the ceremony that the trustees confirm.
    pub confirmed: [u8; 32],
}

impl Keys {
    fn new(
        setup: Setup,
        secrets: &[AuthorSecret],
        commits: Vec<Commit>,
        deal: impl FnOnce(&Observer) -> Vec<Deal>,
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let mut observer = Observer::new(setup.clone());
        for commit in &commits {
            observer.take_commit(commit.clone(), rng).unwrap();
        }
        observer.close_round().unwrap();
        let deals = deal(&observer);
        for deal in &deals {
            assert_eq!(observer.take_deal(deal.dealer(), &deal.to_bytes(), rng), Ok(None));
        }
        observer.close_round().unwrap();
        observer.close_round().unwrap();
        let receive = |(secret, number)| Recipient::new(&setup, number, secret)?.finish(&observer);
        let trustees = secrets.iter().zip(1u16..).map(receive).collect::<Result<_, _>>().unwrap();
        let ceremony = observer.ceremony().unwrap().clone();
        let (secrets, confirmed) = (secrets.to_vec(), *ceremony.hash());
        Self { setup, secrets, commits, deals, trustees, ceremony, confirmed }
    }

    /// The first ceremony, with these messages.
    pub fn first(
        manifest: &Manifest,
        secrets: &[AuthorSecret],
        messages: &Messages,
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let Messages { commits, deals } = messages.clone();
        Self::new(Setup::first(manifest), secrets, commits, |_| deals, rng)
    }

    /// A resharing to the holders of these secrets, by dealers with these numbers.
    pub fn reshare(
        &self,
        epoch: u32,
        secrets: &[AuthorSecret],
        threshold: u16,
        dealers: &[u16],
        rng: &mut ChaCha20Rng,
    ) -> Self {
        let member = |(secret, place): (&AuthorSecret, usize)| Member {
            name: format!("heir {place}"),
            key: secret.public().clone(),
        };
        let members: Vec<Member> = secrets.iter().zip(1..).map(member).collect();
        let setup = Setup::reshare(
            &self.ceremony,
            epoch,
            &[self.ceremony.setup().threshold()],
            &[(&members, threshold)],
        )
        .unwrap();
        let (mut promised, mut commits) = (Vec::new(), Vec::new());
        for trustee in self.trustees.iter().filter(|trustee| dealers.contains(&trustee.number())) {
            let (dealer, commit) = trustee.expose_reshare(&setup, rng).unwrap();
            promised.push(dealer);
            commits.push(commit);
        }
        let deal = |observer: &Observer| {
            promised.into_iter().map(|dealer| dealer.deal(observer).unwrap()).collect()
        };
        Self::new(setup, secrets, commits, deal, rng)
    }
}

/// A resharing during the vote.
pub struct Handover {
    pub keys: Keys,
    /// How many ballots are cast before it begins, and how many more before its first round ends.
    pub ballots: [usize; 2],
    /// Numbers of the trustees who erase their old shares.
    pub erasers: Vec<u16>,
}

/// A change of one object's content before it is signed, given its kind, its place among those of its kind, and the content.
pub type Edit = Box<dyn Fn(Kind, usize, &mut Vec<u8>)>;

static TABLE: LazyLock<DlogTable> = LazyLock::new(|| DlogTable::new(5_000));

/// An election as a cheat plans it. [`Plan::write`] makes everything that follows consistent with it.
pub struct Plan {
    pub manifest: Manifest,
    pub operator: AuthorSecret,
    pub keys: Keys,
    pub question: [u8; 32],
    /// Numbers of the trustees who rehearse before the vote.
    pub rehearsers: Vec<u16>,
    pub roll: Vec<Registration>,
    pub ballots: Vec<Vec<u8>>,
    /// The resharing during the vote.
    pub handover: Option<Handover>,
    /// Ballots after the close.
    pub late: Vec<Vec<u8>>,
    /// Options that are withdrawn before voting is frozen.
    pub withdrawn: Vec<Withdrawal>,
    /// After how many signatures under a close the operator lifts a freeze, to freeze again; `None` for never.
    pub lifted: Option<usize>,
    /// Numbers of the trustees who sign the close, and what they sign instead of the truth.
    pub closers: Vec<u16>,
    pub closed_at: Option<(u64, Root)>,
    /// The summed ballots, with weights. Ballots that do not match the keys are left out.
    pub counted: Vec<(Vec<u8>, u64)>,
    /// Numbers of the trustees who mix each mixed cell, in order.
    pub mixers: Vec<u16>,
    /// Mixes that are signed and wrong: the right mix that each precedes, and its trustee.
    pub wrong_mixes: Vec<(usize, u16, Tamper)>,
    /// Numbers of the trustees who open.
    pub openers: Vec<u16>,
    /// The sums for which the shares are made, if not those of the tally on the board.
    pub opened: Option<Vec<(Vec<u8>, u64)>>,
    /// What trustees without the keys in force still do after a resharing.
    pub by_old: Vec<Kind>,
    pub edit: Edit,
    /// Objects appended after the one of this kind and place.
    pub after: Vec<((Kind, usize), Vec<u8>)>,
    /// Objects left out.
    pub without: Vec<(Kind, usize)>,
    /// An object that somebody other than the operator signs.
    pub signed_by: Option<((Kind, usize), AuthorSecret)>,
}

impl Plan {
    /// The honest election of a town.
    pub fn town(world: &mut World) -> Self {
        let World { manifest, secrets, ceremony, rng, .. } = &mut *world;
        let keys = Keys::first(manifest, secrets, ceremony, rng);
        Self::town_with(world, keys)
    }

    /// The same with the keys of this ceremony.
    pub fn town_with(world: &mut World, keys: Keys) -> Self {
        let election = Election::new(&world.manifest, &keys.ceremony).unwrap();
        let ballots: Vec<Vec<u8>> =
            world.town_ballots(&election).iter().map(Encode::to_bytes).collect();
        let counted = ballots[1..].to_vec();
        Self::with(world, keys, ballots, counted)
    }

    /// An election with these keys and ballots; those that are counted have weight 1.
    pub fn with(world: &World, keys: Keys, ballots: Vec<Vec<u8>>, counted: Vec<Vec<u8>>) -> Self {
        Self {
            manifest: world.manifest.clone(),
            operator: world.operator.clone(),
            keys,
            question: [7; 32],
            rehearsers: vec![1, 2, 3],
            roll: world.roll.clone(),
            counted: counted.into_iter().map(|ballot| (ballot, 1)).collect(),
            ballots,
            handover: None,
            late: Vec::new(),
            withdrawn: Vec::new(),
            lifted: None,
            closers: vec![1, 2, 3],
            closed_at: None,
            mixers: vec![1, 3],
            wrong_mixes: Vec::new(),
            openers: vec![1, 3],
            opened: None,
            by_old: Vec::new(),
            edit: Box::new(|_, _, _| {}),
            after: Vec::new(),
            without: Vec::new(),
            signed_by: None,
        }
    }

    /// The same, but during the vote the shares are handed over to four new trustees, any two of whom can open.
    pub fn reshared_town(world: &mut World) -> Self {
        Self::town(world).reshared(world)
    }

    /// The same plan, but during the vote the shares are handed over to four new trustees, any two of whom can open.
    pub fn reshared(mut self, world: &mut World) -> Self {
        let rng = &mut world.rng;
        let heirs: Vec<_> = (0..4).map(|_| AuthorSecret::random(rng).unwrap()).collect();
        let keys = self.keys.reshare(1, &heirs, 2, &[1, 3], rng);
        self.handover = Some(Handover { keys, ballots: [1, 2], erasers: vec![1, 2] });
        self
    }

    /// The election of the plan's manifest and deals.
    pub fn election(&self) -> Election {
        Election::new(&self.manifest, &self.keys.ceremony).unwrap()
    }

    /// The keys used for objects of this kind after the vote.
    pub(super) fn keys_for(&self, kind: Kind) -> &Keys {
        let handover = self.handover.as_ref().filter(|_| !self.by_old.contains(&kind));
        handover.map_or(&self.keys, |handover| &handover.keys)
    }

    /// The weighted sums of these ballots.
    pub fn sum(
        &self,
        election: &Election,
        counted: &[(Vec<u8>, u64)],
        rng: &mut ChaCha20Rng,
    ) -> PartialTally {
        let mut partial = PartialTally::new(&self.manifest);
        for (bytes, weight) in counted {
            let ballot = election.read_ballot(bytes).unwrap();
            if let Ok(ballot) = election.verify(ballot, rng) {
                partial.add(&ballot, *weight).unwrap();
            }
        }
        partial
    }

    /// The whole record.
    pub fn write(&self, rng: &mut ChaCha20Rng) -> Log {
        let election = self.election();
        let mut writer = Writer { plan: self, log: Log::default(), posted: BTreeMap::new() };
        writer.post(Kind::Manifest, self.manifest.to_bytes(), rng);
        writer.ceremony(&self.keys, &[], rng);
        writer.post(Kind::Question, self.question.to_vec(), rng);
        for number in &self.rehearsers {
            let trustee = self.keys.trustees.iter().find(|trustee| trustee.number() == *number);
            let content = rehearsal(&election, trustee.unwrap(), &self.question, rng);
            writer.post(Kind::Rehearsal, content, rng);
        }
        writer.post(Kind::Roll, encode_registrations(&self.roll), rng);
        writer.vote(rng);
        writer.close(&election, rng);

        let partial = self.sum(&election, &self.counted, rng);
        let tally = Tally::new(&partial);
        let opened = self.opened.as_ref().map(|o| Tally::new(&self.sum(&election, o, rng)));
        writer.post(Kind::Tally, tally.to_bytes(), rng);
        let mixed = writer.mix(&election, &tally, rng);
        let opened = opened.unwrap_or(tally);
        let opened = if mixed.is_empty() { opened } else { opened.with_trusted_rows(mixed) };
        // Without ballots there is nothing to open.
        let keys = self.keys_for(Kind::Share);
        let open =
            |trustee: &Trustee| trustee.expose_factors(&election, &opened, &mut rng.clone()).ok();
        let shares: Vec<_> = keys.trustees.iter().filter_map(open).collect();
        for share in shares.iter().filter(|share| self.openers.contains(&share.trustee())) {
            writer.post(Kind::Share, share.to_bytes(), rng);
        }
        let shares: Vec<_> = shares
            .into_iter()
            .map(|s| s.verify(&election, &keys.ceremony, &opened, rng).unwrap())
            .collect();
        let roll = Roll::new(&self.manifest, &self.roll, rng).unwrap();
        let turnout = partial.turnout(&roll).unwrap();
        // Without shares there is no outcome to write, and something earlier is refused.
        let (keys, withdrawn) = (&keys.ceremony, &self.withdrawn);
        if let Ok(outcome) =
            Outcome::open(&election, keys, &opened, &shares, turnout, withdrawn, &TABLE)
        {
            writer.post(Kind::Result, outcome.to_bytes(), rng);
        }
        writer.log
    }
}
