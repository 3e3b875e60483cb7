//! The content of a manifest: who takes part, where, and what is voted on.

use super::groups::Groups;
use crate::{
    contest::{Contest, Limit},
    crypto::signature::AuthorKey,
    log::checkpoint::{LogKey, Witness},
    text::Text,
};
use alloc::{format, string::String, vec::Vec};
use core::iter::once;

/// Most trustees.
pub(super) const MAX_TRUSTEES: usize = 255;
/// Most districts.
pub(super) const MAX_DISTRICTS: usize = 4_096;
/// Most stations.
pub(super) const MAX_STATIONS: usize = 65_535;
/// Most contests.
pub(super) const MAX_CONTESTS: usize = 4_096;
/// Most ballot styles.
pub(super) const MAX_STYLES: usize = 4_096;
/// Most witnesses of the log.
pub(super) const MAX_WITNESSES: usize = 32;

/// The content of a manifest, valid or not. References are places in its lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) id: String,
    pub(super) languages: Vec<String>,
    pub(super) title: Text,
    pub(super) operator: AuthorKey,
    /// Those of all groups, in their order.
    pub(super) trustees: Vec<Member>,
    pub(super) groups: Groups,
    pub(super) minimum_cell: u32,
    pub(super) ballots_per_voter: u32,
    pub(super) proxies: Option<u16>,
    /// Whether a roll is refused in which too few voters of a cell have one weight.
    pub(super) weight_classes: bool,
    pub(super) districts: Vec<District>,
    pub(super) stations: Vec<Station>,
    pub(super) contests: Vec<Contest>,
    pub(super) styles: Vec<BallotStyle>,
    pub(super) log: Option<LogPolicy>,
}

/// The keys that sign checkpoints of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPolicy {
    pub(super) key: LogKey,
    pub(super) witnesses: Vec<Witness>,
    pub(super) quorum: u16,
}

impl LogPolicy {
    /// The key of the log, which signs every checkpoint.
    pub fn key(&self) -> &LogKey {
        &self.key
    }

    /// The witnesses, who cosign the checkpoints.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// How many of them must have cosigned a checkpoint for it to count.
    pub fn quorum(&self) -> u16 {
        self.quorum
    }
}

/// One of those who jointly hold the election's key. The `i`-th in the list, from 0, is trustee number `i + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// A name for people.
    pub name: String,
    /// The key under which the trustee writes on the board.
    pub key: AuthorKey,
}

/// A part of the electorate whose votes are counted separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// The name that identifies it.
    pub id: String,
    /// A name for people.
    pub name: Text,
}

/// A place where votes are cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// The name that identifies it.
    pub id: String,
    /// A name for people.
    pub name: Text,
    /// The place of its district in [`Manifest::districts`](super::Manifest::districts).
    pub district: usize,
}

/// The contests that one kind of voter has on the ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotStyle {
    /// The name that identifies it.
    pub id: String,
    /// The place of its district in [`Manifest::districts`](super::Manifest::districts).
    pub district: usize,
    /// The places of its contests in [`Manifest::contests`](super::Manifest::contests), ascending.
    pub contests: Vec<usize>,
    /// Limits on the votes for options of several contests, without a least sum.
    pub limits: Vec<Limit>,
}

impl Parts {
    /// Shows all texts in this language.
    pub(super) fn show_in(&mut self, language: usize) {
        let Self { title, districts, stations, contests, .. } = self;
        title.show_in(language);
        districts.iter_mut().for_each(|district| district.name.show_in(language));
        stations.iter_mut().for_each(|station| station.name.show_in(language));
        contests.iter_mut().flat_map(Contest::texts).for_each(|text| text.show_in(language));
    }

    /// Every author's key, with its path.
    pub(super) fn authors<'a>(&'a self) -> impl Iterator<Item = (String, &'a AuthorKey)> {
        let key = |(path, trustee): (String, &'a Member)| (format!("{path}.key"), &trustee.key);
        once(("operator".into(), &self.operator)).chain(self.trustees().map(key))
    }

    /// Every trustee, with its path.
    pub(super) fn trustees(&self) -> impl Iterator<Item = (String, &Member)> {
        self.groups.split(&self.trustees).enumerate().flat_map(move |(group, (_, members))| {
            let path = move |(i, member)| (self.groups.path_of(group, i), member);
            members.iter().enumerate().map(path)
        })
    }
}
