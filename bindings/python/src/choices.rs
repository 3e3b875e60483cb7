//! A voter's answers, as Python says them, as choices.

use pyo3::{
    Bound, FromPyObject, PyAny, PyRef, PyResult,
    exceptions::{PyTypeError, PyValueError},
    pyclass, pymethods,
    types::{PyAnyMethods, PyListMethods, PyMapping, PyMappingMethods},
};
use tabella::{Choices, Contest, Manifest, contest::Form};

/// A name that is not among the options.
#[pyclass(frozen, eq, hash, module = "tabella")]
#[derive(PartialEq, Eq, Hash)]
pub struct WriteIn {
    #[pyo3(get)]
    name: String,
}

#[pymethods]
impl WriteIn {
    #[new]
    fn new(name: String) -> Self {
        Self { name }
    }

    fn __repr__(&self) -> String {
        format!("tabella.WriteIn({:?})", self.name)
    }
}

/// What an answer names: an option, a list or a mark by its id, or a name written in.
#[derive(FromPyObject)]
enum Named<'py> {
    Id(String),
    WriteIn(PyRef<'py, WriteIn>),
}

/// What stands beside it: votes, or a grade.
#[derive(FromPyObject)]
enum Value {
    Votes(i64),
    Grade(String),
}

/// A contest while it is answered.
struct Answer<'a> {
    id: &'a str,
    /// `None` if the manifest has none of this id; that is found out later.
    contest: Option<&'a Contest>,
    choices: Choices,
}

impl Answer<'_> {
    fn ranks(&self) -> bool {
        let ranks = |form: &Form| {
            matches!(form, Form::Ranking { .. } | Form::Places { .. } | Form::Pairs { .. })
        };
        self.contest.is_some_and(|contest| ranks(&contest.form))
    }

    fn is_mark(&self, name: &str) -> bool {
        self.contest.is_some_and(|contest| {
            contest.option(name).is_none() && contest.marks.iter().any(|mark| mark.id == name)
        })
    }

    /// One thing, or several of one rank.
    fn equal(self, names: &[Named<'_>]) -> Self {
        let Self { id, contest, choices } = self;
        let options = names.iter().filter_map(|named| match named {
            Named::Id(option) => Some(option.as_str()),
            Named::WriteIn(_) => None,
        });
        let written = names.iter().filter_map(|named| match named {
            Named::Id(_) => None,
            Named::WriteIn(name) => Some(name.name.as_str()),
        });
        Self { id, contest, choices: choices.rank_equal(id, options, written) }
    }

    fn one(self, named: Named<'_>) -> Self {
        let (ranks, id, contest) = (self.ranks(), self.id, self.contest);
        let choices = match &named {
            Named::Id(name) if self.is_mark(name) => self.choices.mark(id, name),
            _ if ranks => return self.equal(&[named]),
            Named::Id(name) => self.choices.pick(id, name),
            Named::WriteIn(name) => self.choices.write_in(id, &name.name),
        };
        Self { id, contest, choices }
    }

    fn give(self, named: &Named<'_>, value: Value) -> PyResult<Self> {
        let Self { id, contest, choices } = self;
        let choices = match (named, value) {
            (Named::Id(name), Value::Votes(votes @ 0..)) => {
                choices.score(id, name, votes.unsigned_abs())
            }
            (Named::Id(name), Value::Votes(votes)) => {
                choices.against(id, name, votes.unsigned_abs())
            }
            (Named::Id(name), Value::Grade(grade)) => choices.grade(id, name, &grade),
            (Named::WriteIn(name), Value::Votes(votes @ 0..)) => {
                choices.score_write_in(id, &name.name, votes.unsigned_abs())
            }
            (Named::WriteIn(_), _) => {
                return Err(PyValueError::new_err(format!(
                    "'{id}': a name written in gets a number of votes"
                )));
            }
        };
        Ok(Self { id, contest, choices })
    }

    fn all(mut self, answer: &Bound<'_, PyAny>) -> PyResult<Self> {
        if answer.is_none() {
            return Ok(self);
        }
        if let Ok(named) = answer.extract::<Named<'_>>() {
            return Ok(self.one(named));
        }
        if let Ok(values) = answer.cast::<PyMapping>() {
            for item in values.items()?.try_iter()? {
                let (named, value): (Named<'_>, Value) =
                    item?.extract().map_err(|_| wrong(self.id))?;
                self = self.give(&named, value)?;
            }
            return Ok(self);
        }
        for item in answer.try_iter().map_err(|_| wrong(self.id))? {
            let item = item?;
            self = match item.extract::<Named<'_>>() {
                Ok(named) => self.one(named),
                Err(_) if self.ranks() => {
                    let equal: Vec<Named<'_>> = item.extract().map_err(|_| wrong(self.id))?;
                    self.equal(&equal)
                }
                Err(_) => return Err(wrong(self.id)),
            };
        }
        Ok(self)
    }
}

fn wrong(contest: &str) -> pyo3::PyErr {
    PyTypeError::new_err(format!(
        "'{contest}': expected the id of an option or a mark, a WriteIn, a list of these, or a dict of them with votes or grades"
    ))
}

/// The choices in answers by the ids of contests, of a voter of this weight.
pub fn choices(
    manifest: &Manifest,
    answers: &Bound<'_, PyMapping>,
    weight: u64,
) -> PyResult<Choices> {
    let mut choices = Choices::new().of_weight(weight);
    for item in answers.items()?.iter() {
        let (id, answer): (String, Bound<'_, PyAny>) = item.extract()?;
        let contest = manifest.contest(&id).and_then(|place| manifest.contests().get(place));
        choices = Answer { id: &id, contest, choices }.all(&answer)?.choices;
    }
    Ok(choices)
}
