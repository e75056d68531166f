//! What the command reads: manifests of programs and locks of contracts, all of it bounded.

mod error;
mod git;
mod program;
mod source;
mod text;

use std::path::{Path, PathBuf};

pub use self::error::InputError;
pub use self::git::{at as at_commit, locks_at as locks_at_commit};
pub use self::program::manifest_of;
pub use self::source::{Document, Source};
pub use self::text::LARGEST;

/// How many inputs are read at most.
pub const MOST_INPUTS: usize = 4_096;

/// How deep a folder is looked through for locks.
const DEEPEST: usize = 16;

/// All that a board is made of.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Material {
    /// The inputs, in the order in which they were named.
    pub sources: Vec<Source>,
}

impl Material {
    /// These inputs.
    pub fn of(sources: Vec<Source>) -> Self {
        Self { sources }
    }

    /// Whether there is any manifest, so that it is known who calls and who serves.
    pub fn has_manifests(&self) -> bool {
        self.sources.iter().any(|source| matches!(source.document, Document::Manifest(_)))
    }
}

/// Reads files; of a folder, the JSON files in it.
///
/// # Errors
/// [`InputError`] for the first that cannot be read.
pub fn files(paths: &[PathBuf]) -> Result<Vec<Source>, InputError> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(json_in(path)?);
        } else {
            found.push(path.clone());
        }
        if found.len() > MOST_INPUTS {
            return Err(InputError::TooMany { limit: MOST_INPUTS });
        }
    }
    found.iter().map(|path| Source::read(&path.display().to_string(), &text::file(path)?)).collect()
}

/// The JSON files of a folder, by name.
fn json_in(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let failed = |cause| InputError::File { name: folder.display().to_string(), cause };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|kind| kind == "json") {
            found.push(path);
        }
        if found.len() > MOST_INPUTS {
            return Err(InputError::TooMany { limit: MOST_INPUTS });
        }
    }
    found.sort();
    Ok(found)
}

/// The files of all `bus.lock` folders below a folder. What cargo builds is not looked through.
///
/// # Errors
/// [`InputError::TooMany`] where there are more than [`MOST_INPUTS`].
pub fn locks_below(folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    let (mut open, mut found) = (vec![(folder.to_owned(), 0)], Vec::new());
    while let Some((folder, depth)) = open.pop() {
        if folder.file_name().is_some_and(|name| name == "bus.lock") {
            found.extend(json_in(&folder)?);
            if found.len() > MOST_INPUTS {
                return Err(InputError::TooMany { limit: MOST_INPUTS });
            }
            continue;
        }
        let hidden = depth > 0 && folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden || depth > DEEPEST || folder.join("CACHEDIR.TAG").is_file() {
            continue;
        }
        // A folder that may not be read holds no lock that a build could use.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}
