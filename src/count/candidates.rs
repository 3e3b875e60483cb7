//! Names that voters write in.

use crate::text::normalise;
use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

/// The candidates of a contest in which names can be written in: the options, and after them everybody who was written
/// in and is none of the options, in the order of the bytes of their normalised names.
///
/// ```
/// use tabella::count::Candidates;
///
/// let candidates = Candidates::new(["Ada", "Ben"], ["Zoe", " ada", "cleo", "CLEO", ""]);
/// assert_eq!(candidates.names(), ["cleo", "zoe"]);
/// assert_eq!(candidates.find("Cleo"), Some(2));
/// assert_eq!(candidates.find("ADA"), Some(0));
/// assert_eq!(candidates.find(" "), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    options: usize,
    names: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Candidates {
    /// From the names of the options and everything that was written on any ballot, in any order.
    pub fn new<'a>(
        options: impl IntoIterator<Item = &'a str>,
        written: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        Self::of(options.into_iter().map(|option| [option]), written)
    }

    /// The same from all names of each option, which can have several.
    pub fn of<'a>(
        options: impl IntoIterator<Item = impl IntoIterator<Item = &'a str>>,
        written: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let (mut count, mut numbers) = (0, BTreeMap::new());
        for names in options {
            for name in names {
                numbers.entry(normalise(name)).or_insert(count);
            }
            count += 1;
        }
        let names: BTreeSet<_> = written.into_iter().map(normalise).collect();
        let new = |name: &String| !name.is_empty() && !numbers.contains_key(name);
        let names: Vec<_> = names.into_iter().filter(new).collect();
        numbers.extend(names.iter().cloned().zip(count..));
        numbers.remove("");
        Self { options: count, names, numbers }
    }

    /// The candidates beyond the options, normalised.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many candidates there are, the options among them.
    pub(crate) fn candidates(&self) -> usize {
        self.options + self.names.len()
    }

    /// The number of the candidate who is meant: an option's place, or else that among the names after all options. If
    /// two options are the same when normalised, the first is meant. `None` for a text in which nothing can be seen,
    /// and for a name that was on no ballot.
    pub fn find(&self, text: &str) -> Option<usize> {
        self.numbers.get(&normalise(text)).copied()
    }
}
