//! What people read of a contest, and what options are called.

use super::{Contest, ContestOption, Display, Form};
use crate::text::{Text, normalise};
use alloc::{collections::BTreeMap, format, string::String};

impl ContestOption {
    /// An option with this id, which is also its name.
    pub fn new(id: &str) -> Self {
        id.into()
    }

    /// With this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<Text>) -> Self {
        self.name = name.into();
        self
    }

    /// With this beside the name.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Text>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// That can get at most this many votes.
    #[must_use]
    pub fn most(mut self, votes: u64) -> Self {
        self.most = Some(votes);
        self
    }

    /// Its name and the detail beside it, in the language that is shown.
    pub fn shown(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} ({detail})", self.name),
            None => self.name.as_str().into(),
        }
    }

    /// What it is called when names are compared: its id, and its name in each language.
    pub(crate) fn keys(&self) -> impl Iterator<Item = String> {
        let names = self.name.strings().iter().filter(|name| **name != self.id);
        [&self.id].into_iter().chain(names).map(|name| normalise(name))
    }

    /// In this group, by its id.
    #[must_use]
    pub fn group(mut self, id: &str) -> Self {
        self.groups.push(id.into());
        self
    }
}

impl<T: Into<String>> From<T> for ContestOption {
    fn from(id: T) -> Self {
        let id: String = id.into();
        Self { name: Text::from(&id), id, ..Self::default() }
    }
}

impl Contest {
    /// Sets the title.
    #[must_use]
    pub fn title(mut self, title: impl Into<Text>) -> Self {
        self.title = title.into();
        self
    }

    /// With the question in full.
    #[must_use]
    pub fn question(mut self, question: impl Into<Text>) -> Self {
        self.question = Some(question.into());
        self
    }

    /// With the options shown in this order.
    #[must_use]
    pub fn display(mut self, display: Display) -> Self {
        self.display = display;
        self
    }

    /// The ids of the options.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.options.iter().map(|option| option.id.as_str())
    }

    /// The names of the options, in the language that is shown.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.options.iter().map(|option| option.name.as_str())
    }

    /// The options as they are shown.
    pub(super) fn shown(&self) -> impl Iterator<Item = String> {
        self.options.iter().map(ContestOption::shown)
    }

    /// Everything that people read.
    pub(crate) fn texts(&mut self) -> impl Iterator<Item = &mut Text> {
        let Self { title, question, options, groups, marks, form, .. } = self;
        let grades = match form {
            Form::Grades { grades } => grades.as_mut_slice(),
            _ => &mut [],
        };
        let options = options
            .iter_mut()
            .flat_map(|ContestOption { name, detail, .. }| [name].into_iter().chain(detail));
        let named = groups.iter_mut().map(|group| &mut group.name);
        let named = named.chain(marks.iter_mut().map(|mark| &mut mark.name));
        [title].into_iter().chain(question).chain(options).chain(named).chain(grades)
    }

    /// The options by what they are called: their ids and their names in each language, normalised. Where several are called the
    /// same, the first.
    pub(crate) fn by_key(&self) -> BTreeMap<String, usize> {
        let options = self.options.iter().enumerate().rev();
        options.flat_map(|(place, option)| option.keys().map(move |key| (key, place))).collect()
    }

    /// The place of the option with this id.
    pub fn option(&self, id: &str) -> Option<usize> {
        self.ids().position(|option| option == id)
    }
}
