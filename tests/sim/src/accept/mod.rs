//! Whether the model of Kafka allows what a real one was seen to do.
//!
//! A trace is a text of JSON objects, one a line, in the order in which they were seen by the
//! processes of one machine. Each has an `"event"`, the `"process"` that saw it, and the fields of
//! the event. The library tells them, with target `bus::trace` at the level `TRACE`:
//!
//! * `append`: `topic`, `partition`, `offset`: a record was acknowledged
//! * `asking_end`, then `end` with `offset`: `topic`, `partition`: where a log ends
//! * `assigned`: `group`, `topic`, `member`, `generation`, `partitions`
//! * `revoked`, `lost`, `fenced`: `group`, `member`
//! * `seek`: `topic`, `partition`: reading goes on elsewhere
//! * `read`: `topic`, `partition`, `offset`: a record of an assigned partition was read
//! * `committing`: `group`, `topic`, `member`, `generation`, `number`, `partition`, `offset`
//! * `commit_answered`: `group`, `number`, `outcome`: `taken`, `refused`, `fenced`, or `unknown`
//! * `asking_committed`, then `committed` with `offset` where there is one: `group`, `topic`,
//!   `partition`
//!
//! Whoever does harm to the broker tells `deleting` and `made`, each with a `topic`: what is seen of
//! it in between is of the one or of the other.
//!
//! What is seen was true at some time between the question and the answer. So a thing is judged by
//! what was certain before it was asked for, and by nothing that came in between.

mod group;
mod log;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use self::group::Group;
use self::log::Log;

/// Something that a real Kafka was seen to do and the model does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAllowed {
    /// The line, from 1.
    pub line: usize,
    /// Why not.
    pub why: String,
}

/// What a trace contained, and what of it is not allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// How often each event was seen.
    pub events: BTreeMap<String, u64>,
    /// How many commits were taken.
    pub taken: u64,
    /// What the model does not allow.
    pub refused: Vec<NotAllowed>,
}

/// What a trace has to contain, for nothing was held against anything without.
const WANTED: [&str; 6] = ["append", "assigned", "read", "committing", "commit_answered", "committed"];

impl Judged {
    /// What a trace lacks that was to be judged.
    pub fn lacks(&self) -> Vec<&'static str> {
        let mut lacks: Vec<_> = WANTED.into_iter().filter(|event| !self.events.contains_key(*event)).collect();
        if self.taken == 0 {
            lacks.push("a commit that was taken");
        }
        lacks
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events: Vec<String> = self.events.iter().map(|(event, count)| format!("{count} {event}")).collect();
        write!(f, "{}: {} not allowed", events.join(", "), self.refused.len())
    }
}

/// Reads a trace, and says what in it the model does not allow.
///
/// # Errors
///
/// The line that is not JSON, or lacks a field.
pub fn accept(trace: &str) -> Result<Judged, NotAllowed> {
    let mut seen = Seen::default();
    let mut judged = Judged::default();
    for (at, text) in trace.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line = at + 1;
        let event: serde_json::Value =
            serde_json::from_str(text).map_err(|error| NotAllowed { line, why: error.to_string() })?;
        let event = Event(&event);
        let missing = |field| NotAllowed { line, why: format!("`{field}` is missing") };
        let kind = event.text("event").map_err(missing)?;
        *judged.events.entry(kind.to_owned()).or_default() += 1;
        judged.taken += u64::from(kind == "commit_answered" && event.text("outcome") == Ok("taken"));
        if let Some(why) = seen.take(kind, event).map_err(missing)? {
            judged.refused.push(NotAllowed { line, why });
        }
    }
    Ok(judged)
}

/// A line of a trace.
#[derive(Clone, Copy)]
struct Event<'a>(&'a serde_json::Value);

impl<'a> Event<'a> {
    fn text(self, field: &'static str) -> Result<&'a str, &'static str> {
        self.0.get(field).and_then(serde_json::Value::as_str).ok_or(field)
    }

    fn number(self, field: &'static str) -> Result<i64, &'static str> {
        self.0.get(field).and_then(serde_json::Value::as_i64).ok_or(field)
    }

    fn numbers(self, field: &'static str) -> Result<Vec<i64>, &'static str> {
        let list = self.0.get(field).and_then(serde_json::Value::as_array).ok_or(field)?;
        list.iter().map(|it| it.as_i64().ok_or(field)).collect()
    }
}

/// What was seen so far.
#[derive(Debug, Default)]
struct Seen {
    groups: BTreeMap<String, Group>,
    logs: BTreeMap<(String, i64), Log>,
    /// Topics that are being made anew.
    between: BTreeSet<String>,
    /// Where each process is in each partition.
    positions: BTreeMap<(String, String, i64), i64>,
}

impl Seen {
    /// Takes an event in. Says why it is not allowed, or which field it lacks.
    fn take(&mut self, kind: &str, event: Event<'_>) -> Result<Option<String>, &'static str> {
        match kind {
            "deleting" | "made" => {
                let topic = event.text("topic")?;
                self.anew(topic);
                if kind == "made" {
                    self.between.remove(topic);
                } else {
                    self.between.insert(topic.to_owned());
                }
                Ok(None)
            }
            "append" | "asking_end" | "end" => {
                let (topic, process) = (event.text("topic")?, event.text("process")?);
                let log = self.logs.entry((topic.to_owned(), event.number("partition")?)).or_default();
                let offset = if kind == "asking_end" { 0 } else { event.number("offset")? };
                if self.between.contains(topic) {
                    return Ok(None);
                }
                Ok(match kind {
                    "append" => log.appended(offset),
                    "asking_end" => log.asking_end(process),
                    _ => log.end(process, offset),
                })
            }
            "seek" => {
                self.positions.remove(&self.place(event)?);
                Ok(None)
            }
            "read" => {
                let (place, offset) = (self.place(event)?, event.number("offset")?);
                let topic = event.text("topic")?;
                let before = self.positions.insert(place, offset);
                let back = before.filter(|before| offset <= *before && !self.between.contains(topic));
                Ok(back.map(|before| format!("{offset} was read after {before}, with nothing in between")))
            }
            _ => {
                let Ok(name) = event.text("group") else { return Ok(None) };
                if kind == "assigned" {
                    // A member begins to read its share anew, from what is committed.
                    let (process, topic) = (event.text("process")?, event.text("topic")?);
                    self.positions.retain(|(reader, read, _), _| reader != process || read != topic);
                }
                self.groups.entry(name.to_owned()).or_default().take(kind, event, &self.between)
            }
        }
    }

    fn place(&self, event: Event<'_>) -> Result<(String, String, i64), &'static str> {
        Ok((event.text("process")?.to_owned(), event.text("topic")?.to_owned(), event.number("partition")?))
    }

    /// All that was seen of a topic is of another.
    fn anew(&mut self, topic: &str) {
        self.logs.retain(|(of, _), _| of != topic);
        self.positions.retain(|(_, of, _), _| of != topic);
        self.groups.values_mut().for_each(|group| group.anew(topic));
    }
}
