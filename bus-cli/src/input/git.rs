//! What git has of a file at another commit.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::InputError;
use super::source::Source;
use super::text::{LARGEST, bounded};

/// A file as it was at a commit; `None` where it was not there.
///
/// # Errors
/// [`InputError::Git`] where there is no git, no repository or no such commit.
pub fn at(reference: &str, path: &Path) -> Result<Option<Source>, InputError> {
    let what = format!("{reference}:{}", path.display());
    let failed = |reason: String| InputError::Git { what: what.clone(), reason };
    // A name that begins with a dash would be an option.
    if reference.starts_with('-') || reference.is_empty() {
        return Err(failed("that is no name of a commit".to_owned()));
    }
    let (folder, file) = (path.parent().filter(|it| !it.as_os_str().is_empty()), path.file_name());
    let Some(file) = file.and_then(|file| file.to_str()) else {
        return Err(failed("it is no file".to_owned()));
    };
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).stdin(Stdio::null());
        // git takes a path from the folder that it is asked in.
        command.current_dir(folder.filter(|folder| folder.is_dir()).unwrap_or(Path::new(".")));
        command
    };
    let known = git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{reference}^{{commit}}")])
        .output()
        .map_err(|cause| failed(cause.to_string()))?;
    if !known.status.success() {
        let said = String::from_utf8_lossy(&known.stderr).trim().to_owned();
        let said = if said.is_empty() { "there is no such commit here".to_owned() } else { said };
        return Err(failed(said));
    }
    let mut child = git(&["show", "--end-of-options", &format!("{reference}:./{file}")])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|cause| failed(cause.to_string()))?;
    let text = child.stdout.take().map(|out| bounded(&what, out, LARGEST));
    if matches!(text, Some(Err(_))) {
        // What is too large is not waited for.
        let _ = child.kill();
    }
    let ended = child.wait().map_err(|cause| failed(cause.to_string()))?;
    match text {
        Some(Err(error)) => Err(error),
        Some(Ok(text)) if ended.success() => Source::read(&what, &text).map(Some),
        _ => Ok(None),
    }
}

/// The files of all `bus.lock` folders below this one, as they were at a commit.
///
/// # Errors
/// As [`at`].
pub fn locks_at(reference: &str) -> Result<Vec<PathBuf>, InputError> {
    let failed = |reason: String| InputError::Git { what: format!("the locks of {reference}"), reason };
    let mut child = Command::new("git")
        .args(["ls-tree", "-r", "-z", "--name-only", "--end-of-options", &format!("{reference}^{{commit}}")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|cause| failed(cause.to_string()))?;
    let names = child.stdout.take().map(|out| bounded("the names of git", out, LARGEST));
    if matches!(names, Some(Err(_))) {
        let _ = child.kill();
    }
    let ended = child.wait().map_err(|cause| failed(cause.to_string()))?;
    let names = names.transpose()?.unwrap_or_default();
    if !ended.success() {
        return Err(failed("there is no such commit here".to_owned()));
    }
    let locks = names.split('\0').map(PathBuf::from).filter(|path| {
        let folder = path.parent().and_then(Path::file_name);
        folder.is_some_and(|folder| folder == "bus.lock") && path.extension().is_some_and(|kind| kind == "json")
    });
    Ok(locks.take(super::MOST_INPUTS).collect())
}
