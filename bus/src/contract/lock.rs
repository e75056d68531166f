//! The lock of a contract: the versions that may be deployed, kept in git beside the crate.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::changes::{Change, changes, order};
use super::{Contract, ContractDescription};

/// The folder of locks, beside a crate's manifest.
const FOLDER: &str = "bus.lock";

/// The variable that appends what has changed.
const UPDATE: &str = "BUS_UPDATE_LOCK";

/// How many files are looked through for a trait, and how deep folders may be.
const MOST_FILES: usize = 10_000;
const DEEPEST: usize = 32;

/// A file of a [`bus.lock`](check) folder: the versions of one contract, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Lock {
    /// The versions.
    pub versions: Vec<LockedVersion>,
}

/// A version of a contract that may be deployed somewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LockedVersion {
    /// Its number, from 1.
    pub version: u32,
    /// Whether it is deployed nowhere any more, so that nothing has to get on with it. Set by hand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retired: bool,
    /// The cargo features that the trait asks for and that were on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// The contract, without documentation.
    pub contract: ContractDescription,
}

/// Why a contract is not as its lock wants it. Its `Debug` is its `Display`, for a test prints that.
#[non_exhaustive]
pub enum LockError {
    /// There are locks, and this contract has none.
    Missing {
        /// The file that is missing.
        file: PathBuf,
    },
    /// A lock belongs to no trait of the crate.
    Stray {
        /// The file.
        file: PathBuf,
    },
    /// A file cannot be read, written or understood.
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        reason: String,
    },
    /// What may be deployed would not get on with the contract.
    Breaks {
        /// The file.
        file: PathBuf,
        /// For each version that it would not get on with, the changes that are felt.
        versions: Vec<(u32, Vec<Change>)>,
    },
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { file } => {
                write!(f, "{} is missing: `{UPDATE}=1 cargo test` writes it; commit it", file.display())
            }
            Self::Stray { file } => write!(
                f,
                "{} belongs to no trait under `#[bus::request]` in this crate: remove the file, or bring the trait back",
                file.display()
            ),
            Self::File { file, reason } => write!(f, "{}: {reason}", file.display()),
            Self::Breaks { file, versions } => {
                writeln!(f, "the contract does not get on with what may be deployed ({}):", file.display())?;
                for (version, changes) in versions {
                    writeln!(f, "\n  version {version}: {}", order(changes))?;
                    for change in changes {
                        writeln!(f, "    {change}")?;
                    }
                }
                write!(
                    f,
                    "\ntake the change back, make it one that is safe (docs/contracts.md), or add a method beside the old one; \
                     where it is meant, deploy in that order, append it with `{UPDATE}=1 cargo test`, and write \
                     `\"retired\": true` into each version that runs nowhere any more"
                )
            }
        }
    }
}

impl fmt::Debug for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f)?;
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for LockError {}

/// Checks a contract against `bus.lock/<Trait>.json` beside the manifest of its crate. The test that
/// `#[bus::request]` makes of each trait calls this.
///
/// Nothing is checked until the folder exists; from then on every contract of the crate needs its
/// file. The contract must get on with every version there that is not retired and was made with the
/// same cargo features. With `BUS_UPDATE_LOCK=1` a contract that is not the last version is appended.
///
/// # Errors
/// [`LockError`], whose text says what to do.
pub fn check(contract: &Contract, manifest: &Path, features: &[(&str, bool)]) -> Result<(), LockError> {
    let update = std::env::var_os(UPDATE).is_some_and(|value| value == "1");
    check_or_update(contract, manifest, features, update)
}

/// Called by the test that `#[bus::request]` makes: outside cargo there is no manifest, and no lock.
#[doc(hidden)]
pub fn check_lock(contract: &Contract, manifest: Option<&str>, features: &[(&str, bool)]) -> Result<(), LockError> {
    manifest.map_or(Ok(()), |manifest| check(contract, Path::new(manifest), features))
}

fn check_or_update(
    contract: &Contract,
    manifest: &Path,
    features: &[(&str, bool)],
    update: bool,
) -> Result<(), LockError> {
    let folder = manifest.join(FOLDER);
    if !folder.is_dir() {
        return Ok(());
    }
    strays(&folder, manifest)?;
    let file = folder.join(format!("{}.json", contract.name()));
    let mut features: Vec<String> = features.iter().filter(|(_, on)| *on).map(|(name, _)| (*name).to_owned()).collect();
    features.sort_unstable();
    features.dedup();
    let current = without_docs(contract.describe());
    let mut lock = match read(&file)? {
        Some(lock) => lock,
        None if update => Lock { versions: Vec::new() },
        None => return Err(LockError::Missing { file }),
    };
    let mut same = lock.versions.iter().filter(|version| version.features == features);
    if update
        && same.next_back().is_none_or(|last| last.retired || unversioned(&last.contract) != unversioned(&current))
    {
        let version = lock.versions.iter().map(|version| version.version).max().unwrap_or(0).saturating_add(1);
        lock.versions.push(LockedVersion {
            version,
            retired: false,
            features: features.clone(),
            contract: current.clone(),
        });
        write(&file, &lock)?;
    }
    let deployed = lock.versions.iter().filter(|version| !version.retired && version.features == features);
    let versions: Vec<(u32, Vec<Change>)> = deployed
        .map(|version| {
            let mut felt = changes(&version.contract, &current);
            felt.retain(|change| !change.finding.outcome.is_harmless());
            // A new method is nothing that is felt: nobody calls it before there are servers.
            felt.retain(|change| version.contract.method(&change.method).is_some() || change.method.is_empty());
            (version.version, felt)
        })
        .filter(|(_, felt)| !felt.is_empty())
        .collect();
    if versions.is_empty() { Ok(()) } else { Err(LockError::Breaks { file, versions }) }
}

/// Documentation is for people: it changes nothing that is under way.
fn without_docs(mut contract: ContractDescription) -> ContractDescription {
    contract.docs.clear();
    contract.methods.iter_mut().for_each(|method| method.docs.clear());
    contract
}

/// The version of a package changes with every release.
fn unversioned(contract: &ContractDescription) -> ContractDescription {
    ContractDescription { version: String::new(), ..contract.clone() }
}

fn read(file: &Path) -> Result<Option<Lock>, LockError> {
    let wrong = |reason: String| LockError::File { file: file.to_owned(), reason };
    match std::fs::read_to_string(file) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|cause| wrong(format!("is no lock: {cause}"))),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(wrong(format!("cannot be read: {cause}"))),
    }
}

fn write(file: &Path, lock: &Lock) -> Result<(), LockError> {
    let wrong = |reason: String| LockError::File { file: file.to_owned(), reason };
    let text = serde_json::to_string_pretty(lock).map_err(|cause| wrong(cause.to_string()))?;
    std::fs::write(file, text + "\n").map_err(|cause| wrong(format!("cannot be written: {cause}")))
}

/// A lock without its trait guards nothing, and nobody would notice.
fn strays(folder: &Path, manifest: &Path) -> Result<(), LockError> {
    let wrong = |reason: String| LockError::File { file: folder.to_owned(), reason };
    let mut wanted: Vec<(String, PathBuf)> = std::fs::read_dir(folder)
        .map_err(|cause| wrong(format!("cannot be read: {cause}")))?
        .filter_map(|entry| {
            let file = entry.ok()?.path();
            let name = file.file_name()?.to_str()?.strip_suffix(".json")?.to_owned();
            Some((name, file))
        })
        .collect();
    wanted.sort();
    let mut sources = Sources { open: vec![(manifest.to_owned(), 0)], files: 0 };
    while !wanted.is_empty() {
        match sources.next() {
            Some(text) => wanted.retain(|(name, _)| !defines(&text, name)),
            None => break,
        }
    }
    match wanted.into_iter().next() {
        Some((_, file)) => Err(LockError::Stray { file }),
        None => Ok(()),
    }
}

/// Whether a source defines a trait of this name.
fn defines(source: &str, name: &str) -> bool {
    source.match_indices("trait").any(|(at, word)| {
        let rest = source[at + word.len()..].trim_start();
        rest.strip_prefix("r#")
            .unwrap_or(rest)
            .strip_prefix(name)
            .is_some_and(|after| !after.starts_with(|next: char| next.is_alphanumeric() || next == '_'))
    })
}

/// The Rust sources of a crate, one after another.
struct Sources {
    open: Vec<(PathBuf, usize)>,
    files: usize,
}

impl Sources {
    fn next(&mut self) -> Option<String> {
        while let Some((path, depth)) = self.open.pop() {
            if path.is_dir() {
                let within = depth < DEEPEST && !path.join("CACHEDIR.TAG").is_file();
                for entry in std::fs::read_dir(&path).into_iter().filter(|_| within).flatten().flatten() {
                    self.open.push((entry.path(), depth + 1));
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") && self.files < MOST_FILES {
                self.files += 1;
                if let Ok(text) = std::fs::read_to_string(&path) {
                    return Some(text);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
