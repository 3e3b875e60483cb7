//! The calls of a page: each takes the number of an object, a text and bytes.
//!
//! Credentials come as bytes and not in JSON, so that no copy of them is made on the way.

#[cfg(feature = "audit")]
use crate::audit::{Job, Known};
use crate::{
    ballots::{self, credential, text},
    choices,
    fault::{Fault, Result, read},
    form,
    given::{Expected, Heading, Published, parameters, style},
    look, mistakes,
    objects::{Object, Objects},
    opened,
};
use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use serde::Deserialize;
use serde_json::{Value, json};
use tabella::{
    Credential, Manifest,
    ballot::ElectionBundle,
    board::{self, AnyObject},
    rand_core::{CryptoRng, RngCore},
    roll::Registration,
};

/// What a call gives.
pub enum Given {
    Json(Value),
    Bytes(Vec<u8>),
}

impl From<Value> for Given {
    fn from(json: Value) -> Self {
        Self::Json(json)
    }
}

impl From<Vec<u8>> for Given {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Takes calls, with this source of random numbers.
pub struct Calls<R> {
    objects: Objects,
    rng: R,
}

/// What a call takes besides an object.
pub struct Taken {
    pub text: String,
    pub bytes: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfForm {
    style: String,
    language: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfChoices {
    ballot: Heading,
    choices: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfReceipt {
    receipt: String,
    fate: Option<String>,
    proof: Option<String>,
    #[serde(default)]
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfOpening {
    expect: Expected,
    choices: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfInclusion {
    proof: String,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfConsistency {
    older: String,
    newer: String,
    proof: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPublished {
    checkpoint: String,
    head: Published,
    proof: Option<String>,
}

impl<R: CryptoRng + RngCore> Calls<R> {
    pub fn new(rng: R) -> Self {
        Self { objects: Objects::default(), rng }
    }

    pub fn version(&mut self, _: u32, _: Taken) -> Result<Given> {
        Ok(Value::from(env!("CARGO_PKG_VERSION")).into())
    }

    pub fn free(&mut self, object: u32, _: Taken) -> Result<Given> {
        self.objects.free(object);
        Ok(Value::Null.into())
    }

    pub fn new_credential(&mut self, _: u32, _: Taken) -> Result<Given> {
        let credential = Credential::random(&mut self.rng).map_err(ballots::proving)?;
        Ok(credential.expose_text().as_bytes().to_vec().into())
    }

    pub fn voter_key(&mut self, _: u32, taken: Taken) -> Result<Given> {
        Ok(Value::from(credential(&taken.bytes)?.key().to_string()).into())
    }

    pub fn open_manifest(&mut self, _: u32, taken: Taken) -> Result<Given> {
        let hash = read("the manifest's hash", &taken.text)?;
        let manifest = Manifest::from_json(text(&taken.bytes)?);
        let manifest = manifest.map_err(|error| Fault::new("election", error))?;
        if manifest.hash() != hash {
            let found = manifest.hash();
            let message = format_args!("the manifest has the hash {found}; expected {hash}");
            return Err(Fault::new("election", message));
        }
        let json = of_manifest(&manifest)?;
        Ok(with(json, [("object", self.objects.add(Object::Plan(manifest))?.into())]).into())
    }

    pub fn open_bundle(&mut self, _: u32, taken: Taken) -> Result<Given> {
        let hash = read("the manifest's hash", &taken.text)?;
        let bundle = ElectionBundle::from_text(text(&taken.bytes)?, &hash, &mut self.rng);
        let bundle = bundle.map_err(|error| Fault::new("election", error))?;
        let (election, manifest) = (bundle.election().clone(), bundle.manifest());
        let checkpoint = look::of_bundle(manifest, bundle.checkpoint())?;
        let json = of_manifest(manifest)?;
        let object = self.objects.add(Object::Election(Box::new(election)))?;
        Ok(with(json, [("object", object.into()), ("checkpoint", checkpoint)]).into())
    }

    pub fn form(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfForm { style, language } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        Ok(form::form(manifest, &style, language.as_deref())?.into())
    }

    pub fn register(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let manifest = self.objects.manifest(object)?;
        let (credential, style) = (credential(&taken.bytes)?, style(manifest, &taken.text)?);
        let registration = credential.registration(manifest, style, &mut self.rng);
        let registration = registration.map_err(ballots::proving)?;
        Ok(Value::from(Registration::to_text(&[registration])).into())
    }

    pub fn check(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfChoices { ballot, choices } = parameters(&taken.text)?;
        let manifest = self.objects.election(object)?.manifest();
        let choices = choices::choices(manifest, &choices, ballot.weight()?)?;
        let style = style(manifest, &ballot.style)?;
        Ok(Value::from(mistakes::mistakes(manifest, style, &choices)).into())
    }

    pub fn encrypt(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfChoices { ballot, choices } = parameters(&taken.text)?;
        let credential = credential(&taken.bytes)?;
        let Self { objects, rng } = self;
        Ok(ballots::encrypt(objects, object, (&ballot, &choices), credential, rng)?.into())
    }

    pub fn cast(&mut self, object: u32, _: Taken) -> Result<Given> {
        Ok(ballots::cast(&mut self.objects, object)?.into())
    }

    pub fn spoil(&mut self, object: u32, _: Taken) -> Result<Given> {
        Ok(ballots::spoil(&mut self.objects, object, &mut self.rng)?.into())
    }

    pub fn request(&mut self, object: u32, _: Taken) -> Result<Given> {
        Ok(self.objects.spoiled(object)?.1.to_vec().into())
    }

    pub fn open_spoiled(&mut self, object: u32, taken: Taken) -> Result<Given> {
        Ok(ballots::open(&self.objects, object, &taken.text, &mut self.rng)?.into())
    }

    pub fn check_receipt(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfReceipt { receipt, fate, expect, .. } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        let expected = (expect.tracker()?, fate.as_deref());
        let receipt = look::receipt(manifest, &receipt, expected, &mut self.rng)?;
        Ok(look::receipt_json(&receipt).into())
    }

    pub fn check_receipt_inclusion(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfReceipt { receipt, proof, expect, .. } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        let receipt = look::receipt(manifest, &receipt, (None, None), &mut self.rng)?;
        let proof = proof.unwrap_or_default();
        Ok(look::receipt_inclusion(manifest, &receipt, &taken.bytes, &proof, &expect)?.into())
    }

    pub fn check_opening(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfOpening { expect, choices } = parameters(&taken.text)?;
        let election = self.objects.election(object)?;
        let (choices, rng) = (choices.as_ref(), &mut self.rng);
        Ok(opened::check(election, &taken.bytes, &expect, choices, rng)?.into())
    }

    pub fn check_ballot(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let expect = parameters(&taken.text)?;
        let election = self.objects.election(object)?;
        Ok(look::ballot(election, &taken.bytes, &expect, &mut self.rng)?.into())
    }

    pub fn check_checkpoint(&mut self, object: u32, taken: Taken) -> Result<Given> {
        Ok(look::checkpoint(self.objects.manifest(object)?, &taken.text)?.into())
    }

    pub fn check_inclusion(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfInclusion { proof, expect } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        Ok(look::inclusion(manifest, &taken.bytes, &proof, &expect)?.into())
    }

    pub fn check_consistency(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfConsistency { older, newer, proof } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        Ok(look::consistency(manifest, &older, &newer, proof.as_deref())?.into())
    }

    pub fn check_published(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let OfPublished { checkpoint, head, proof } = parameters(&taken.text)?;
        let manifest = self.objects.manifest(object)?;
        Ok(look::published(manifest, &checkpoint, head.head()?, proof.as_deref())?.into())
    }

    /// Objects, each after its length in four bytes, as text.
    pub fn to_text(&mut self, _: u32, taken: Taken) -> Result<Given> {
        let (mut objects, mut rest) = (Vec::new(), taken.bytes.as_slice());
        let cut = || Fault::argument("the list of objects is cut off");
        while !rest.is_empty() {
            let (length, behind) = rest.split_first_chunk().ok_or_else(cut)?;
            let length = u32::from_be_bytes(*length) as usize;
            let (object, behind) = behind.split_at_checked(length).ok_or_else(cut)?;
            let object = AnyObject::new(object.to_vec());
            objects.push(object.map_err(|error| Fault::new("bytes", error))?);
            rest = behind;
        }
        let text = board::to_text(&objects).map_err(|error| Fault::new("bytes", error))?;
        Ok(Value::from(text).into())
    }

    /// The same back.
    pub fn from_text(&mut self, _: u32, taken: Taken) -> Result<Given> {
        let objects = board::from_text(text(&taken.bytes)?);
        let objects = objects.map_err(|error| Fault::text("the messages", error))?;
        let framed = |object: Vec<u8>| {
            let length = (object.len() as u32).to_be_bytes();
            length.into_iter().chain(object).collect::<Vec<u8>>()
        };
        Ok(objects.into_iter().flat_map(framed).collect::<Vec<u8>>().into())
    }

    pub fn describe(&mut self, _: u32, taken: Taken) -> Result<Given> {
        Ok(look::describe(&taken.bytes)?.into())
    }
}

/// Those of an audit.
#[cfg(feature = "audit")]
impl<R: CryptoRng + RngCore> Calls<R> {
    pub fn audit(&mut self, _: u32, taken: Taken) -> Result<Given> {
        let known: Known = parameters(&taken.text)?;
        let object = self.objects.add(Object::Audit(Box::new(Job::new(&known)?)))?;
        Ok(json!({ "object": object }).into())
    }

    pub fn audit_add(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let job = self.objects.audit(object)?;
        job.add(&taken.text, taken.bytes)?;
        Ok(Value::from(job.entries()).into())
    }

    pub fn audit_advance(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let job = self.objects.audit(object)?;
        let (more, size) = job.advance(parameters(&taken.text)?, &mut self.rng)?;
        Ok(json!({ "more": more, "size": size }).into())
    }

    pub fn audit_report(&mut self, object: u32, taken: Taken) -> Result<Given> {
        let language: Option<String> = parameters(&taken.text)?;
        let job = self.objects.take_audit(object)?;
        Ok(job.report(language.as_deref(), &mut self.rng)?.into())
    }
}

fn of_manifest(manifest: &Manifest) -> Result<Value> {
    let json: Value = parameters(&manifest.to_json())?;
    Ok(json!({
        "hash": manifest.hash().to_string(),
        "languages": manifest.languages(),
        "manifest": json,
    }))
}

fn with<const N: usize>(mut json: Value, fields: [(&str, Value); N]) -> Value {
    if let Some(json) = json.as_object_mut() {
        json.extend(fields.into_iter().map(|(name, value)| (name.into(), value)));
    }
    json
}
