//! What stays here between calls, by number.

#[cfg(feature = "audit")]
use crate::audit::Job;
use crate::fault::{Fault, Result};
use alloc::{boxed::Box, collections::BTreeMap};
use tabella::{
    Credential, Election, Manifest,
    ballot::{SealedBallot, SpoiledBallot},
};

/// What a number stands for.
pub enum Object {
    Plan(Manifest),
    Election(Box<Election>),
    Sealed(Box<Sealed>),
    Spoiled {
        spoiled: Box<SpoiledBallot>,
        request: alloc::vec::Vec<u8>,
    },
    #[cfg(feature = "audit")]
    Audit(Box<Job>),
}

/// A ballot with what it takes to challenge the device.
pub struct Sealed {
    pub ballot: SealedBallot,
    pub credential: Credential,
    pub election: Election,
}

/// All objects. No number is used twice, so that one that is gone stands for nothing ever after.
#[derive(Default)]
pub struct Objects {
    objects: BTreeMap<u32, Object>,
    last: u32,
}

fn used() -> Fault {
    Fault::new("used", "this was cast, spoiled, reported on or freed before")
}

impl Objects {
    pub fn add(&mut self, object: Object) -> Result<u32> {
        self.last =
            self.last.checked_add(1).ok_or_else(|| Fault::new("failed", "too many objects"))?;
        self.objects.insert(self.last, object);
        Ok(self.last)
    }

    pub fn free(&mut self, number: u32) {
        self.objects.remove(&number);
    }

    pub fn manifest(&self, number: u32) -> Result<&Manifest> {
        match self.objects.get(&number) {
            Some(Object::Plan(manifest)) => Ok(manifest),
            Some(Object::Election(election)) => Ok(election.manifest()),
            _ => Err(used()),
        }
    }

    pub fn election(&self, number: u32) -> Result<&Election> {
        match self.objects.get(&number) {
            Some(Object::Election(election)) => Ok(election),
            _ => Err(used()),
        }
    }

    pub fn spoiled(&self, number: u32) -> Result<(&SpoiledBallot, &[u8])> {
        match self.objects.get(&number) {
            Some(Object::Spoiled { spoiled, request }) => Ok((spoiled, request)),
            _ => Err(used()),
        }
    }

    /// Takes the ballot out: whatever becomes of it, nothing else can.
    pub fn take_sealed(&mut self, number: u32) -> Result<Sealed> {
        match self.objects.remove(&number) {
            Some(Object::Sealed(sealed)) => Ok(*sealed),
            other => {
                self.put_back(number, other);
                Err(used())
            }
        }
    }

    #[cfg(feature = "audit")]
    pub fn audit(&mut self, number: u32) -> Result<&mut Job> {
        match self.objects.get_mut(&number) {
            Some(Object::Audit(job)) => Ok(job),
            _ => Err(used()),
        }
    }

    #[cfg(feature = "audit")]
    pub fn take_audit(&mut self, number: u32) -> Result<Job> {
        match self.objects.remove(&number) {
            Some(Object::Audit(job)) => Ok(*job),
            other => {
                self.put_back(number, other);
                Err(used())
            }
        }
    }

    fn put_back(&mut self, number: u32, other: Option<Object>) {
        other.map(|other| self.objects.insert(number, other));
    }
}
