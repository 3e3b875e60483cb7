//! People who cast several ballots.

use crate::manifest::Manifest;
use alloc::{collections::BTreeMap, vec::Vec};

/// Who cast several of the ballots that count, as proxies do: by contest and district, once for each ballot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Casters(BTreeMap<(usize, usize), Vec<usize>>);

impl Casters {
    /// Adds somebody who cast ballots of these styles.
    pub(crate) fn add(
        &mut self,
        manifest: &Manifest,
        who: usize,
        styles: impl Iterator<Item = u16>,
    ) {
        for style in styles.filter_map(|style| manifest.styles().get(usize::from(style))) {
            for contest in &style.contests {
                self.0.entry((*contest, style.district)).or_default().push(who);
            }
        }
    }

    pub(super) fn of(&self, contest: usize, district: usize) -> &[usize] {
        self.0.get(&(contest, district)).map(Vec::as_slice).unwrap_or_default()
    }
}
