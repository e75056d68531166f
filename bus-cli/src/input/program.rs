//! Programs that are asked for their manifests.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::error::InputError;
use super::source::Source;
use super::text::{LARGEST, bounded};

/// How often it is looked whether a program has ended, once its output has.
const TURN: Duration = Duration::from_millis(5);

/// How much of what a program complained of is told.
const COMPLAINT: u64 = 4096;

/// Starts a program with `BUS_DESCRIBE=json` and reads the manifest that it prints. No broker is passed
/// on to it, and it is stopped where it takes longer than the bound.
///
/// # Errors
/// [`InputError::Program`] and [`InputError::Slow`], and those of [`Source::read`].
pub fn manifest_of(program: &Path, limit: Duration) -> Result<Source, InputError> {
    let name = program.display().to_string();
    let failed = |reason: String| InputError::Program { name: name.clone(), reason };
    let mut child = Command::new(program)
        .env("BUS_DESCRIBE", "json")
        // One that does not know the variable must find nobody to serve.
        .env_remove("BUS_BROKERS")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| failed(cause.to_string()))?;
    let asked = ask(&name, &mut child, Instant::now() + limit);
    // Whatever was read, nothing is left running.
    let _ = child.kill();
    let _ = child.wait();
    match asked? {
        Some((true, text, _)) if !text.trim().is_empty() => Source::read(&name, &text),
        Some((true, ..)) => {
            Err(failed("it ended and printed nothing; it has no `bus::manifest!`, or never connects".into()))
        }
        Some((false, _, complaint)) => Err(failed(match complaint.trim() {
            "" => "it failed and said nothing".to_owned(),
            complaint => format!("it failed and said: {complaint}"),
        })),
        None => Err(InputError::Slow { name, limit }),
    }
}

/// Whether the program ended well, what it printed, and what it complained of; `None` where it took too
/// long.
fn ask(name: &str, child: &mut Child, until: Instant) -> Result<Option<(bool, String, String)>, InputError> {
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else { return Ok(None) };
    let (told, complained) = (mpsc::sync_channel(1), mpsc::sync_channel(1));
    let owned = name.to_owned();
    // They end with the program's output, and that with the program, which is stopped at the latest.
    std::thread::spawn(move || told.0.send(bounded(&owned, out, LARGEST)));
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let mut err = std::io::Read::take(err, COMPLAINT);
        let _ = std::io::Read::read_to_end(&mut err, &mut text);
        let _ = complained.0.send(String::from_utf8_lossy(&text).into_owned());
        // What is said beyond is taken, so that the program is not held up by it.
        let _ = std::io::copy(&mut err.into_inner(), &mut std::io::sink());
    });
    let left = || until.saturating_duration_since(Instant::now());
    let Ok(text) = told.1.recv_timeout(left()) else { return Ok(None) };
    let text = text?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                let complaint = complained.1.recv_timeout(left()).unwrap_or_default();
                return Ok(Some((status.success(), text, complaint)));
            }
            Ok(None) if left().is_zero() => return Ok(None),
            Ok(None) => std::thread::sleep(TURN),
            Err(cause) => return Err(InputError::Program { name: name.to_owned(), reason: cause.to_string() }),
        }
    }
}
