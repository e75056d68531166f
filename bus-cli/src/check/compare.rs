//! Contracts against what they were.

use std::collections::BTreeMap;

use bus::Manifest;
use bus::contract::lock::{Lock, LockedVersion};
use bus::contract::{Change, ContractDescription, changes, order};

use super::report::Changed;
use crate::board::{Board, Does};
use crate::input::{Document, Source};

/// An input now and as it was.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The file, as findings name it.
    pub file: String,
    /// As it was; `None` where it was not there.
    pub old: Option<Source>,
    /// As it is; `None` where it is gone.
    pub new: Option<Source>,
}

/// Everything that changed and is felt. The board says who calls what changed.
pub fn compare(pairs: &[Pair], board: &Board) -> Vec<Changed> {
    let mut all = Vec::new();
    for pair in pairs {
        let Some(old) = &pair.old else { continue };
        match (&old.document, pair.new.as_ref().map(|new| &new.document)) {
            (Document::Lock(old), Some(Document::Lock(new))) => locks(pair, old, new, &mut all),
            (Document::Lock(old), None) => locks(pair, old, &no_versions(old), &mut all),
            (Document::Manifest(old), Some(Document::Manifest(new))) => manifests(pair, old, new, &mut all),
            (Document::Lock(old), Some(Document::Manifest(new))) => lock_and_manifest(pair, old, new, &mut all),
            // A program that is gone, or never said before what it is, breaks no contract by that.
            (Document::Manifest(_), _) => {}
        }
    }
    for changed in &mut all {
        let callers = board.contracts.iter().filter(|contract| contract.name == changed.contract);
        let callers = callers.flat_map(|contract| board.roles_of(&contract.id, Does::Calls));
        changed.callers = callers.map(|role| role.service.clone()).collect();
        changed.callers.dedup();
    }
    all
}

/// A lock without its versions: what a file is that was removed.
fn no_versions(lock: &Lock) -> Lock {
    let mut lock = lock.clone();
    lock.versions.clear();
    lock
}

fn living(lock: &Lock) -> impl Iterator<Item = &LockedVersion> {
    lock.versions.iter().filter(|version| !version.retired)
}

/// Every version that may run, by what was there, against the newest of those made with its features.
fn locks(pair: &Pair, old: &Lock, new: &Lock, all: &mut Vec<Changed>) {
    let retired = |number: u32| new.versions.iter().any(|version| version.version == number && version.retired);
    let mut newest: BTreeMap<&[String], &LockedVersion> = BTreeMap::new();
    for version in living(new) {
        let known = newest.entry(&version.features).or_insert(version);
        if version.version > known.version {
            *known = version;
        }
    }
    for was in living(old).filter(|version| !retired(version.version)) {
        let against = format!("version {}", was.version);
        match newest.get(was.features.as_slice()) {
            Some(is) => note(pair, &against, &was.contract, &is.contract, all),
            None => gone(pair, &against, &was.contract, all),
        }
    }
}

/// What a program serves, and what it calls, against what it did.
fn manifests(pair: &Pair, old: &Manifest, new: &Manifest, all: &mut Vec<Changed>) {
    let against = "the manifest";
    for was in &old.serves {
        match new.serves.iter().find(|is| is.name == was.name) {
            Some(is) => note(pair, against, was, is, all),
            None => gone(pair, against, was, all),
        }
    }
    for was in old.calls.iter().map(|called| &called.contract) {
        if let Some(is) = new.calls.iter().map(|called| &called.contract).find(|is| is.name == was.name) {
            note(pair, against, was, is, all);
        }
    }
}

/// What a program serves against what may be deployed of it.
fn lock_and_manifest(pair: &Pair, old: &Lock, new: &Manifest, all: &mut Vec<Changed>) {
    for was in living(old) {
        let served = new.serves.iter().chain(new.calls.iter().map(|called| &called.contract));
        if let Some(is) = served.into_iter().find(|is| is.name == was.contract.name) {
            note(pair, &format!("version {}", was.version), &was.contract, is, all);
        }
    }
}

fn note(pair: &Pair, against: &str, old: &ContractDescription, new: &ContractDescription, all: &mut Vec<Changed>) {
    let mut felt = changes(old, new);
    felt.retain(|change| !change.finding.outcome.is_harmless());
    // A new method is nothing that is felt: nobody calls it before there are servers.
    felt.retain(|change| old.method(&change.method).is_some() || change.method.is_empty());
    if !felt.is_empty() {
        all.push(changed(pair, against, &old.name, felt));
    }
}

/// A contract that is gone: the library's own words for its methods, which are gone with it.
fn gone(pair: &Pair, against: &str, old: &ContractDescription, all: &mut Vec<Changed>) {
    let mut empty = old.clone();
    empty.methods.clear();
    all.push(changed(pair, against, &old.name, changes(old, &empty)));
}

fn changed(pair: &Pair, against: &str, contract: &str, felt: Vec<Change>) -> Changed {
    let was = pair.old.as_ref().map_or("nothing", |old| old.name.as_str());
    Changed {
        contract: contract.to_owned(),
        file: pair.file.clone(),
        against: format!("{was}, {against}"),
        order: order(&felt),
        changes: felt,
        callers: Vec::new(),
    }
}
