//! A consumer group as it was seen: who had what in which generation, and what was committed.

use std::collections::{BTreeMap, BTreeSet};

use super::Event;

#[derive(Debug, Default)]
pub(super) struct Group {
    /// The highest generation that a member was seen in.
    generation: i64,
    /// Who has a partition of a topic in a generation.
    owners: BTreeMap<(i64, String, i64), String>,
    /// The last generation of each member.
    members: BTreeMap<String, i64>,
    /// Members that the broker has fenced, or that know that their session is over.
    out: BTreeSet<String>,
    /// By process and number, the commits that are under way.
    under_way: BTreeMap<(String, i64), Request>,
    offsets: BTreeMap<(String, i64), Offsets>,
    /// Counts what is seen.
    clock: u64,
}

/// A commit under way: one offset for each partition.
#[derive(Debug)]
struct Request {
    member: String,
    /// Why the broker may not take it, where that was certain as it was sent.
    never: Option<String>,
    parts: Vec<(String, i64)>,
}

/// What may be committed for a partition.
#[derive(Debug, Default)]
struct Offsets {
    commits: Vec<Commit>,
    /// When each process asked.
    asked: BTreeMap<String, u64>,
}

#[derive(Debug)]
struct Commit {
    of: (String, i64),
    offset: i64,
    sent: u64,
    answered: Option<u64>,
    /// Whether it is certain that the broker has it.
    taken: bool,
}

impl Offsets {
    /// Whether the broker may have named this offset to a process that asked, or none.
    fn allows(&self, offset: Option<i64>, asked: u64) -> bool {
        // What was certainly there when it was asked for, and what may have replaced it since.
        let certain = |it: &&Commit| it.taken && it.answered.is_some_and(|answered| answered < asked);
        let replaced = |it: &Commit| {
            let later = |other: &&Commit| it.answered.is_some_and(|answered| answered < other.sent);
            self.commits.iter().filter(certain).any(|other| later(&other))
        };
        match offset {
            Some(offset) => self.commits.iter().any(|it| it.offset == offset && !replaced(it)),
            None => !self.commits.iter().any(|it| certain(&it)),
        }
    }
}

impl Group {
    pub(super) fn take(
        &mut self,
        kind: &str,
        event: Event<'_>,
        between: &BTreeSet<String>,
    ) -> Result<Option<String>, &'static str> {
        self.clock += 1;
        match kind {
            "assigned" => self.assigned(event),
            "lost" | "fenced" => {
                self.out.insert(event.text("member")?.to_owned());
                Ok(None)
            }
            "committing" => {
                self.committing(event, between)?;
                Ok(None)
            }
            "commit_answered" => {
                let key = (event.text("process")?.to_owned(), event.number("number")?);
                Ok(self.answered(&key, event.text("outcome")?))
            }
            "asking_committed" => {
                let (place, process) = (place(event)?, event.text("process")?.to_owned());
                self.offsets.entry(place).or_default().asked.insert(process, self.clock);
                Ok(None)
            }
            "committed" => {
                let offset = event.number("offset").ok();
                let (place, process) = (place(event)?, event.text("process")?);
                let offsets = self.offsets.entry(place.clone()).or_default();
                let Some(asked) = offsets.asked.remove(process) else { return Ok(None) };
                // Before anything was seen to be committed it may be anything.
                let known = offsets.commits.iter().any(|it| it.taken);
                Ok((known && !between.contains(&place.0) && !offsets.allows(offset, asked)).then(|| {
                    format!("partition {} is said to be committed at {offset:?}, which nobody left there", place.1)
                }))
            }
            // `revoked`, and what a later version tells.
            _ => Ok(None),
        }
    }

    fn assigned(&mut self, event: Event<'_>) -> Result<Option<String>, &'static str> {
        let (member, topic) = (event.text("member")?, event.text("topic")?);
        let generation = event.number("generation")?;
        let before = self.members.insert(member.to_owned(), generation);
        if let Some(before) = before.filter(|before| generation < *before) {
            return Ok(Some(format!("{member} is in generation {generation} after {before}")));
        }
        self.generation = self.generation.max(generation);
        for partition in event.numbers("partitions")? {
            let owner = self.owners.insert((generation, topic.to_owned(), partition), member.to_owned());
            // A static member that takes its place back does so in the same generation.
            if let Some(other) = owner.filter(|other| other != member && instance(other) != instance(member)) {
                return Ok(Some(format!("{partition} is {other}'s and {member}'s in generation {generation}")));
            }
        }
        Ok(None)
    }

    fn committing(&mut self, event: Event<'_>, between: &BTreeSet<String>) -> Result<(), &'static str> {
        let (member, generation) = (event.text("member")?, event.number("generation")?);
        let key = (event.text("process")?.to_owned(), event.number("number")?);
        let place = place(event)?;
        let never = if self.out.contains(member) {
            Some(format!("{member} is a member no more"))
        } else if generation < self.generation {
            Some(format!("it is of generation {generation}, and {} had begun", self.generation))
        } else {
            None
        };
        let offset = event.number("offset")?;
        let request = self.under_way.entry(key.clone()).or_insert_with(|| Request {
            member: member.to_owned(),
            never: None,
            parts: Vec::new(),
        });
        request.never = request.never.take().or(never);
        if !between.contains(&place.0) {
            request.parts.push(place.clone());
            let commit = Commit { of: key, offset, sent: self.clock, answered: None, taken: false };
            self.offsets.entry(place).or_default().commits.push(commit);
        }
        Ok(())
    }

    fn answered(&mut self, key: &(String, i64), outcome: &str) -> Option<String> {
        let request = self.under_way.remove(key)?;
        for place in &request.parts {
            let Some(offsets) = self.offsets.get_mut(place) else { continue };
            match outcome {
                "refused" | "fenced" => offsets.commits.retain(|it| it.of != *key),
                _ => {
                    for commit in offsets.commits.iter_mut().filter(|it| it.of == *key && it.answered.is_none()) {
                        // What nobody answered may be taken at any time.
                        commit.taken = outcome == "taken";
                        commit.answered = commit.taken.then_some(self.clock);
                    }
                }
            }
        }
        if outcome == "fenced" {
            self.out.insert(request.member);
            return None;
        }
        let never = request.never.filter(|_| outcome == "taken")?;
        Some(format!("commit {} of {} was taken, and {never}", key.1, key.0))
    }

    /// What was committed for a topic is of another.
    pub(super) fn anew(&mut self, topic: &str) {
        self.offsets.retain(|(of, _), _| of != topic);
    }
}

fn place(event: Event<'_>) -> Result<(String, i64), &'static str> {
    Ok((event.text("topic")?.to_owned(), event.number("partition")?))
}

/// What a broker makes the id of a static member of: the name of its instance, and a UUID.
fn instance(member: &str) -> &str {
    member.len().checked_sub(37).and_then(|end| member.get(..end)).unwrap_or(member)
}
