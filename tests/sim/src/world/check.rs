//! What is checked while a history happens.

use super::{CommitRequest, Host, Runner, World, name};
use crate::cx::{Disposal, Outcome};
use crate::invariant::Invariant;
use crate::record::{Kind, SimRecord, Topic, Work};
use crate::time::{MS, SECOND, Time, micros};

/// How far a server may be off when it says that a request is too old.
const CLOCK_ERROR: Time = 250 * MS;

/// How long an owner may take to learn that its topic is another.
const TOPIC_LEARNT: Time = 8 * SECOND;

/// How many running requests a last commit has room for in any case.
const NAMED: usize = 16;

/// A time in which calls may fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Disturbance {
    pub(crate) from: Time,
    pub(crate) to: Time,
    pub(crate) scope: Scope,
}

/// Which calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    All,
    Partition(Topic, i32),
    /// Through this partition, which has no leader: a call that may choose chooses another, once its
    /// client has looked the topic up.
    Leaderless(i32),
    /// Of this process.
    Host(usize),
}

/// A process could not say what it had done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Explanation {
    host: usize,
    life: u32,
    at: Time,
}

impl World<'_> {
    /// Calls may fail from then to then.
    pub(crate) fn disturb(&mut self, from: Time, to: Time) {
        self.disturbances.push(Disturbance { from, to, scope: Scope::All });
    }

    pub(crate) fn disturb_scope(&mut self, from: Time, to: Time, scope: Scope) {
        self.disturbances.push(Disturbance { from, to, scope });
    }

    /// Whether everything may have been disturbed at a time between these.
    pub(crate) fn disturbed(&self, from: Time, to: Time) -> bool {
        self.disturbances.iter().any(|it| it.scope == Scope::All && it.from <= to && from <= it.to)
    }

    /// What this process runs may run again elsewhere: it ends, loses its session, or is not heard.
    pub(crate) fn explain(&mut self, host: usize) {
        self.explain_life(host, self.hosts[host].life);
    }

    pub(crate) fn explain_life(&mut self, host: usize, life: u32) {
        self.explanations.push(Explanation { host, life, at: self.now });
    }

    /// A record is in its topic.
    pub(super) fn written(&mut self, topic: Topic, partition: i32, offset: i64, record: SimRecord) {
        match (topic, record.kind) {
            (Topic::Requests, Kind::Request) => self.journal.written(record.token, partition, offset, self.now),
            (Topic::Requests, Kind::Cancel) => self.mark(record.token, |fate| fate.cancelled = true),
            (Topic::Replies, Kind::Reply(_)) => self.mark(record.token, |fate| fate.replied = true),
            (Topic::Dead, Kind::Dead { partition, offset, .. }) => {
                let log = self.topics.log_mut(Topic::Requests, partition);
                if let Some(entry) = log.and_then(|log| log.get_mut(offset))
                    && entry.record.token == record.token
                {
                    entry.fate.dead = true;
                }
                self.check_blame(partition, offset, record.kind, record.work);
            }
            _ => {}
        }
    }

    /// Notes something of all requests with a token.
    fn mark(&mut self, token: u128, note: impl Fn(&mut super::log::Fate)) {
        let written = match self.journal.by_token(token) {
            Some(call) => call.written.clone(),
            None => self.foreign(token),
        };
        for (partition, offset) in written {
            let log = self.topics.log_mut(Topic::Requests, partition);
            if let Some(entry) = log.and_then(|log| log.get_mut(offset))
                && entry.record.token == token
            {
                note(&mut entry.fate);
            }
        }
    }

    /// Where the requests of a caller outside of this history stand.
    fn foreign(&self, token: u128) -> Vec<(i32, i64)> {
        let logs = self.topics.get(Topic::Requests).logs.iter().zip(0..);
        logs.flat_map(|(log, partition)| {
            let entries = log.entries.iter().zip(log.start..);
            entries.filter(move |(entry, _)| entry.record.token == token).map(move |(_, offset)| (partition, offset))
        })
        .collect()
    }

    /// When a request is too old, by its own record.
    fn too_old_at(at: Time, record: &SimRecord) -> Time {
        at + Time::from(record.timeout_ms.unwrap_or(5_000)) * MS
    }

    /// Whether a request needs nobody any more.
    fn finished(&self, partition: i32, offset: i64, slack: Time) -> bool {
        let Some(entry) = self.topics.log(Topic::Requests, partition).and_then(|log| log.get(offset)) else {
            return true;
        };
        if entry.record.kind != Kind::Request {
            return true;
        }
        let fate = entry.fate;
        fate.replied
            || fate.dead
            || fate.cancelled
            || fate.counted
            || self.now + slack >= Self::too_old_at(entry.at, &entry.record)
    }

    /// Whether the age of records can be known.
    fn ages_are_known(&self) -> bool {
        self.topics.by_broker || self.hosts.iter().all(|host| host.clock_ms == 0)
    }

    /// Whether a process has to take its own clock for the broker's, and they differ.
    fn guesses_time(&self, host: usize) -> bool {
        let host = &self.hosts[host];
        !host.knows_time && (host.clock_ms - self.plan.broker_clock_ms).abs() > 100
    }

    fn mark_guessed(&mut self, partition: i32, offset: i64) {
        let token =
            self.topics.log(Topic::Requests, partition).and_then(|log| log.get(offset)).map(|it| it.record.token);
        if let Some(call) = token.and_then(|token| self.journal.by_token(token)) {
            call.guessed = true;
        }
    }

    pub(super) fn call_ended(&mut self, host: usize, call: u64, outcome: Outcome) {
        let continued = self.hosts[host].continued;
        self.journal.ended(call, outcome, self.now, continued);
    }

    pub(super) fn run_began(&mut self, host: usize, partition: i32, offset: i64, token: u128) {
        let now = self.now;
        self.runs += 1;
        self.journal.premise(Invariant::I5);
        let ages_known = self.ages_are_known();
        self.journal.ran(token, now, ages_known);
        let runner = Runner { host, life: self.hosts[host].life, assignment: self.hosts[host].member.assignments };
        let known = self.ages_are_known() && !self.guesses_time(host);
        // A member whose session is over, and who has not heard so, reads on for a moment.
        let zombie = self.group_has_given_up(host);
        let Host { continued, forgotten, .. } = self.hosts[host];
        let below_commit = self.group.committed(partition).is_some_and(|committed| offset < committed.offset);
        let lost_end = self.topics.log(Topic::Requests, partition).and_then(|log| log.lost_end);
        let log = self.topics.log_mut(Topic::Requests, partition);
        let Some(entry) = log.and_then(|log| log.get_mut(offset)).filter(|entry| entry.record.token == token) else {
            return;
        };
        let too_old = Self::too_old_at(entry.at, &entry.record);
        let before = entry.fate;
        let began = std::mem::replace(&mut entry.fate.run_at, now);
        entry.fate.runs = before.runs.saturating_add(1);
        entry.fate.runner = Some(runner);
        entry.fate.may_repeat |= zombie;
        if known && !entry.fate.guessed && now > too_old + CLOCK_ERROR {
            let late = (now - too_old) / MS;
            self.journal
                .violate(Invariant::I5, now, || format!("{partition}@{offset} ran {late} ms after it was too old"));
        }
        if zombie && forgotten == Some(runner.assignment) && before.taken_at >= continued {
            self.journal.violate(Invariant::I5, now, || {
                format!("{} stood still, and ran {partition}@{offset} before it knew that it is its own", name(host))
            });
        }
        let Some(previous) = before.runner else { return };
        let again = |why: &str| {
            format!("{partition}@{offset} ran at {} and again at {}: {why}", name(previous.host), name(host))
        };
        if previous == runner {
            self.journal.violate(Invariant::I5, now, || again("the same owner"));
            return;
        }
        // An owner needs a moment to learn that its topic is another, and reads on meanwhile.
        let changed = self.topics.get(Topic::Requests).changed;
        let unaware = changed.is_some_and(|changed| changed <= began && began < changed + TOPIC_LEARNT);
        // Reading began anew where the log began, on this side of what the new owner knows of.
        let reset = lost_end.is_some_and(|lost| began < lost.at);
        let explained = before.may_repeat
            || reset
            || zombie
            || unaware
            || self
                .explanations
                .iter()
                .any(|it| it.host == previous.host && it.life == previous.life && it.at >= began);
        if !explained {
            self.journal.violate(Invariant::I5, now, || again("nothing explains it"));
        } else if below_commit && !zombie && before.handed_over.is_none() && !self.commit_is_old() {
            self.journal.violate(Invariant::I5, now, || again("it is below the commit point"));
        }
    }

    /// Whether what is committed may be of another topic, or of a log that was longer.
    fn commit_is_old(&self) -> bool {
        self.topics.get(Topic::Requests).changed.is_some()
    }

    pub(super) fn run_ended(&mut self, token: u128, answered: bool) {
        if answered && let Some(call) = self.journal.by_token(token) {
            call.answered = true;
        }
    }

    pub(super) fn disposed(&mut self, host: usize, partition: i32, offset: i64, disposal: Disposal) {
        let now = self.now;
        let known = self.ages_are_known();
        let life = self.hosts[host].life;
        if self.may_be_another(partition, offset)
            && !matches!(disposal, Disposal::HandedOver | Disposal::MayRepeat | Disposal::Unnamed { .. })
        {
            // It may be said of a record that is no more.
            let counts = matches!(disposal, Disposal::Expired | Disposal::AnswerLost | Disposal::LeftToFormerOwner);
            self.taken_by(host, partition, offset);
            if let Some(entry) = self.topics.log_mut(Topic::Requests, partition).and_then(|log| log.get_mut(offset)) {
                entry.fate.counted |= counts;
            }
            return;
        }
        match disposal {
            Disposal::Expired | Disposal::AnswerLost | Disposal::LeftToFormerOwner => {
                let mut early = !self.finished(partition, offset, CLOCK_ERROR);
                let owns = self.owns(host, partition);
                let mut guessed = self.guesses_time(host);
                let changed = self.topics.get(Topic::Requests).changed;
                let just_changed =
                    disposal == Disposal::AnswerLost && changed.is_some_and(|changed| now < changed + 15 * SECOND);
                let log = self.topics.log_mut(Topic::Requests, partition);
                if let Some(entry) = log.and_then(|log| log.get_mut(offset)) {
                    if entry.fate.taken_by & (1 << host) == 0 || just_changed {
                        // It was of a log that is no more.
                        return;
                    }
                    entry.fate.counted = true;
                    // Nobody has its offset any more who could wait for its deadline.
                    early &= disposal != Disposal::AnswerLost || owns;
                    guessed |= entry.fate.guessed;
                }
                if early && known && guessed {
                    // It says so in its answer, whose stamp tells it the time.
                    self.mark_guessed(partition, offset);
                } else if early && known {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} dropped {partition}@{offset} as {disposal:?} before its time", name(host))
                    });
                }
            }
            Disposal::FinishedBefore => {
                let Some(entry) = self.topics.log(Topic::Requests, partition).and_then(|log| log.get(offset)) else {
                    return;
                };
                let late = entry.fate.may_repeat;
                if !late && !self.finished(partition, offset, CLOCK_ERROR) {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} skipped {partition}@{offset} as finished, and it is not", name(host))
                    });
                }
            }
            Disposal::StillRuns => {
                let Some(entry) = self.topics.log(Topic::Requests, partition).and_then(|log| log.get(offset)) else {
                    return;
                };
                let runs = entry.fate.runner.is_some();
                self.taken_by(host, partition, offset);
                if !runs && !self.finished(partition, offset, CLOCK_ERROR) {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} left {partition}@{offset} to a former owner that never ran it", name(host))
                    });
                }
            }
            Disposal::HandedOver | Disposal::MayRepeat | Disposal::Unnamed { .. } => {
                if let Disposal::Unnamed { of } = disposal
                    && of <= NAMED
                {
                    self.journal.violate(Invariant::I5, now, || {
                        format!("{} left {partition}@{offset} unnamed, and no more than {of} run there", name(host))
                    });
                }
                let assignment = self.hosts[host].member.assignments;
                if let Some(entry) = self.topics.log_mut(Topic::Requests, partition).and_then(|log| log.get_mut(offset))
                {
                    if disposal == Disposal::HandedOver {
                        entry.fate.handed_over = Some(Runner { host, life, assignment });
                    } else {
                        entry.fate.may_repeat = true;
                    }
                }
            }
            Disposal::Taken => self.taken_by(host, partition, offset),
            Disposal::Answered | Disposal::DeadLettered | Disposal::HandedBack => {}
        }
    }

    /// Whether an owner may take a record for one that stood there before.
    fn may_be_another(&self, partition: i32, offset: i64) -> bool {
        let changed = self.topics.get(Topic::Requests).changed;
        let lost_end = self.topics.log(Topic::Requests, partition).and_then(|log| log.lost_end);
        changed.is_some_and(|changed| self.now < changed + TOPIC_LEARNT)
            || lost_end.is_some_and(|lost| (lost.from..lost.to).contains(&offset))
    }

    /// Whether a process reads a request partition, for all that it knows.
    fn owns(&self, host: usize, partition: i32) -> bool {
        self.hosts[host].reading.iter().any(|it| it.topic == Topic::Requests && it.partition == partition)
    }

    fn taken_by(&mut self, host: usize, partition: i32, offset: i64) {
        let now = self.now;
        let guessed = self.guesses_time(host);
        if let Some(entry) = self.topics.log_mut(Topic::Requests, partition).and_then(|log| log.get_mut(offset)) {
            entry.fate.taken_by |= 1 << host;
            entry.fate.taken_at = now;
            entry.fate.guessed = guessed;
        }
    }

    /// A commit was taken: it passes nothing unfinished.
    pub(super) fn check_commit(&mut self, request: &CommitRequest, partition: i32, offset: i64) {
        let now = self.now;
        self.journal.premise(Invariant::I7);
        let topic = self.topics.get(Topic::Requests);
        if topic.changed.is_some_and(|changed| request.since < changed + TOPIC_LEARNT) {
            return;
        }
        let Some(log) = self.topics.log(Topic::Requests, partition) else { return };
        let (start, end) = (log.start, log.end());
        let lost_end = log.lost_end;
        if offset > end && lost_end.is_none_or(|lost| offset > lost.to) {
            self.journal
                .violate(Invariant::I7, now, || format!("{partition} is committed at {offset}, and ends at {end}"));
            return;
        }
        let Ok(at) = usize::try_from(partition) else { return };
        if self.checked.len() <= at {
            self.checked.resize(at + 1, 0);
        }
        let known = self.ages_are_known();
        let from = self.checked[at].max(start);
        for passed in from..offset.min(end) {
            let handed_over = self
                .topics
                .log(Topic::Requests, partition)
                .and_then(|log| log.get(passed))
                .is_some_and(|entry| entry.fate.handed_over.is_some());
            let overwritten = lost_end.is_some_and(|lost| lost.overwrote(passed, self.group.assignments));
            if !overwritten && !handed_over && known && !self.finished(partition, passed, CLOCK_ERROR) {
                self.journal.violate(Invariant::I7, now, || {
                    format!("{} committed {offset} of {partition}, past the unfinished {passed}", name(request.host))
                });
                return;
            }
        }
        self.checked[at] = self.checked[at].max(offset);
    }

    /// What a request says of its time is true when it is handed over.
    pub(super) fn check_timeout(&mut self, record: &SimRecord) {
        let now = self.now;
        let Some(call) = self.journal.by_token(record.token) else { return };
        let (number, deadline) = (call.spec.call, call.deadline);
        let left = deadline.saturating_sub(now).div_ceil(MS);
        if let Some(says) = record.timeout_ms
            && Time::from(says) > left + 1
        {
            self.journal.violate(Invariant::I4, now, || {
                format!("call {number} was handed over saying {says} ms are left, and {left} are")
            });
        } else if now >= deadline {
            self.journal.violate(Invariant::I4, now, || format!("call {number} was handed over after its deadline"));
        }
    }

    /// Calls that nothing disturbed have succeeded.
    pub(super) fn check_calm(&mut self) {
        let mut failed = None;
        let mut calm = 0;
        for call in &self.journal.calls {
            let Work::Takes(takes) = call.spec.work else { continue };
            let slack = micros(call.spec.timeout).saturating_sub(micros(takes));
            if slack < 3 * SECOND || call.dropped.is_some() || call.guessed {
                continue;
            }
            let Some((ended, outcome)) = call.ended else { continue };
            if matches!(outcome, Outcome::Closed { .. }) {
                continue;
            }
            let to = ended.max(call.began);
            let disturbed = self.disturbances.iter().any(|it| {
                let mine = match it.scope {
                    Scope::All => true,
                    Scope::Leaderless(partition) => {
                        let chosen = call.spec.key.is_none() && call.began > it.from + 7 * SECOND;
                        call.partition.is_none_or(|mine| mine == partition) && !chosen
                    }
                    Scope::Partition(Topic::Requests, partition) => call.partition.is_none_or(|mine| mine == partition),
                    Scope::Partition(Topic::Replies, partition) => {
                        call.reply_partition.is_none_or(|mine| mine == partition)
                    }
                    Scope::Partition(Topic::Dead, _) => false,
                    Scope::Host(host) => call.host == host,
                };
                mine && it.from <= to && call.began <= it.to
            });
            if disturbed || self.is_overwritten(call) {
                continue;
            }
            calm += 1;
            if !matches!(outcome, Outcome::Answered(_)) && failed.is_none() {
                failed = Some((call.spec.call, call.began, outcome));
            }
        }
        for _ in 0..calm {
            self.journal.premise(Invariant::I8);
        }
        if let Some((number, began, outcome)) = failed {
            self.journal.violate(Invariant::I8, self.now, || {
                format!("call {number}, made at {} ms, ended as {outcome:?} though nothing disturbed it", began / MS)
            });
        }
    }

    /// Whether a request of a call stands where a lost one stood, so that nobody reads it.
    fn is_overwritten(&self, call: &crate::journal::Call) -> bool {
        call.written.iter().any(|(partition, offset)| {
            let lost_end = self.topics.log(Topic::Requests, *partition).and_then(|log| log.lost_end);
            lost_end.is_some_and(|lost| lost.overwrote(*offset, self.group.assignments))
        })
    }

    /// Every request that is in a log was taken care of.
    pub(super) fn check_nothing_lost(&mut self) {
        let now = self.now;
        let mut lost = None;
        for (at, log) in self.topics.get(Topic::Requests).logs.iter().enumerate() {
            for (index, entry) in log.entries.iter().enumerate() {
                let fate = entry.fate;
                let offset = log.start + i64::try_from(index).unwrap_or(0);
                let overwritten = log.lost_end.is_some_and(|lost| lost.overwrote(offset, self.group.assignments));
                if entry.record.kind == Kind::Request
                    && !overwritten
                    && !(fate.replied || fate.dead || fate.cancelled || fate.counted)
                {
                    lost.get_or_insert((at, offset, fate.runs));
                }
            }
        }
        self.journal.premise(Invariant::I7);
        if let Some((partition, offset, runs)) = lost {
            self.journal.violate(Invariant::I7, now, || {
                format!("{partition}@{offset} was neither answered nor counted ({runs} runs)")
            });
        }
    }
}
