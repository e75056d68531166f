//! What is checked while a history happens.

use super::group::HEARTBEAT;
use super::{CommitRequest, Host, Runner, World, name};
use crate::cx::{Disposal, Outcome};
use crate::input::Committed;
use crate::invariant::Invariant;
use crate::protocol::requests::{Found, TopicId, read_metadata};
use crate::record::{Kind, SimRecord, Topic, Work};
use crate::time::{MS, SECOND, Time, micros};

/// How far a server may be off when it says that a request is too old.
const CLOCK_ERROR: Time = 250 * MS;

/// How long an owner may take to learn that its topic is another.
const TOPIC_LEARNT: Time = 8 * SECOND;

/// How many running requests a last commit has room for in any case.
const NAMED: usize = 16;

/// Which topic a commit says that it is of.
fn named_topic(committed: &Committed) -> Option<TopicId> {
    match read_metadata(committed.offset, &committed.metadata) {
        Found::Known(found) => found.topic,
        Found::Newer | Found::Nothing => None,
    }
}

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
        // A member that is out of the group hears so with its next heartbeat, and reads on till then.
        let zombie = self.is_out_unheard(host);
        let given_up = self.group_has_given_up(host);
        let Host { continued, forgotten, .. } = self.hosts[host];
        let below_commit = self.group.committed(partition).is_some_and(|committed| offset < committed.offset);
        let lost_end = self.topics.log(Topic::Requests, partition).and_then(|log| log.lost_end);
        let unaware = self.is_unaware(host);
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
        entry.fate.unaware |= unaware;
        if known && entry.fate.guessed_by & (1 << host) == 0 && now > too_old + CLOCK_ERROR {
            let late = (now - too_old) / MS;
            self.journal
                .violate(Invariant::I5, now, || format!("{partition}@{offset} ran {late} ms after it was too old"));
        }
        if given_up && forgotten == Some(runner.assignment) && before.taken_at >= continued {
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
        // Reading began anew where the log began, on this side of what the new owner knows of.
        let reset = lost_end.is_some_and(|lost| began < lost.at);
        let explained = before.may_repeat
            || reset
            || zombie
            // It took the new topic for the old one, and the next owner reads the new one from its
            // beginning; or the other way round.
            || before.unaware
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

    pub(super) fn disposed(&mut self, host: usize, partition: i32, offset: i64, body: u64, disposal: Disposal) {
        let now = self.now;
        let known = self.ages_are_known();
        let life = self.hosts[host].life;
        let assignment = self.hosts[host].member.assignments;
        let (guesses, owns) = (self.guesses_time(host), self.owns(host, partition));
        let mut early = !self.finished(partition, offset, CLOCK_ERROR);
        let may_be_another = self.may_be_another(host, partition, offset);
        let log = self.topics.log_mut(Topic::Requests, partition);
        // What is said of another record is of a log that is no more, or was removed from the front.
        let Some(entry) = log.and_then(|log| log.get_mut(offset)).filter(|entry| entry.record.body == body) else {
            return;
        };
        let fate = &mut entry.fate;
        match disposal {
            Disposal::Expired | Disposal::AnswerLost | Disposal::LeftToFormerOwner => {
                fate.counted = true;
                // Nobody has its offset any more who could wait for its deadline.
                early &= disposal != Disposal::AnswerLost || owns;
                let guessed = guesses || fate.guessed_by & (1 << host) != 0;
                let by_old_note = disposal == Disposal::LeftToFormerOwner && may_be_another;
                if early && known && guessed {
                    // It says so in its answer, whose stamp tells it the time.
                    self.mark_guessed(partition, offset);
                } else if early && known && !by_old_note {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} dropped {partition}@{offset} as {disposal:?} before its time", name(host))
                    });
                }
            }
            Disposal::FinishedBefore => {
                if !fate.may_repeat && early && !may_be_another {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} skipped {partition}@{offset} as finished, and it is not", name(host))
                    });
                }
            }
            Disposal::StillRuns => {
                // A dead letter under way is left alone, too, and never ran.
                let runs = fate.runner.is_some() || fate.handed_over.is_some();
                self.taken_by(host, partition, offset);
                if !runs && early && !may_be_another {
                    self.journal.violate(Invariant::I7, now, || {
                        format!("{} left {partition}@{offset} to a former owner that never ran it", name(host))
                    });
                }
            }
            Disposal::HandedOver => fate.handed_over = Some(Runner { host, life, assignment }),
            Disposal::MayRepeat => fate.may_repeat = true,
            Disposal::Unnamed { of } => {
                fate.may_repeat = true;
                if of <= NAMED {
                    self.journal.violate(Invariant::I5, now, || {
                        format!("{} left {partition}@{offset} unnamed, and no more than {of} run there", name(host))
                    });
                }
            }
            Disposal::Taken => self.taken_by(host, partition, offset),
            Disposal::Answered | Disposal::DeadLettered | Disposal::HandedBack => {}
        }
    }

    /// Whether an owner may take a record for one that stood there before: it was not told yet that
    /// the topic is another, or Kafka gives it no word that the log lost its end.
    fn may_be_another(&self, host: usize, partition: i32, offset: i64) -> bool {
        let lost_end = self.topics.log(Topic::Requests, partition).and_then(|log| log.lost_end);
        self.is_unaware(host) || lost_end.is_some_and(|lost| (lost.from..lost.to).contains(&offset))
    }

    /// Whether the request topic was made anew and nobody told this process yet, which asks every few
    /// seconds: until then it takes the new topic for the old one.
    fn is_unaware(&self, host: usize) -> bool {
        let topic = self.topics.get(Topic::Requests);
        self.hosts[host].topic != Some(topic.id)
            && topic.changed.is_some_and(|changed| self.now < changed + TOPIC_LEARNT)
    }

    /// Whether a member is out of the group and could not hear so yet.
    fn is_out_unheard(&self, host: usize) -> bool {
        let state = &self.hosts[host];
        let out = state.member.id.is_some_and(|id| self.group.members.iter().all(|it| it.id != id));
        out && self.now <= state.member.out_since.max(state.continued) + HEARTBEAT + 50 * MS
    }

    /// Whether a process reads a request partition, for all that it knows.
    fn owns(&self, host: usize, partition: i32) -> bool {
        self.hosts[host].reading.iter().any(|it| it.topic == Topic::Requests && it.partition == partition)
    }

    fn taken_by(&mut self, host: usize, partition: i32, offset: i64) {
        let now = self.now;
        let guessed = self.guesses_time(host);
        if let Some(entry) = self.topics.log_mut(Topic::Requests, partition).and_then(|log| log.get_mut(offset)) {
            let bit = 1 << host;
            entry.fate.guessed_by = if guessed { entry.fate.guessed_by | bit } else { entry.fate.guessed_by & !bit };
            entry.fate.taken_at = now;
        }
    }

    /// A commit was taken: it passes nothing unfinished.
    pub(super) fn check_commit(&mut self, request: &CommitRequest, at: usize) {
        let Some((partition, committed, brought)) =
            request.list.get(at).map(|(partition, it)| (*partition, it, request.brought.get(at).copied().flatten()))
        else {
            return;
        };
        let offset = committed.offset;
        let now = self.now;
        self.journal.premise(Invariant::I7);
        let topic = self.topics.get(Topic::Requests);
        if let Some(changed) = topic.changed {
            // A commit names the topic that it speaks of, and the next owner compares. Who knows no
            // name yet may speak of the topic of before.
            let of_another = match named_topic(committed) {
                Some(named) => Some(named) != TopicId::new(topic.id),
                None => request.since < changed + TOPIC_LEARNT,
            };
            if of_another {
                return;
            }
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
        // Who was brought no record since the log lost its end cannot know: Kafka gives no other word.
        let untold = |lost: super::log::LostEnd| brought.is_none_or(|brought| brought < lost.at);
        for passed in from..offset.min(end) {
            let handed_over = self
                .topics
                .log(Topic::Requests, partition)
                .and_then(|log| log.get(passed))
                .is_some_and(|entry| entry.fate.handed_over.is_some());
            let overwritten = lost_end.is_some_and(|lost| {
                lost.overwrote(passed, self.group.assignments) || (lost.covers(passed) && untold(lost))
            });
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
