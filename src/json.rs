//! JSON as a tree that is read with the path of each value at hand, so that every mistake says where it is.

use crate::{
    mistake::{ManifestError, Mistakes},
    text::Text,
};
use alloc::{
    boxed::Box,
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::{cell::RefCell, fmt, mem};
use serde::{
    Serialize, Serializer,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::error::Category;

/// A value.
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// Any other number, as text.
    Number(String),
    Text(String),
    /// A text in each language, which [`in_languages`](Self::in_languages) names.
    Texts(Vec<String>),
    List(Vec<Json>),
    /// Fields in their order, each once.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads JSON text. What is not JSON at all has its line and column as value.
    pub(crate) fn read(text: &str) -> Result<Self, ManifestError> {
        let path = RefCell::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        let tree = Tree { path: &path, step: String::new() }.deserialize(&mut reader);
        tree.and_then(|tree| reader.end().map(|()| tree)).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            let expected = match error.classify() {
                // The only thing that is refused here.
                Category::Data => TWICE.into(),
                _ => format!("well-formed JSON: {error}"),
            };
            mistake(&path.borrow(), place, expected)
        })
    }

    /// An object with those of these fields that are there.
    pub(crate) fn object<const N: usize>(fields: [(&str, Option<Self>); N]) -> Self {
        let fields = fields.into_iter().filter_map(|(name, value)| Some((name.into(), value?)));
        Self::Object(fields.collect())
    }

    /// A list.
    pub(crate) fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The same with the languages of each text named.
    pub(crate) fn in_languages(self, languages: &[String]) -> Self {
        match self {
            Self::Texts(texts) => {
                let texts = texts.into_iter().map(Self::Text);
                Self::Object(languages.iter().cloned().zip(texts).collect())
            }
            Self::List(items) => {
                Self::list(items.into_iter().map(|item| item.in_languages(languages)))
            }
            Self::Object(fields) => {
                let fields = fields.into_iter();
                Self::Object(fields.map(|(name, of)| (name, of.in_languages(languages))).collect())
            }
            other => other,
        }
    }

    /// The word that stands for a value.
    pub(crate) fn word<T: PartialEq>(words: &[(&str, T)], value: &T) -> Self {
        let word = words.iter().find(|(_, of)| of == value);
        word.map_or(Self::Null, |(word, _)| (*word).into())
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Whole(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<&Text> for Json {
    fn from(text: &Text) -> Self {
        match text.strings() {
            [one] => one.as_str().into(),
            each => Self::Texts(each.to_vec()),
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Whole(number) => serializer.serialize_u64(*number),
            Self::Number(text) | Self::Text(text) => serializer.serialize_str(text),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(fields) => {
                let mut object = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, value)| object.serialize_entry(name, value))?;
                object.end()
            }
        }
    }
}

/// What stands there instead, briefly.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Whole(number) => number.fmt(f),
            Self::Number(text) | Self::Text(text) => f.write_str(text),
            Self::List(_) | Self::Texts(_) => f.write_str("a list"),
            Self::Object(_) => f.write_str("a map"),
        }
    }
}

/// A value and its path, which is empty for the whole, in a document with texts in these languages.
pub(crate) struct At<'j> {
    path: String,
    json: &'j Json,
    languages: &'j [String],
}

impl<'j> At<'j> {
    pub(crate) fn whole(json: &'j Json, languages: &'j [String]) -> Self {
        Self { path: String::new(), json, languages }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A mistake that stands there.
    pub(crate) fn wrong<T>(&self, expected: impl fmt::Display) -> Result<T, ManifestError> {
        Err(mistake(&self.path, self.json, expected))
    }

    pub(crate) fn text(&self) -> Result<&'j str, ManifestError> {
        match self.json {
            Json::Text(text) => Ok(text),
            _ => self.wrong("text in quotes"),
        }
    }

    pub(crate) fn bool(&self) -> Result<bool, ManifestError> {
        match self.json {
            Json::Bool(value) => Ok(*value),
            _ => self.wrong("true or false"),
        }
    }

    /// A number of any of the types `u8`, `u16` and `u32`.
    pub(crate) fn number<T: TryFrom<u64>>(&self) -> Result<T, ManifestError> {
        let number = match self.json {
            Json::Whole(number) => T::try_from(*number).ok(),
            _ => None,
        };
        match number {
            Some(number) => Ok(number),
            None => {
                let most = u64::MAX >> (u64::BITS as usize - 8 * mem::size_of::<T>());
                self.wrong(format_args!("a whole number from 0 to {most}"))
            }
        }
    }

    /// What one of these words stands for.
    pub(crate) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, ManifestError> {
        let is_meant =
            |(word, _): &&(&str, T)| matches!(self.json, Json::Text(text) if text == word);
        match words.iter().find(is_meant) {
            Some((_, meant)) => Ok(*meant),
            None => self.wrong(one_of(words.iter().map(|(word, _)| *word))),
        }
    }

    pub(crate) fn list(&self) -> Result<Vec<At<'j>>, ManifestError> {
        let Json::List(items) = self.json else { return self.wrong("a list in square brackets") };
        let languages = self.languages;
        let at = |(i, json)| At { path: format!("{}[{i}]", self.path), json, languages };
        Ok(items.iter().enumerate().map(at).collect())
    }

    /// A text in each language.
    pub(crate) fn translated(&self, mistakes: &mut Mistakes) -> Text {
        let expected = "text in quotes, or an object with it in each of the 'languages'";
        match self.json {
            Json::Text(text) => text.into(),
            Json::Object(_) if !self.languages.is_empty() => {
                let languages: Vec<&str> = self.languages.iter().map(String::as_str).collect();
                let fields = self.fields(&languages, mistakes);
                // Something of its own stands in the place of what is missing.
                let texts = languages.iter().map(|language| {
                    let text = fields.need(language).and_then(|text| text.text().map(Some));
                    mistakes.take(text).unwrap_or(&self.path)
                });
                Text::each(texts)
            }
            // Which languages there should be is not known.
            Json::Object(_) if mistakes.at("languages") => Text::from(&self.path),
            _ => {
                mistakes.take::<()>(self.wrong(expected));
                Text::from(&self.path)
            }
        }
    }

    /// Text, or else the fields of an object that has no others than these.
    pub(crate) fn text_or_fields(
        &self,
        names: &[&str],
        mistakes: &mut Mistakes,
    ) -> Result<&'j str, Fields<'j>> {
        match self.json {
            Json::Text(text) => Ok(text),
            Json::Object(_) => Err(self.fields(names, mistakes)),
            _ => Ok(mistakes.take(self.wrong("text in quotes or an object in braces"))),
        }
    }

    /// A list of texts.
    pub(crate) fn texts(&self) -> Result<Vec<String>, ManifestError> {
        let mut mistakes = Mistakes::default();
        let texts = self.list()?;
        let texts = texts.iter().map(|item| mistakes.take(item.text()).into()).collect();
        mistakes.end().map(|()| texts)
    }

    /// A field of an object, if it is there.
    pub(crate) fn field(&self, name: &str) -> Option<At<'j>> {
        let Json::Object(fields) = self.json else { return None };
        let (path, languages) = (self.path.clone(), self.languages);
        Fields { path, fields, unknown: None, languages }.optional(name)
    }

    /// The fields of an object that has no others than these; none if it is no object.
    pub(crate) fn fields(&self, names: &[&str], mistakes: &mut Mistakes) -> Fields<'j> {
        let (path, languages) = (self.path.clone(), self.languages);
        let Json::Object(fields) = self.json else {
            mistakes.take::<()>(self.wrong("an object in braces"));
            return Fields { path, fields: &[], unknown: None, languages };
        };
        let unknown = fields.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        let expected = one_of(names.iter().copied());
        let mut unknown =
            unknown.map(|(name, _)| mistake(&join(&self.path, name), name, &expected)).peekable();
        let first = unknown.peek().cloned().map(Box::new);
        unknown.for_each(|unknown| mistakes.add(unknown));
        Fields { path, fields, unknown: first, languages }
    }
}

/// The fields of an object.
pub(crate) struct Fields<'j> {
    path: String,
    fields: &'j [(String, Json)],
    /// A field that should not be there. What is missing may be meant by it.
    unknown: Option<Box<ManifestError>>,
    languages: &'j [String],
}

impl<'j> Fields<'j> {
    /// Whether all fields are known.
    pub(crate) fn are_known(&self) -> bool {
        self.unknown.is_none()
    }

    /// A field, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<At<'j>> {
        let (_, json) = self.fields.iter().find(|(field, _)| field == name)?;
        Some(At { path: join(&self.path, name), json, languages: self.languages })
    }

    /// A field, if it is there and not `null`.
    pub(crate) fn optional(&self, name: &str) -> Option<At<'j>> {
        self.get(name).filter(|at| !matches!(at.json, Json::Null))
    }

    /// A field that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<At<'j>, ManifestError> {
        self.get(name).ok_or_else(|| {
            let path = join(&self.path, name);
            match self.unknown.as_deref() {
                Some(unknown) => unknown.clone().instead_of(path),
                None => mistake(&path, "", "this field"),
            }
        })
    }

    /// A text that may be left out, in each language.
    pub(crate) fn translated(&self, name: &str, mistakes: &mut Mistakes) -> Option<Text> {
        self.optional(name).map(|text| text.translated(mistakes))
    }

    /// The items of a list that may be left out.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<At<'j>>, ManifestError> {
        self.get(name).map_or_else(|| Ok(Vec::new()), |at| at.list())
    }
}

const TWICE: &str = "this field only once";

fn mistake(path: &str, value: impl fmt::Display, expected: impl fmt::Display) -> ManifestError {
    ManifestError::new(if path.is_empty() { "the manifest" } else { path }, value, expected)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    format!("one of {}", words.join(", "))
}

/// A value that is about to be read one step below `path`. The path of a value that cannot be read stays.
struct Tree<'p> {
    path: &'p RefCell<String>,
    step: String,
}

/// The field in which serde_json gives numbers as text, if another crate turns on its feature `arbitrary_precision`.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        let Self { path, step } = self;
        let length = path.borrow().len();
        path.borrow_mut().push_str(&step);
        let json = reader.deserialize_any(Values(path))?;
        path.borrow_mut().truncate(length);
        Ok(json)
    }
}

impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree { path: &RefCell::default(), step: String::new() }.deserialize(deserializer)
    }
}

struct Values<'p>(&'p RefCell<String>);

impl<'de> Visitor<'de> for Values<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(format!("{number:?}")))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        loop {
            let step = format!("[{}]", items.len());
            match list.next_element_seed(Tree { path: self.0, step })? {
                Some(item) => items.push(item),
                None => return Ok(Json::List(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let (mut fields, mut known) = (Vec::new(), BTreeSet::new());
        while let Some(name) = object.next_key::<String>()? {
            let path = join(&self.0.borrow(), &name);
            if !known.insert(name.clone()) {
                self.0.replace(path);
                return Err(A::Error::custom(TWICE));
            }
            let step = path.get(self.0.borrow().len()..).unwrap_or_default().into();
            let value = object.next_value_seed(Tree { path: self.0, step })?;
            fields.push((name, value));
        }
        match fields.as_slice() {
            [(name, Json::Text(text))] if name == NUMBER => {
                let whole = text.parse().map(Json::Whole);
                Ok(whole.unwrap_or_else(|_| Json::Number(text.clone())))
            }
            _ => Ok(Json::Object(fields)),
        }
    }
}
