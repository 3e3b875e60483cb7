//! Writing a manifest in code.

use super::{
    BallotStyle, District, LogPolicy, Manifest, ManifestError, Member, Station, check,
    draft::{self, DraftGroup},
    parts::Parts,
    search,
};
use crate::{
    contest::{Contest, Limit},
    crypto::signature::AuthorKey,
    log::checkpoint::{LogKey, Witness, WitnessKey},
    mistake::Mistakes,
    text::Text,
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// The place of what could not be read.
const NOWHERE: usize = usize::MAX;
/// The default id of the only district and of the only ballot style.
const ALL: &str = "all";
/// Default of [`Manifest::minimum_cell`].
pub(super) const MINIMUM_CELL: u32 = 10;
/// Default of [`Manifest::ballots_per_voter`].
pub(super) const BALLOTS_PER_VOTER: u32 = 16;

/// An unfinished manifest; [`build`](Self::build) checks it.
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    id: String,
    languages: Vec<String>,
    title: Text,
    operator: Option<AuthorKey>,
    pub(super) trustees: Vec<Member>,
    /// All groups but the last.
    pub(super) groups: Vec<DraftGroup>,
    pub(super) group: DraftGroup,
    minimum_cell: u32,
    ballots_per_voter: u32,
    proxies: Option<u16>,
    weight_classes: bool,
    districts: Vec<District>,
    stations: Vec<Draft<()>>,
    contests: Vec<Contest>,
    styles: Vec<Draft<Vec<String>>>,
    /// Joint limits, each with the id of its style.
    limits: Vec<(String, Limit)>,
    log: Option<LogKey>,
    witnesses: Vec<Witness>,
    quorum: Option<u16>,
}

/// A station or a style that still refers to others by id.
#[derive(Clone, Debug)]
struct Draft<T> {
    id: String,
    name: Text,
    district: String,
    contests: T,
}

impl Manifest {
    /// A manifest with this id and nothing else.
    pub fn builder(id: &str) -> Builder {
        Builder::new(id)
    }
}

impl Builder {
    pub(super) fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            languages: Vec::new(),
            title: id.into(),
            operator: None,
            trustees: Vec::new(),
            groups: Vec::new(),
            group: DraftGroup::default(),
            minimum_cell: MINIMUM_CELL,
            ballots_per_voter: BALLOTS_PER_VOTER,
            proxies: None,
            weight_classes: false,
            districts: Vec::new(),
            stations: Vec::new(),
            contests: Vec::new(),
            styles: Vec::new(),
            limits: Vec::new(),
            log: None,
            witnesses: Vec::new(),
            quorum: None,
        }
    }

    /// The languages in which texts stand beside each other, such as `de` and `fr`. A text is one string for all of them, or one for
    /// each in this order. Without languages it is one string.
    pub fn languages(mut self, languages: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.languages = languages.into_iter().map(Into::into).collect();
        self
    }

    /// The election's title; its id by default.
    pub fn title(mut self, title: impl Into<Text>) -> Self {
        self.title = title.into();
        self
    }

    /// The key of the operator.
    pub fn operator(mut self, key: AuthorKey) -> Self {
        self.operator = Some(key);
        self
    }

    /// Sets the least number of ballots whose sum is opened. All that one person casts, as a proxy, count once.
    pub fn minimum_cell(mut self, ballots: u32) -> Self {
        self.minimum_cell = ballots;
        self
    }

    /// Sets how many ballots one voter can cast.
    pub fn ballots_per_voter(mut self, ballots: u32) -> Self {
        self.ballots_per_voter = ballots;
        self
    }

    /// Sets for how many voters one proxy can cast, at least 1; without it nobody can cast for another. Voters delegate on the
    /// board, while voting is open ([`Delegation`](crate::roll::Delegation)).
    pub fn proxies(mut self, most: u16) -> Self {
        self.proxies = Some(most);
        self
    }

    /// Takes no roll in which fewer voters of a cell than the minimum have one weight, while others of the contest have another: such
    /// weights could tell how they vote. Otherwise an audit warns of them.
    pub fn weight_classes(mut self) -> Self {
        self.weight_classes = true;
        self
    }

    /// Adds a district. If there is none, `build` makes one with the id `all`.
    pub fn district(mut self, id: &str, name: impl Into<Text>) -> Self {
        self.districts.push(District { id: id.into(), name: name.into() });
        self
    }

    /// Adds a station in the district with this id.
    pub fn station(mut self, id: &str, name: impl Into<Text>, district: &str) -> Self {
        self.stations.push(Draft {
            id: id.into(),
            name: name.into(),
            district: district.into(),
            contests: (),
        });
        self
    }

    /// Adds a contest.
    pub fn contest(mut self, contest: Contest) -> Self {
        self.contests.push(contest);
        self
    }

    /// Adds a ballot style, in the district and with the contests that have these ids. If there is none and only one
    /// district, `build` makes one with the id `all` and all contests.
    pub fn style(
        mut self,
        id: &str,
        district: &str,
        contests: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.styles.push(Draft {
            id: id.into(),
            name: Text::default(),
            district: district.into(),
            contests: contests.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// A limit on the votes for options of several contests, each as `contest:option`, on ballots of the style with this id. It has
    /// no least sum.
    pub fn limit(mut self, style: &str, limit: Limit) -> Self {
        self.limits.push((style.into(), limit));
        self
    }

    /// The key of the log, which signs checkpoints of the board.
    pub fn log(mut self, key: LogKey) -> Self {
        self.log = Some(key);
        self
    }

    /// Adds a witness, who cosigns the log's checkpoints.
    pub fn witness(mut self, name: &str, key: WitnessKey) -> Self {
        self.witnesses.push(Witness { name: name.into(), key });
        self
    }

    /// Adds witnesses. A checkpoint counts if any `quorum` of all witnesses have cosigned it; 0 by default.
    pub fn witnesses(mut self, witnesses: impl IntoIterator<Item = Witness>, quorum: u16) -> Self {
        self.witnesses.extend(witnesses);
        self.quorum = Some(quorum);
        self
    }

    /// With something in the place of an operator that is missing, since a misspelt field may mean it.
    #[cfg(feature = "serde")]
    pub(super) fn stand_in_operator(mut self) -> Self {
        self.operator.get_or_insert_with(AuthorKey::nobody);
        self
    }

    /// Checks everything and builds the manifest.
    ///
    /// What no ballot at all can vote on is refused, too: a contest without marks, or a ballot style, whose limits cannot all be kept,
    /// or for which no vote that keeps them is found in 100,000 steps. That is a help for whoever writes a manifest, and no rule by which
    /// a manifest on a board is valid.
    ///
    /// # Errors
    ///
    /// All mistakes. Proofs of possession are not checked; [`Manifest::verify_keys`] does that.
    pub fn build(self) -> Result<Manifest, ManifestError> {
        self.build_with(Mistakes::default())
    }

    /// The same where some mistakes are known: what could not be read has something else in its place.
    pub(super) fn build_with(self, mut mistakes: Mistakes) -> Result<Manifest, ManifestError> {
        let Self {
            id,
            languages,
            title,
            operator,
            trustees,
            mut groups,
            group,
            minimum_cell,
            ballots_per_voter,
            proxies,
            weight_classes,
            mut districts,
            stations,
            contests,
            styles,
            limits,
            log,
            witnesses,
            quorum,
        } = self;
        let missing = |path, expected| ManifestError::new(path, "", expected);
        if operator.is_none() {
            mistakes.add(missing("operator", "the operator's author key"))
        }
        groups.push(group);
        let groups = draft::complete(groups, &mut mistakes);
        if districts.is_empty() {
            districts.push(District { id: ALL.into(), name: ALL.into() });
        }

        let district_places = places(districts.iter().map(|d| d.id.as_str()));
        let contest_places = places(contests.iter().map(|c| c.id.as_str()));
        // What has no place may be meant by something that could not be read.
        let [districts_known, contests_known] =
            ["districts", "contests"].map(|list| !mistakes.hides_id(list));
        let district = |path: String, id: &str, mistakes: &mut Mistakes| {
            let place = district_places.get(id).copied();
            if place.is_none() && districts_known {
                mistakes.add(ManifestError::new(path, id, "the id of a district"))
            }
            place.unwrap_or(NOWHERE)
        };
        let stations = stations.into_iter().enumerate().map(|(i, station)| {
            let Draft { id, name, district: place, contests: () } = station;
            let place = district(format!("stations[{i}].district"), &place, &mut mistakes);
            Station { id, name, district: place }
        });
        let stations = stations.collect();
        let drafts = styles.into_iter().enumerate().map(|(i, style)| {
            let path = format!("styles[{i}].contests");
            let place = district(format!("styles[{i}].district"), &style.district, &mut mistakes);
            let held = resolve(&path, &style.contests, &contest_places, contests_known);
            let contests = mistakes.take(held);
            BallotStyle { id: style.id, district: place, contests, limits: Vec::new() }
        });
        let mut styles: Vec<BallotStyle> = drafts.collect();
        if styles.is_empty() {
            if districts.len() > 1 {
                let expected = "a ballot style for each of the several districts";
                mistakes.add(missing("styles", expected))
            } else if !mistakes.at("styles") {
                let contests = (0..contests.len()).collect();
                let limits = Vec::new();
                styles = vec![BallotStyle { id: ALL.to_string(), district: 0, contests, limits }];
            }
        }
        for (style, limit) in limits {
            match styles.iter_mut().find(|known| known.id == style) {
                Some(style) => style.limits.push(limit),
                None => mistakes.add(ManifestError::new(
                    "styles",
                    style,
                    "the id of a ballot style that has a limit",
                )),
            }
        }
        if log.is_none() && (!witnesses.is_empty() || quorum.is_some()) {
            mistakes.add(missing("log.key", "the key of the log that the witnesses cosign"))
        }
        let log = log.map(|key| LogPolicy { key, witnesses, quorum: quorum.unwrap_or(0) });
        let manifest = check::check(
            Parts {
                id,
                languages,
                title,
                operator: operator.unwrap_or_else(AuthorKey::nobody),
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
            },
            mistakes,
        )?;
        search::check(&manifest)?;
        Ok(manifest)
    }
}

/// From ids to places. Of equal ids, a mistake that is found later, the first counts.
fn places<'a>(
    ids: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator,
) -> BTreeMap<&'a str, usize> {
    ids.enumerate().rev().map(|(i, id)| (id, i)).collect()
}

/// The places of contests, ascending. Unless all contests are `known`, one without a place is nowhere and no mistake.
fn resolve(
    path: &str,
    ids: &[String],
    places: &BTreeMap<&str, usize>,
    known: bool,
) -> Result<Vec<usize>, ManifestError> {
    let (mut found, mut mistakes) = (BTreeMap::new(), Mistakes::default());
    for (j, id) in ids.iter().enumerate() {
        let here = format!("{path}[{j}]");
        match places.get(id.as_str()) {
            Some(place) => {
                if let Some(first) = found.insert(*place, j) {
                    let expected = format!("each contest once: this one is {path}[{first}] too");
                    mistakes.add(ManifestError::new(here, id, expected))
                }
            }
            None if known => mistakes.add(ManifestError::new(here, id, "the id of a contest")),
            None => drop(found.insert(NOWHERE, j)),
        }
    }
    mistakes.end()?;
    Ok(found.into_keys().collect())
}
