//! What is thrown: a code for programs, and a sentence for people.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Display;
use serde_json::{Value, json};

/// Why a call gives nothing. The codes are those of `ErrorCode` in `npm/index.d.ts`.
#[derive(Debug)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
    /// With the code `rules`, each as `Mistake` in `npm/index.d.ts`.
    pub mistakes: Vec<Value>,
    /// With the code `fork`.
    pub evidence: Option<String>,
}

/// What a call gives, or why it does not.
pub type Result<T> = core::result::Result<T, Fault>;

impl Fault {
    pub fn new(code: &'static str, message: impl Display) -> Self {
        Self { code, message: message.to_string(), mistakes: Vec::new(), evidence: None }
    }

    /// The call was made in another way than it can be.
    pub fn argument(message: impl Display) -> Self {
        Self::new("argument", message)
    }

    /// What was given as `name` is not what it should be.
    pub fn text(name: &str, error: impl Display) -> Self {
        Self::new("text", format_args!("{name}: {error}"))
    }

    pub fn randomness() -> Self {
        Self::new("randomness", "the system gave no random numbers")
    }

    pub fn json(&self) -> Value {
        let Self { code, message, mistakes, evidence } = self;
        let mut json = json!({ "code": code, "message": message });
        if let Some(fields) = json.as_object_mut() {
            if !mistakes.is_empty() {
                fields.insert("mistakes".into(), mistakes.as_slice().into());
            }
            if let Some(evidence) = evidence {
                fields.insert("evidence".into(), evidence.as_str().into());
            }
        }
        json
    }
}

/// Reads a text, and says what it should have been.
pub fn read<T: core::str::FromStr<Err: Display>>(name: &str, text: &str) -> Result<T> {
    text.parse().map_err(|error| Fault::text(name, error))
}
