//! What a process writes down while it calls or serves: one line for each event, written at once,
//! so that a kill loses none.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since the Unix epoch. All processes run on one machine and share its clock.
pub type Micros = u64;

pub fn now() -> Micros {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// Certainly not run.
    NotSent,
    /// May have run.
    Unknown,
    /// Refused by the server before it ran.
    Refused,
    /// Anything else: no fault should make it.
    Wrong,
}

const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Ok, "ok"),
    (Outcome::NotSent, "not-sent"),
    (Outcome::Unknown, "unknown"),
    (Outcome::Refused, "refused"),
    (Outcome::Wrong, "wrong"),
];

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A call begins.
    Call { id: u64, deadline: Micros },
    /// A call ends, with the value that it got.
    End { id: u64, outcome: Outcome, value: u64, reason: String },
    /// A handler starts.
    Run { id: u64 },
    /// A handler is done.
    Done { id: u64 },
    /// Memory in use, in KiB.
    Memory { kib: u64 },
    /// Something that was counted, told at the end.
    Counted { name: String, value: u64 },
    /// The process has ended by itself, and in order.
    Left,
}

/// An event and when it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub at: Micros,
    pub event: Event,
}

impl Entry {
    fn line(&self) -> String {
        let mut line = format!("{} ", self.at);
        let _ = match &self.event {
            Event::Call { id, deadline } => write!(line, "call {id} {deadline}"),
            Event::End { id, outcome, value, reason } => {
                let (_, word) = OUTCOMES.iter().find(|(known, _)| known == outcome).unwrap();
                write!(line, "end {id} {word} {value} {}", reason.replace('\n', " "))
            }
            Event::Run { id } => write!(line, "run {id}"),
            Event::Done { id } => write!(line, "done {id}"),
            Event::Memory { kib } => write!(line, "memory {kib}"),
            Event::Counted { name, value } => write!(line, "counted {name} {value}"),
            Event::Left => write!(line, "left"),
        };
        line.push('\n');
        line
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(3, ' ');
        let at = words.next()?.parse().ok()?;
        let kind = words.next()?;
        let rest = words.next().unwrap_or_default();
        let mut rest = rest.splitn(4, ' ');
        let mut number = || rest.next()?.parse::<u64>().ok();
        let event = match kind {
            "call" => Event::Call { id: number()?, deadline: number()? },
            "run" => Event::Run { id: number()? },
            "done" => Event::Done { id: number()? },
            "memory" => Event::Memory { kib: number()? },
            "left" => Event::Left,
            "end" => {
                let id = number()?;
                let word = rest.next()?;
                let (outcome, _) = OUTCOMES.iter().find(|(_, known)| *known == word)?;
                let value = rest.next()?.parse().ok()?;
                Event::End { id, outcome: *outcome, value, reason: rest.next().unwrap_or_default().to_owned() }
            }
            "counted" => Event::Counted { name: rest.next()?.to_owned(), value: rest.next()?.parse().ok()? },
            _ => return None,
        };
        Some(Self { at, event })
    }
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal(Mutex<File>);

impl Journal {
    pub fn open(path: &Path) -> Self {
        Self(Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap()))
    }

    pub fn write(&self, event: Event) {
        let mut file = self.0.lock().unwrap();
        // The time is taken under the lock, so that a journal is in order.
        file.write_all(Entry { at: now(), event }.line().as_bytes()).unwrap();
    }
}

/// What a journal holds; none yet is an empty one. A line that a kill cut short is left out.
pub fn read(path: &Path) -> Vec<Entry> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| Entry::parse(line).unwrap_or_else(|| panic!("{}: {line:?}", path.display()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for event in [
            Event::Call { id: 1, deadline: 5 },
            Event::End { id: 1, outcome: Outcome::NotSent, value: 0, reason: "the broker is gone: x".to_owned() },
            Event::End { id: 1, outcome: Outcome::Ok, value: 7, reason: String::new() },
            Event::Run { id: 2 },
            Event::Done { id: 2 },
            Event::Memory { kib: 3 },
            Event::Counted { name: "expired".to_owned(), value: 4 },
            Event::Left,
        ] {
            let entry = Entry { at: 9, event };
            assert_eq!(Entry::parse(entry.line().trim_end_matches('\n')), Some(entry));
        }
    }
}
