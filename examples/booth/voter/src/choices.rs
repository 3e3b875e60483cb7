//! A voter's answers as choices. Their form is `Choices` in `npm/index.d.ts`.

use crate::{
    fault::{Fault, Result},
    given::whole,
};
use alloc::{format, string::String, vec::Vec};
use core::fmt::Display;
use serde_json::Value;
use tabella::{Choices, Contest, Manifest, contest::Form};

/// The choices of a voter of this weight.
pub fn choices(manifest: &Manifest, answers: &Value, weight: u64) -> Result<Choices> {
    let Value::Object(answers) = answers else {
        return Err(wrong("choices", answers, "an object with an answer for each contest"));
    };
    let choices = Choices::new().of_weight(weight);
    answers.iter().try_fold(choices, |choices, (id, answer)| {
        let contest = manifest.contest(id).and_then(|place| manifest.contests().get(place));
        Answer { id, contest }.all(choices, answer)
    })
}

/// A contest while it is answered.
struct Answer<'a> {
    id: &'a str,
    /// `None` if the manifest has none of this id, which is found out with all other mistakes.
    contest: Option<&'a Contest>,
}

/// What an item names.
enum Named<'a> {
    Option(&'a str),
    Mark(&'a str),
    WriteIn(&'a str),
}

/// What it gets.
enum Gets<'a> {
    Nothing,
    Votes(i128),
    Grade(&'a str),
}

fn wrong(at: impl Display, found: &Value, expected: &str) -> Fault {
    /// Of what was found this much is shown.
    const MOST: usize = 60;
    let found: String = format!("{found}").chars().take(MOST).collect();
    Fault::argument(format_args!("{at}: {found} — expected {expected}"))
}

impl Answer<'_> {
    fn at(&self, place: impl Display) -> String {
        format!("choices['{}']{place}", self.id)
    }

    fn ranks(&self) -> bool {
        let ranks = |contest: &Contest| {
            matches!(contest.form, Form::Ranking { .. } | Form::Places { .. } | Form::Pairs { .. })
        };
        self.contest.is_some_and(ranks)
    }

    /// An id that stands alone: a mark, if nothing that can be chosen is called so.
    fn named<'v>(&self, id: &'v str) -> Named<'v> {
        let is_mark = self.contest.is_some_and(|contest| {
            let is_list = matches!(contest.form, Form::Lists { .. })
                && contest.groups.iter().any(|list| list.id == id);
            contest.option(id).is_none()
                && !is_list
                && contest.marks.iter().any(|mark| mark.id == id)
        });
        if is_mark { Named::Mark(id) } else { Named::Option(id) }
    }

    fn item<'v>(&self, value: &'v Value, at: &str) -> Result<(Named<'v>, Gets<'v>)> {
        let fields = match value {
            Value::String(id) => return Ok((self.named(id), Gets::Nothing)),
            Value::Object(fields) => fields,
            _ => {
                return Err(wrong(
                    at,
                    value,
                    "an id, or an object with 'option', 'mark' or 'writeIn'",
                ));
            }
        };
        let (mut named, mut gets) = (None, Gets::Nothing);
        for (field, found) in fields {
            let text = || {
                found.as_str().ok_or_else(|| wrong(format_args!("{at}.{field}"), found, "a text"))
            };
            let first = named.is_none();
            match field.as_str() {
                "option" if first => named = Some(Named::Option(text()?)),
                "mark" if first => named = Some(Named::Mark(text()?)),
                "writeIn" if first => named = Some(Named::WriteIn(text()?)),
                "votes" if matches!(gets, Gets::Nothing) => {
                    gets = Gets::Votes(whole(found, &format!("{at}.votes"))?);
                }
                "grade" if matches!(gets, Gets::Nothing) => gets = Gets::Grade(text()?),
                _ => {
                    let expected = "one of 'option', 'mark' and 'writeIn', and at most one of 'votes' and 'grade'";
                    return Err(wrong(at, value, expected));
                }
            }
        }
        match named {
            Some(named) => Ok((named, gets)),
            None => Err(wrong(at, value, "an object with 'option', 'mark' or 'writeIn'")),
        }
    }

    fn all(&self, choices: Choices, answer: &Value) -> Result<Choices> {
        match answer {
            Value::Null => Ok(choices),
            Value::Array(items) => {
                items.iter().enumerate().try_fold(choices, |choices, (place, item)| {
                    let at = self.at(format_args!("[{place}]"));
                    match item {
                        Value::Array(equal) if self.ranks() => self.equal(choices, equal, &at),
                        item => self.one(choices, item, &at),
                    }
                })
            }
            item => self.one(choices, item, &self.at("")),
        }
    }

    fn one(&self, choices: Choices, item: &Value, at: &str) -> Result<Choices> {
        let id = self.id;
        let votes = |votes: i128| {
            let range = |_| {
                Fault::argument(format_args!("{at}.votes: {votes} — expected at most {}", u64::MAX))
            };
            u64::try_from(votes.unsigned_abs()).map_err(range)
        };
        Ok(match self.item(item, at)? {
            (Named::Mark(mark), Gets::Nothing) => choices.mark(id, mark),
            (Named::Option(option), Gets::Grade(grade)) => choices.grade(id, option, grade),
            (Named::Option(option), Gets::Nothing) if self.ranks() => choices.rank(id, [option]),
            (Named::WriteIn(name), Gets::Nothing) if self.ranks() => {
                choices.rank_write_in(id, name)
            }
            (Named::Option(option), Gets::Nothing) => choices.pick(id, option),
            (Named::WriteIn(name), Gets::Nothing) => choices.write_in(id, name),
            (Named::Option(option), Gets::Votes(given @ ..0)) => {
                choices.against(id, option, votes(given)?)
            }
            (Named::Option(option), Gets::Votes(given)) => choices.score(id, option, votes(given)?),
            (Named::WriteIn(name), Gets::Votes(given @ 0..)) => {
                choices.score_write_in(id, name, votes(given)?)
            }
            (Named::Mark(_), _) => return Err(wrong(at, item, "a mark alone, which gets nothing")),
            (Named::WriteIn(_), _) => {
                return Err(wrong(at, item, "a name with its votes, which are not negative"));
            }
        })
    }

    /// Several of one rank.
    fn equal(&self, choices: Choices, items: &[Value], at: &str) -> Result<Choices> {
        let (mut options, mut names) = (Vec::new(), Vec::new());
        for (place, item) in items.iter().enumerate() {
            match self.item(item, &format!("{at}[{place}]"))? {
                (Named::Option(option), Gets::Nothing) => options.push(option),
                (Named::WriteIn(name), Gets::Nothing) => names.push(name),
                _ => {
                    return Err(wrong(
                        at,
                        item,
                        "options and names of one rank, and nothing beside them",
                    ));
                }
            }
        }
        Ok(choices.rank_equal(self.id, options, names))
    }
}
