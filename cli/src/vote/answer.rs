//! Answers as a line of text: numbers of options as they are shown, or their ids. A number without quotes is always that which is
//! shown, since an id may be another number.

use crate::{
    failure::{Failure, Result},
    files,
};
use std::{fmt, path::Path};
use tabella::{Choices, Contest, Manifest, contest::Form, tally::Withdrawal};

/// A contest as it is shown to a voter.
pub struct Shown<'a> {
    contest: &'a Contest,
    /// The places of the options in the order in which they are shown.
    order: Vec<usize>,
    /// Those of the options that were withdrawn.
    withdrawn: Vec<usize>,
}

/// One word of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Text {
    text: String,
    quoted: bool,
}

impl Text {
    /// The number that it is, unless it is in quotes.
    fn number(&self) -> Option<usize> {
        let is_number = !self.text.is_empty() && self.text.bytes().all(|c| c.is_ascii_digit());
        // One that is too large names nothing.
        (is_number && !self.quoted).then(|| self.text.parse().unwrap_or(usize::MAX))
    }
}

/// What is named, and what stands behind an equals sign.
struct Word {
    name: Text,
    value: Option<Text>,
}

/// What an answer means, to be shown before a ballot is cast.
pub type Understood = Vec<String>;

/// What a word names.
enum Named<'a> {
    /// An option, or a list.
    Choice(&'a str),
    Mark(&'a str),
}

impl<'a> Shown<'a> {
    /// The contest at this place of the manifest, as it is shown in this district.
    pub fn new(
        manifest: &'a Manifest,
        place: usize,
        district: usize,
        withdrawn: &[Withdrawal],
    ) -> Option<Self> {
        let contest = manifest.contests().get(place)?;
        let withdrawn = withdrawn.iter().filter(|withdrawal| withdrawal.contest == place);
        let withdrawn = withdrawn.map(|withdrawal| withdrawal.option).collect();
        Some(Self { contest, order: manifest.display(place, district)?, withdrawn })
    }

    /// The contest's id.
    pub fn id(&self) -> &'a str {
        &self.contest.id
    }

    /// What can be chosen besides marks: ids, with the texts that are shown.
    fn shown(&self) -> Vec<(&'a str, String)> {
        let contest = self.contest;
        let options = self.order.iter().filter_map(|place| {
            let option = contest.options.get(*place)?;
            Some((
                option.id.as_str(),
                match self.withdrawn.contains(place) {
                    true => format!("{} (withdrawn, cannot be elected)", option.shown()),
                    false => option.shown(),
                },
            ))
        });
        let is_lists = matches!(contest.form, Form::Lists { .. });
        let lists = contest.groups.iter().filter(|_| is_lists);
        options.chain(lists.map(|list| (list.id.as_str(), format!("list {}", list.name)))).collect()
    }

    fn find(&self, name: &Text) -> std::result::Result<(Named<'a>, String), String> {
        let (shown, marks) = (self.shown(), &self.contest.marks);
        let choice = match name.number() {
            Some(number) => number.checked_sub(1).and_then(|place| shown.get(place)),
            None => shown.iter().find(|(id, _)| *id == name.text),
        };
        if let Some((id, text)) = choice {
            return Ok((Named::Choice(id), text.clone()));
        }
        let mark = marks.iter().find(|mark| mark.id == name.text && name.number().is_none());
        mark.map(|mark| (Named::Mark(mark.id.as_str()), mark.name.to_string())).ok_or_else(|| {
            let marks: String = marks.iter().map(|mark| format!(", {}", mark.id)).collect();
            format!("'{}' — expected a number from 1 to {}{marks}", name.text, shown.len())
        })
    }

    /// Adds the answer to the choices, and says what it was understood to be.
    pub fn answer(
        &self,
        mut choices: Choices,
        line: &str,
    ) -> std::result::Result<(Choices, Understood), String> {
        let contest = self.contest.id.as_str();
        let ranks = matches!(
            self.contest.form,
            Form::Ranking { .. } | Form::Places { .. } | Form::Pairs { .. }
        );
        let (line, written) = written(line);
        let mut understood = Understood::new();
        for (rank, group) in (1..).zip(words(line)?) {
            let mut equal = Vec::new();
            for Word { name, value } in &group {
                let (named, text) = self.find(name)?;
                understood.push(match value {
                    Some(value) => format!("{text} = {}", self.shown_value(value)),
                    None if ranks && matches!(named, Named::Choice(_)) => format!("{rank}. {text}"),
                    None => text,
                });
                match (named, value) {
                    (Named::Mark(mark), None) => choices = choices.mark(contest, mark),
                    (Named::Mark(mark), Some(_)) => {
                        return Err(format!("'{mark}' is a mark and takes no number"));
                    }
                    (Named::Choice(option), None) if ranks => equal.push(option),
                    (Named::Choice(option), Some(_)) if ranks => {
                        return Err(format!("'{option}': rank by order, as in '2 1 3'"));
                    }
                    (Named::Choice(option), value) => {
                        choices = self.give(choices, option, value.as_ref())?;
                    }
                }
            }
            if !equal.is_empty() {
                choices = choices.rank_equal(contest, equal, []);
            }
        }
        understood.extend(written.iter().map(|name| format!("{name} (written in)")));
        let choices = written.into_iter().fold(choices, |choices, name| match ranks {
            true => choices.rank_write_in(contest, name),
            false => choices.write_in(contest, name),
        });
        Ok((choices, understood))
    }

    /// The grade of this number or name.
    fn grade(&self, value: &Text) -> Option<&'a tabella::contest::Text> {
        let grades = self.contest.grades();
        match value.number() {
            Some(number) => grades.get(number.checked_sub(1)?),
            None => grades.iter().find(|grade| grade.in_language(0) == value.text),
        }
    }

    fn shown_value(&self, value: &Text) -> String {
        self.grade(value).map_or_else(|| value.text.clone(), ToString::to_string)
    }

    /// A contest with what was understood, on a line.
    pub fn understood(&self, answer: &[String]) -> String {
        let answer = if answer.is_empty() { "nothing".into() } else { answer.join(", ") };
        format!("{}: {answer}", self.contest.title)
    }

    /// Gives an option votes or a grade.
    fn give(
        &self,
        choices: Choices,
        option: &str,
        value: Option<&Text>,
    ) -> std::result::Result<Choices, String> {
        let contest = self.contest.id.as_str();
        let grades = self.contest.grades().len();
        if grades > 0 {
            let grade = value.and_then(|value| self.grade(value)).ok_or_else(|| {
                let value = value.map_or("", |value| &value.text);
                format!("'{option}={value}' — expected a grade from 1 to {grades}")
            })?;
            return Ok(choices.grade(contest, option, grade.in_language(0)));
        }
        let Some(Text { text: value, .. }) = value else {
            return Ok(choices.pick(contest, option));
        };
        let expected = || format!("'{option}={value}' — expected a number");
        match value.strip_prefix('-') {
            Some(votes) => {
                Ok(choices.against(contest, option, votes.parse().map_err(|_| expected())?))
            }
            None => Ok(choices.score(contest, option, value.parse().map_err(|_| expected())?)),
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contest = self.contest;
        writeln!(f, "{}", contest.question.as_ref().unwrap_or(&contest.title))?;
        writeln!(f, "{}", contest.rule_sentence())?;
        for (number, (_, text)) in (1..).zip(self.shown()) {
            writeln!(f, "  {number:>3}  {text}")?;
        }
        for (number, grade) in (1..).zip(contest.grades()) {
            writeln!(f, "  ={number}   {grade}")?;
        }
        for mark in &contest.marks {
            writeln!(f, "  {}  {}", mark.id, mark.name)?;
        }
        let example = match contest.form {
            Form::Ranking { ties: true } if contest.options.len() > 2 => "3 1,2",
            Form::Pairs { ties: true } if contest.options.len() > 2 => "3 1,2",
            Form::Ranking { .. } | Form::Places { .. } | Form::Pairs { .. } => "2 1",
            Form::Grades { .. } => "1=2 2=1",
            Form::Quadratic { against: true, .. } => "1=2 2=-1",
            Form::Star | Form::Split | Form::Quadratic { .. } => "1=2 2=1",
            _ if contest.rule.max > 1 && contest.rule.each > 1 => "1=2 2=1",
            _ if contest.rule.max > 1 => "1 2",
            _ => "1",
        };
        write!(f, "For example: {example}")?;
        if contest.write_ins.places > 0 {
            f.write_str("   A name of your own: +Zora Vale")?;
        }
        Ok(())
    }
}

/// What stands before the names written in, and these: each behind a plus sign that is not in quotes.
fn written(line: &str) -> (&str, Vec<&str>) {
    let mut quoted = false;
    let plus = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == '+' && !quoted
    });
    match plus {
        Some((at, _)) => {
            let (before, names) = line.split_at(at);
            (before, names.split('+').skip(1).map(str::trim).collect())
        }
        None => (line, Vec::new()),
    }
}

/// The words of an answer. Those with a comma between them stand together.
fn words(line: &str) -> std::result::Result<Vec<Vec<Word>>, String> {
    let (mut groups, mut chars) = (Vec::<Vec<Word>>::new(), line.chars().peekable());
    let mut together = false;
    while let Some(next) = chars.peek().copied() {
        match next {
            c if c.is_whitespace() => _ = chars.next(),
            ',' => {
                chars.next();
                together = true;
            }
            _ => {
                let name = word(&mut chars)?;
                let value = match chars.next_if_eq(&'=') {
                    Some(_) => Some(word(&mut chars)?),
                    None => None,
                };
                match groups.last_mut().filter(|_| together) {
                    Some(group) => group.push(Word { name, value }),
                    None => groups.push(vec![Word { name, value }]),
                }
                together = false;
            }
        }
    }
    Ok(groups)
}

/// A word, or what stands in quotes.
fn word(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> std::result::Result<Text, String> {
    let mut word = String::new();
    if chars.next_if_eq(&'"').is_some() {
        for c in chars.by_ref() {
            match c {
                '"' => return Ok(Text { text: word, quoted: true }),
                c => word.push(c),
            }
        }
        return Err(format!("\"{word}: the quotation mark at the end is missing"));
    }
    while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !matches!(c, '=' | ',')) {
        word.push(c);
    }
    Ok(Text { text: word, quoted: false })
}

/// The choices of a file with a line for each contest, added to these, and what was understood of each contest of the form.
pub fn of_file(
    form: &[Shown<'_>],
    mut choices: Choices,
    file: &Path,
) -> Result<(Choices, Vec<Understood>)> {
    let mut all = vec![Understood::new(); form.len()];
    let text = files::read_text(file)?;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let at = |what: &dyn fmt::Display| {
            Failure::refused(format!("{}, line {number}: {what}", file.display()))
        };
        let (contest, answer) = line
            .split_once(':')
            .ok_or_else(|| at(&"expected a contest's id, a colon and the answer"))?;
        let shown = form.iter().zip(&mut all).find(|(shown, _)| shown.id() == contest.trim());
        let known = || form.iter().map(Shown::id).collect::<Vec<_>>().join(", ");
        let (shown, all) = shown
            .ok_or_else(|| at(&format!("contest '{contest}' — expected one of {}", known())))?;
        let understood;
        (choices, understood) = shown.answer(choices, answer).map_err(|mistake| at(&mistake))?;
        all.extend(understood);
    }
    Ok((choices, all))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::OsRng;
    use tabella::{AuthorSecret, contest::ContestOption};

    fn manifest(contest: Contest) -> Manifest {
        let [operator, trustee] = [(); 2].map(|()| AuthorSecret::random(&mut OsRng).unwrap());
        Manifest::builder("m")
            .operator(operator.public().clone())
            .trustees([trustee.public().clone()], 1)
            .contest(contest)
            .build()
            .unwrap()
    }

    #[test]
    fn answers_that_name_nothing_are_told() {
        let named = ContestOption::new("jo h").name("Jo Hill");
        let options: [ContestOption; 3] = ["ada".into(), named, "7".into()];
        let manifest = manifest(Contest::choose("c", options, 0..=9).each(3).blank());
        let shown = Shown::new(&manifest, 0, 0, &[]).unwrap();
        for (line, expected) in [
            ("4", "'4' — expected a number from 1 to 3, blank"),
            ("0", "'0' — expected a number from 1 to 3, blank"),
            ("Ada", "'Ada' — expected a number from 1 to 3, blank"),
            ("1=x", "'ada=x' — expected a number"),
            ("blank=1", "'blank' is a mark and takes no number"),
            ("\"jo h", "\"jo h: the quotation mark at the end is missing"),
            ("1=", "'ada=' — expected a number"),
            ("=3", "'' — expected a number from 1 to 3, blank"),
            ("7", "'7' — expected a number from 1 to 3, blank"),
            ("\"1\"", "'1' — expected a number from 1 to 3, blank"),
            (
                "99999999999999999999",
                "'99999999999999999999' — expected a number from 1 to 3, blank",
            ),
        ] {
            assert_eq!(shown.answer(Choices::new(), line).unwrap_err(), expected);
        }
        let taken = |line: &str| shown.answer(Choices::new(), line).unwrap().1.join("; ");
        for (line, understood) in [
            ("", ""),
            ("1", "ada"),
            ("2 1", "Jo Hill; ada"),
            // The number that is shown, and not the id.
            ("3", "7"),
            ("\"jo h\"=2 \"7\"", "Jo Hill = 2; 7"),
            ("1=3,3=1", "ada = 3; 7 = 1"),
            ("blank", "blank"),
            ("  1   2  ", "ada; Jo Hill"),
        ] {
            assert_eq!(taken(line), understood);
        }
        assert!(shown.to_string().contains("  2  Jo Hill\n"), "{shown}");
    }

    #[test]
    fn numbers_are_those_that_are_shown() {
        let grades = ["0", "1", "2"];
        let manifest = manifest(Contest::grade("c", ["2", "1"], grades));
        let shown = Shown::new(&manifest, 0, 0, &[]).unwrap();
        let (_, understood) = shown.answer(Choices::new(), "1=3 2=\"1\"").unwrap();
        assert_eq!(understood, ["2 = 2", "1 = 1"]);
        let contest = Contest::choose("c", ["C++", "blank+"], 0..=2).write_ins(2, 30);
        let manifest = self::manifest(contest);
        let shown = Shown::new(&manifest, 0, 0, &[]).unwrap();
        let (_, understood) = shown.answer(Choices::new(), "\"C++\" +Ada Ott + Bo").unwrap();
        assert_eq!(understood, ["C++", "Ada Ott (written in)", "Bo (written in)"]);
    }
}
