//! The trustees of a manifest that is being written, and their groups.

use super::{Builder, Group, Groups, ManifestError, Member};
use crate::{crypto::signature::AuthorKey, mistake::Mistakes};
use alloc::{format, string::String, vec::Vec};
use core::mem;

/// A group of trustees that may not be complete.
#[derive(Clone, Debug, Default)]
pub(super) struct DraftGroup {
    name: Option<String>,
    threshold: Option<u16>,
    close_quorum: Option<u16>,
    rehearsals: u16,
    members: usize,
}

impl Builder {
    /// Begins a group of trustees. What is said of trustees, their threshold, close quorum and rehearsals is about this group until the
    /// next one begins; what was said before the first one is about the first one. A tally is opened by the threshold of each group.
    ///
    /// ```
    /// # use rand_core::OsRng;
    /// # use tabella::{contest::Contest, crypto::signature::AuthorSecret, manifest::Manifest};
    /// # let key = || AuthorSecret::random(&mut OsRng).map(|secret| secret.public().clone());
    /// # let (operator, ministry) = (key()?, key()?);
    /// # let universities = [key()?, key()?, key()?];
    /// let manifest = Manifest::builder("bridge")
    ///     .operator(operator)
    ///     .group("Ministry")
    ///     .trustee("Ada", ministry)
    ///     .threshold(1)
    ///     .group("Universities")
    ///     .trustees(universities, 2)
    ///     .contest(Contest::choose_one("bridge", ["yes", "no"]))
    ///     .build()?;
    /// assert_eq!(manifest.groups().thresholds(), [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn group(mut self, name: &str) -> Self {
        if self.group.name.is_some() || self.group.members > 0 {
            self.groups.push(mem::take(&mut self.group));
        }
        self.group.name = Some(name.into());
        self
    }

    /// Adds a trustee.
    pub fn trustee(mut self, name: &str, key: AuthorKey) -> Self {
        self.trustees.push(Member { name: name.into(), key });
        self.group.members = self.group.members.saturating_add(1);
        self
    }

    /// Adds trustees, named `trustee 1` and so on by their number. Any `threshold` of them open a tally.
    pub fn trustees(mut self, keys: impl IntoIterator<Item = AuthorKey>, threshold: u16) -> Self {
        for key in keys {
            let name = format!("trustee {}", self.trustees.len().saturating_add(1));
            self = self.trustee(&name, key);
        }
        self.threshold(threshold)
    }

    /// Sets how many trustees it takes to open a tally.
    pub fn threshold(mut self, threshold: u16) -> Self {
        self.group.threshold = Some(threshold);
        self
    }

    /// Sets how many trustees sign the close. The default is large enough that any two quorums share an honest trustee.
    pub fn close_quorum(mut self, quorum: u16) -> Self {
        self.group.close_quorum = Some(quorum);
        self
    }

    /// Sets how many trustees must show that they hold their shares before voting can open.
    pub fn rehearsals(mut self, trustees: u16) -> Self {
        self.group.rehearsals = trustees;
        self
    }

    /// With something in the place of a threshold that is missing, since a misspelt field may mean it.
    #[cfg(feature = "serde")]
    pub(super) fn stand_in_threshold(mut self) -> Self {
        self.group.threshold.get_or_insert(1);
        self
    }
}

/// The groups with their places.
pub(super) fn complete(drafts: Vec<DraftGroup>, mistakes: &mut Mistakes) -> Groups {
    let are_named = drafts.len() > 1 || drafts.iter().any(|draft| draft.name.is_some());
    let mut next = 0usize;
    Groups::new(drafts.into_iter().enumerate().map(|(place, draft)| {
        let DraftGroup { name, threshold, close_quorum, rehearsals, members } = draft;
        let path = |field: &str| {
            if are_named { format!("trustees[{place}].{field}") } else { String::from(field) }
        };
        if name.as_ref().is_some_and(String::is_empty) {
            mistakes.add(ManifestError::new(path("group"), "", "the name of a group"))
        }
        if threshold.is_none() {
            let expected = "the number of trustees who open a tally";
            mistakes.add(ManifestError::new(path("threshold"), "", expected))
        }
        let first = next;
        next = first.saturating_add(members);
        let (name, threshold) = (name.unwrap_or_default(), threshold.unwrap_or_default());
        Group { name, threshold, close_quorum, rehearsals, members: first..next }
    }))
}
