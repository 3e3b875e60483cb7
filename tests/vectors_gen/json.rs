//! JSON whose names keep their order, laid out for people to read.

use std::fmt::Write;

/// A value. Numbers are integers, bytes are hexadecimal digits.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(i128),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// The most columns of a value on one line.
const WIDTH: usize = 120;

/// An object of these names and values.
macro_rules! object {
    ($($name:expr => $value:expr),* $(,)?) => {
        $crate::vectors_gen::json::Json::Object(vec![
            $(($name.to_string(), $crate::vectors_gen::json::Json::from($value))),*
        ])
    };
}
pub(crate) use object;

/// Bytes.
pub fn hex(bytes: impl AsRef<[u8]>) -> Json {
    Json::Text(hex::encode(bytes))
}

/// A list of bytes.
pub fn hexes<B: AsRef<[u8]>>(list: impl IntoIterator<Item = B>) -> Json {
    Json::List(list.into_iter().map(hex).collect())
}

/// A list of values.
pub fn list<J: Into<Json>>(list: impl IntoIterator<Item = J>) -> Json {
    Json::List(list.into_iter().map(Into::into).collect())
}

impl Json {
    /// The value of this name.
    pub fn get(&self, name: &str) -> &Self {
        let Self::Object(fields) = self else { panic!("{name} of what is no object") };
        let found = fields.iter().find(|(found, _)| found == name);
        &found.unwrap_or_else(|| panic!("no {name}")).1
    }

    /// The items of a list.
    pub fn items(&self) -> &[Self] {
        let Self::List(items) = self else { panic!("no list") };
        items
    }

    /// A text as it is, or a number.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.to_string().trim_end().into(),
        }
    }

    fn one_line(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => write!(out, "{value}").unwrap(),
            Self::Number(value) => write!(out, "{value}").unwrap(),
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    item.one_line(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (i, (name, value)) in fields.iter().enumerate() {
                    out.push_str(if i == 0 { "" } else { ", " });
                    quote(name, out);
                    out.push_str(": ");
                    value.one_line(out);
                }
                out.push('}');
            }
        }
    }

    fn write(&self, indent: usize, out: &mut String) {
        let mut line = String::new();
        self.one_line(&mut line);
        if indent + line.len() <= WIDTH {
            return out.push_str(&line);
        }
        let (brackets, items): (_, Vec<(Option<&str>, &Self)>) = match self {
            Self::List(items) => (["[", "]"], items.iter().map(|item| (None, item)).collect()),
            Self::Object(fields) => (
                ["{", "}"],
                fields.iter().map(|(name, item)| (Some(name.as_str()), item)).collect(),
            ),
            _ => return out.push_str(&line),
        };
        out.push_str(brackets[0]);
        for (i, (name, item)) in items.into_iter().enumerate() {
            out.push_str(if i == 0 { "\n" } else { ",\n" });
            out.push_str(&" ".repeat(indent + 2));
            if let Some(name) = name {
                quote(name, out);
                out.push_str(": ");
            }
            item.write(indent + 2, out);
        }
        out.push('\n');
        out.push_str(&" ".repeat(indent));
        out.push_str(brackets[1]);
    }
}

/// Text without control characters but line feeds.
fn quote(text: &str, out: &mut String) {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    write!(out, "\"{text}\"").unwrap();
}

impl std::fmt::Display for Json {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = String::new();
        self.write(0, &mut out);
        writeln!(f, "{out}")
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<J: Into<Json>> From<Vec<J>> for Json {
    fn from(items: Vec<J>) -> Self {
        list(items)
    }
}

impl<J: Into<Json>> From<Option<J>> for Json {
    fn from(value: Option<J>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl From<$number> for Json {
            fn from(value: $number) -> Self {
                Self::Number(value as i128)
            }
        })*
    };
}
numbers!(u8, u16, u32, u64, usize, i64, i32);
