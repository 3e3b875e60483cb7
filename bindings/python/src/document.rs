//! A manifest that somebody wrote, made one of an election in this process: with keys whose secrets are here.

use crate::error::{mistaken, other};
use pyo3::{
    Bound, FromPyObject, PyAny, PyResult,
    exceptions::{PyTypeError, PyValueError},
    types::{PyAnyMethods, PyModule, PyString},
};
use rand_core::OsRng;
use serde_json::{Value, json};
use std::slice;
use tabella::{AuthorSecret, Manifest, log::checkpoint::LogSecret};

/// Trustees: how many, or their names.
#[derive(FromPyObject)]
pub enum Trustees {
    Many(u16),
    Named(Vec<String>),
}

/// A manifest, and all secrets of its operator, its trustees and its log.
pub struct Secrets {
    pub manifest: Manifest,
    pub operator: AuthorSecret,
    pub trustees: Vec<AuthorSecret>,
    pub log: LogSecret,
}

/// JSON, or a dict that is written as JSON.
pub fn text(manifest: &Bound<'_, PyAny>) -> PyResult<String> {
    if manifest.is_instance_of::<PyString>() {
        return manifest.extract();
    }
    let json = PyModule::import(manifest.py(), "json")?;
    let text = json.call_method1("dumps", (manifest,));
    text.map_err(|error| PyTypeError::new_err(format!("the manifest: {error}")))?.extract()
}

impl Secrets {
    /// Fills in what the manifest leaves out, and replaces all keys.
    pub fn new(text: &str, trustees: Option<Trustees>, threshold: Option<u16>) -> PyResult<Self> {
        let random = || AuthorSecret::random(&mut OsRng).map_err(other);
        let (operator, log) = (random()?, LogSecret::random(&mut OsRng).map_err(other)?);
        let mut secrets = Vec::new();
        let read = |text: &str| Manifest::from_json(text).map_err(|error| mistaken(&error));
        let mut document = match serde_json::from_str(text) {
            Ok(Value::Object(document)) => document,
            // The crate says what is wrong, and where.
            _ => return Err(read(text).map_or_else(|error| error, |_| other("no manifest"))),
        };
        document.entry("version").or_insert(json!(1));
        document.insert("operator".into(), json!(operator.public().to_string()));
        document.insert("log".into(), json!({ "key": log.public().to_string() }));
        if document.contains_key("trustees") {
            if trustees.is_some() || threshold.is_some() {
                let twice =
                    "trustees, threshold: the manifest has its trustees, and says how many open";
                return Err(PyValueError::new_err(twice));
            }
        } else {
            let names = match trustees.unwrap_or(Trustees::Many(3)) {
                Trustees::Many(number) => (1..=number).map(|n| format!("trustee {n}")).collect(),
                Trustees::Named(names) => names,
            };
            let most = threshold.map_or(names.len() / 2 + 1, usize::from);
            document.entry("threshold").or_insert(json!(most));
            let names: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
            document.insert("trustees".into(), json!(names));
        }
        for item in document.get_mut("trustees").and_then(Value::as_array_mut).into_iter().flatten()
        {
            let members = match item.get_mut("members").map(|members| members.as_array_mut()) {
                Some(members) => members.map_or(&mut [][..], Vec::as_mut_slice),
                None => slice::from_mut(item),
            };
            for trustee in members.iter_mut().filter_map(Value::as_object_mut) {
                let secret = random()?;
                trustee.insert("key".into(), json!(secret.public().to_string()));
                secrets.push(secret);
            }
        }
        let manifest = read(&Value::Object(document).to_string())?;
        Ok(Self { manifest, operator, trustees: secrets, log })
    }
}
