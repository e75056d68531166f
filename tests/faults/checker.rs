//! Holds what was called against what ran and what was answered.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use crate::journal::{Entry, Event, Micros, Outcome};

/// The journal of one process.
#[derive(Clone, Debug, Default)]
pub struct Process {
    pub name: String,
    pub journal: Vec<Entry>,
    /// Whether it ended by itself, in time and with success.
    pub ended_well: bool,
}

/// What was left on the broker at the end of a row, of one partition of the request topic.
#[derive(Clone, Debug, Default)]
pub struct Partition {
    /// The calls whose requests stand in the log, with their offsets.
    pub requests: Vec<(i64, u64)>,
    pub committed: Option<i64>,
    /// How far the last owner said that it had come: beyond the commit point it noted what it had
    /// finished.
    pub read: i64,
    pub end: i64,
}

/// All that is known of one row.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub callers: Vec<Process>,
    pub servers: Vec<Process>,
    pub partitions: BTreeMap<i32, Partition>,
    /// When the fault began.
    pub fault: Micros,
    /// When a process started afresh completed a call on every partition.
    pub well: Micros,
    /// Words that must stand in no log, and those that stand there.
    pub leaked: Vec<String>,
}

/// What a row allows.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How much later than its deadline a call may be told.
    pub lateness: Micros,
    /// How soon everything works again once Kafka is well.
    pub recovery: Micros,
    /// How many calls in a row have to succeed.
    pub consecutive: usize,
    /// Why requests may run more than once here; `None`: they may not.
    pub repeats: Option<&'static str>,
    /// How much more memory a process may take at the end, in KiB.
    pub memory: u64,
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: &'static str,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// What a row comes to.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub calls: usize,
    pub ok: usize,
    pub not_sent: usize,
    pub unknown: usize,
    pub refused: usize,
    pub runs: usize,
    pub repeats: usize,
    /// After Kafka was well; `None`: not at all.
    pub recovered: Option<Micros>,
    pub violations: Vec<Violation>,
}

/// What the handler answers: it depends on the call, so that nobody can take another's answer for
/// his own.
pub fn answer_to(id: u64) -> u64 {
    (id ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

struct Call {
    began: Micros,
    deadline: Micros,
    ends: Vec<(Micros, Outcome, u64, String)>,
}

/// Names of calls, few of many.
fn some(ids: &[u64]) -> String {
    let shown: Vec<_> = ids.iter().take(5).map(u64::to_string).collect();
    format!("{} of them: {}{}", ids.len(), shown.join(", "), if ids.len() > 5 { ", .." } else { "" })
}

pub fn check(history: &History, bounds: Bounds) -> Sums {
    let mut check = Check { history, bounds, sums: Sums::default() };
    let calls: Vec<BTreeMap<u64, Call>> = history.callers.iter().map(calls_of).collect();
    let (runs, done) = runs_of(&history.servers);
    check.count(&calls, &runs);
    check.i1_each_call_ends_once_and_in_time(&calls);
    check.i2_no_answer_is_anothers(&calls);
    check.i3_no_success_without_a_run(&calls, &done);
    check.i4_what_was_not_sent_has_not_run(&calls, &runs);
    check.i5_nothing_runs_twice_without_a_reason();
    check.i6_memory_is_bounded();
    check.i7_what_is_committed_is_finished(&runs);
    check.i8_everything_works_again(&calls);
    check.i9_every_process_ends_well();
    check.i10_nothing_leaks();
    check.sums
}

fn calls_of(caller: &Process) -> BTreeMap<u64, Call> {
    let mut calls = BTreeMap::new();
    for entry in &caller.journal {
        match &entry.event {
            Event::Call { id, deadline } => {
                calls.insert(*id, Call { began: entry.at, deadline: *deadline, ends: Vec::new() });
            }
            Event::End { id, outcome, value, reason } => {
                if let Some(call) = calls.get_mut(id) {
                    call.ends.push((entry.at, *outcome, *value, reason.clone()));
                }
            }
            _ => {}
        }
    }
    calls
}

fn runs_of(servers: &[Process]) -> (HashMap<u64, usize>, HashSet<u64>) {
    let (mut runs, mut done) = (HashMap::new(), HashSet::new());
    for entry in servers.iter().flat_map(|server| &server.journal) {
        match entry.event {
            Event::Run { id } => *runs.entry(id).or_insert(0) += 1,
            Event::Done { id } => drop(done.insert(id)),
            _ => {}
        }
    }
    (runs, done)
}

struct Check<'a> {
    history: &'a History,
    bounds: Bounds,
    sums: Sums,
}

type Calls = [BTreeMap<u64, Call>];

impl Check<'_> {
    fn violated(&mut self, invariant: &'static str, what: String) {
        self.sums.violations.push(Violation { invariant, what });
    }

    fn violated_by(&mut self, invariant: &'static str, what: &str, ids: &[u64]) {
        if !ids.is_empty() {
            self.violated(invariant, format!("{what}, {}", some(ids)));
        }
    }

    fn count(&mut self, calls: &Calls, runs: &HashMap<u64, usize>) {
        for call in calls.iter().flat_map(BTreeMap::values) {
            self.sums.calls += 1;
            match call.ends.first().map(|(_, outcome, ..)| outcome) {
                Some(Outcome::Ok) => self.sums.ok += 1,
                Some(Outcome::NotSent) => self.sums.not_sent += 1,
                Some(Outcome::Unknown) => self.sums.unknown += 1,
                Some(Outcome::Refused) => self.sums.refused += 1,
                Some(Outcome::Wrong) | None => {}
            }
        }
        self.sums.runs = runs.values().sum();
        self.sums.repeats = runs.values().map(|runs| runs - 1).sum();
    }

    fn i1_each_call_ends_once_and_in_time(&mut self, calls: &Calls) {
        let with = |fits: &dyn Fn(&Call) -> bool| -> Vec<u64> {
            calls.iter().flatten().filter(|(_, call)| fits(call)).map(|(id, _)| *id).collect()
        };
        let lateness = self.bounds.lateness;
        let late = |call: &Call| call.ends.first().is_some_and(|(at, ..)| *at > call.deadline + lateness);
        self.violated_by("I1", "calls that never ended", &with(&|call| call.ends.is_empty()));
        self.violated_by("I1", "calls that ended more than once", &with(&|call| call.ends.len() > 1));
        self.violated_by("I1", "calls that ended long after their deadlines", &with(&late));
    }

    fn i2_no_answer_is_anothers(&mut self, calls: &Calls) {
        let wrong: Vec<u64> = calls
            .iter()
            .flatten()
            .filter(|(id, call)| {
                call.ends.iter().any(|(_, outcome, value, _)| *outcome == Outcome::Ok && *value != answer_to(**id))
            })
            .map(|(id, _)| *id)
            .collect();
        self.violated_by("I2", "calls that got an answer that is not theirs", &wrong);
    }

    fn i3_no_success_without_a_run(&mut self, calls: &Calls, done: &HashSet<u64>) {
        let phantoms = ended_as(calls, &[Outcome::Ok]).into_iter().filter(|id| !done.contains(id)).collect::<Vec<_>>();
        self.violated_by("I3", "answers to calls that no handler finished", &phantoms);
    }

    fn i4_what_was_not_sent_has_not_run(&mut self, calls: &Calls, runs: &HashMap<u64, usize>) {
        let lies = ended_as(calls, &[Outcome::NotSent, Outcome::Refused]);
        let lies: Vec<_> = lies.into_iter().filter(|id| runs.contains_key(id)).collect();
        self.violated_by("I4", "calls that ran and were said not to", &lies);
        for (id, call) in calls.iter().flatten() {
            if let Some((_, Outcome::Wrong, _, reason)) = call.ends.first() {
                self.violated("I4", format!("call {id} ended as no fault should end it: {reason}"));
                return;
            }
        }
    }

    fn i5_nothing_runs_twice_without_a_reason(&mut self) {
        if self.sums.repeats > 0 && self.bounds.repeats.is_none() {
            self.violated("I5", format!("{} runs too many, and this fault explains none", self.sums.repeats));
        }
    }

    fn i6_memory_is_bounded(&mut self) {
        let history = self.history;
        for process in history.callers.iter().chain(&history.servers) {
            let memory = |before: bool| {
                process.journal.iter().rev().find_map(|entry| match entry.event {
                    Event::Memory { kib } if !before || entry.at <= history.fault => Some(kib),
                    _ => None,
                })
            };
            if let (Some(before), Some(after)) = (memory(true), memory(false))
                && after > before + before / 10 + self.bounds.memory
            {
                self.violated("I6", format!("{} took {before} KiB before, and {after} KiB in the end", process.name));
            }
        }
    }

    /// What stands below a commit point has run, or was dropped as expired, which is counted.
    fn i7_what_is_committed_is_finished(&mut self, runs: &HashMap<u64, usize>) {
        let counted = |wanted: &str| -> u64 {
            let entries = self.history.servers.iter().flat_map(|server| &server.journal);
            entries
                .map(|entry| match &entry.event {
                    Event::Counted { name, value } if name == wanted => *value,
                    _ => 0,
                })
                .sum()
        };
        let told = usize::try_from(counted("expired") + counted("dead_letters")).unwrap_or(usize::MAX);
        let mut lost = Vec::new();
        let mut left = Vec::new();
        for (number, partition) in &self.history.partitions {
            let committed = partition.committed.unwrap_or(0);
            let passed = partition.requests.iter().filter(|(offset, _)| *offset < committed);
            lost.extend(passed.map(|(_, id)| *id).filter(|id| !runs.contains_key(id)));
            if partition.requests.iter().any(|(offset, _)| *offset >= partition.read) {
                left.push(format!("partition {number}: {} of {}", partition.read, partition.end));
            }
        }
        if lost.len() > told {
            self.violated(
                "I7",
                format!("requests were committed and neither ran nor expired ({told} did), {}", some(&lost)),
            );
        }
        if !left.is_empty() {
            self.violated("I7", format!("a clean stop left requests behind: {}", left.join(", ")));
        }
    }

    fn i8_everything_works_again(&mut self, calls: &Calls) {
        let (well, bounds) = (self.history.well, self.bounds);
        let mut latest = Some(0);
        for (caller, calls) in self.history.callers.iter().zip(calls) {
            let mut calls: Vec<&Call> = calls.values().collect();
            calls.sort_by_key(|call| call.began);
            let ok = |call: &Call| matches!(call.ends.first(), Some((_, Outcome::Ok, ..)));
            let recovered = calls
                .windows(bounds.consecutive)
                .find(|row| {
                    row[0].began >= self.history.fault
                        && row[row.len() - 1].began >= well
                        && row.iter().all(|call| ok(call))
                })
                .map(|row| row[0].began.saturating_sub(well));
            latest = latest.zip(recovered).map(|(one, other)| one.max(other));
            match recovered {
                None => {
                    self.violated("I8", format!("{} never had {} successes in a row", caller.name, bounds.consecutive));
                }
                Some(after) if after > bounds.recovery => {
                    self.violated("I8", format!("{} recovered only after {} ms", caller.name, after / 1000));
                }
                Some(_) => {}
            }
            let late: Vec<_> = calls.iter().filter(|call| call.began > well + bounds.recovery && !ok(call)).collect();
            if let Some(call) = late.first() {
                let reason = call.ends.first().map_or("no end", |(_, _, _, reason)| reason);
                self.violated("I8", format!("{} calls of {} failed after that: {reason}", late.len(), caller.name));
            }
        }
        for server in &self.history.servers {
            let first =
                server.journal.iter().find(|entry| entry.at >= well && matches!(entry.event, Event::Run { .. }));
            let after = first.map(|entry| entry.at - well);
            latest = latest.zip(after).map(|(one, other)| one.max(other));
            if after.is_none_or(|after| after > bounds.recovery) {
                self.violated("I8", format!("{} ran nothing for {} ms", server.name, bounds.recovery / 1000));
            }
        }
        self.sums.recovered = latest;
    }

    fn i9_every_process_ends_well(&mut self) {
        for process in self.history.callers.iter().chain(&self.history.servers) {
            let left = process.journal.iter().any(|entry| entry.event == Event::Left);
            if !process.ended_well || !left {
                self.violated("I9", format!("{} did not end by itself, in time and with success", process.name));
            }
        }
    }

    fn i10_nothing_leaks(&mut self) {
        for word in &self.history.leaked {
            self.violated("I10", format!("a log holds {word:?}"));
        }
    }
}

fn ended_as(calls: &Calls, outcomes: &[Outcome]) -> Vec<u64> {
    let is = |call: &Call| call.ends.iter().any(|(_, outcome, ..)| outcomes.contains(outcome));
    calls.iter().flatten().filter(|(_, call)| is(call)).map(|(id, _)| *id).collect()
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
