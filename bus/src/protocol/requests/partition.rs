//! One partition: which of its requests are finished, which are to run, and what is committed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::claim::{Claiming, Turn};
use super::clock::{BrokerClock, Now, Stamp};
use super::commit_metadata::{self, CommitMetadata, Draft, Found, Run, TopicId};
use super::log::{Log, Place};

/// A record as it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) offset: i64,
    /// A hash of what makes the record this record: its token and its stamp.
    pub(crate) identity: u64,
    pub(crate) stamp: Stamp,
    /// How old it may be.
    pub(crate) allowed: Duration,
}

/// How long a request waits for the broker's clock to be known, where our own is all that says how
/// old it is.
const UNDATED: Duration = Duration::from_millis(300);

/// How far the broker's clock may be off, as it is known here.
const CLOCKS: Duration = Duration::from_millis(500);

/// A request that was taken in: it is to be finished, or released.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken<T> {
    pub(crate) offset: i64,
    /// Of which log. Says with the offset which request it is.
    pub(crate) log: u32,
    /// When nobody waits for the answer any more.
    pub(crate) deadline: Instant,
    pub(crate) request: T,
}

/// What is to be done with a record that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict<T> {
    /// It is to be run.
    Run(Taken<T>),
    /// It came too late to be run.
    Expired(Taken<T>),
    /// It ended the process of every owner that ran it.
    Crashed(Taken<T>),
    /// It waits in here until [`Partition::ready`] gives it back.
    Waits,
    /// A former owner finished it.
    FinishedBefore,
    /// A former owner still runs it, or it outlasted its deadline there.
    StillRuns,
    /// It was taken in here before.
    TakenBefore,
    /// The log is not what it was: reading goes on at this offset, or at the first one there is.
    Seek(i64),
    /// The partition is not ours, or takes no more.
    NotOurs,
}

/// Where reading starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// At this offset.
    At(i64),
    /// At the first request that there is.
    Earliest,
}

/// A commit to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartitionCommit {
    pub(crate) offset: i64,
    pub(crate) metadata: String,
    /// Requests that run and that the metadata has no room for: they may run again.
    pub(crate) may_repeat: Vec<i64>,
}

/// Why a request is finished that nobody answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenUp {
    /// A former owner ran it, and its deadline has passed.
    OfFormerOwner,
    /// Its answer was lost, and its deadline has passed.
    Unanswered,
}

/// Requests that are left to the next owner.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LeftBehind<T> {
    /// These have not been started.
    pub(crate) waiting: Vec<(i64, T)>,
    /// These ran, and their answers were lost: they may run again.
    pub(crate) unanswered: Vec<i64>,
}

/// What a request that is not finished is waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Its turn: not started.
    Waiting,
    /// Its handler, or the broker to have the answer.
    Running,
    /// The next owner.
    Left,
    /// The next owner, or its deadline: its answer was lost.
    Unanswered,
    /// Its deadline: a former owner runs it.
    FormerOwner,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    log: u32,
    /// Which record it is.
    identity: u64,
    stage: Stage,
    deadline: Instant,
    /// Until when another owner runs it, too, which had it in between.
    elsewhere: Option<Instant>,
}

/// A request that is to run when its turn comes.
#[derive(Debug)]
struct Waiting<T> {
    offset: i64,
    identity: u64,
    date: Date,
    read: Now,
    stamp: Stamp,
    request: T,
}

/// When a request is too old.
#[derive(Clone, Copy, Debug)]
enum Date {
    Deadline(Instant),
    /// Its age is not known yet: read then, with this stamp, and allowed to be so old.
    Unknown {
        read: Now,
        stamp: Stamp,
        allowed: Duration,
    },
}

/// What the former owner said, with times as they are here.
#[derive(Debug, Default)]
struct Previous {
    position: i64,
    unfinished: BTreeSet<i64>,
    running: Vec<(Run, Instant)>,
    topic: Option<TopicId>,
    /// At this offset stands what a newer version wrote, and nobody here can read.
    newer: Option<i64>,
}

/// Whose the partition is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Hold {
    /// Not ours.
    #[default]
    None,
    /// Ours, and requests are taken in.
    Taking,
    /// Ours, and being taken away: nothing more is taken in.
    Leaving,
}

/// The requests of one partition, from the commit point on.
///
/// The commit point is the first offset that was read and is not finished, or, with none, the one
/// behind the last that was read. What is finished beyond the commit point travels in the metadata
/// of the commit, so that the next owner does not run it again; so does, with the last commit of an
/// owner that leaves, what still runs here: the next owner leaves it alone.
#[derive(Debug)]
pub(crate) struct Partition<T> {
    hold: Hold,
    log: Log,
    topic: Option<TopicId>,
    open: BTreeMap<i64, Open>,
    /// How many of them end by the clock.
    timed: usize,
    /// What a former owner runs, and whose age was not known when it was read.
    undated: Vec<(i64, Now, Stamp, Duration)>,
    /// What was taken in of a log that is another now, and runs still, or has lost its answer.
    strays: BTreeMap<(i64, u32), Open>,
    previous: Previous,
    /// The commit point of the last commit.
    committed: Option<i64>,
    /// Whether anything was finished since the last commit.
    dirty: bool,
    claiming: Claiming,
    waiting: VecDeque<Waiting<T>>,
    /// Where the log ended at a time.
    end: Option<(i64, Instant)>,
    /// Since when it is ours, and where the log ended when that was asked first.
    since: Option<Instant>,
    first_end: Option<i64>,
    /// Whether nobody has told yet which topic this is, after its log was found to be another.
    topic_doubted: bool,
}

impl<T> Default for Partition<T> {
    fn default() -> Self {
        Self {
            hold: Hold::default(),
            log: Log::default(),
            topic: None,
            open: BTreeMap::new(),
            timed: 0,
            undated: Vec::new(),
            strays: BTreeMap::new(),
            previous: Previous::default(),
            committed: None,
            dirty: false,
            claiming: Claiming::default(),
            waiting: VecDeque::new(),
            end: None,
            since: None,
            first_end: None,
            topic_doubted: false,
        }
    }
}

impl<T> Partition<T> {
    /// The partition is ours, with what its former owner committed, if anybody ever did. Says where
    /// reading starts.
    pub(crate) fn assigned(&mut self, committed: Option<(i64, &str)>, topic: Option<TopicId>, now: Instant) -> Start {
        self.hold = Hold::Taking;
        self.since = Some(now);
        let (point, metadata) = committed.unwrap_or((0, ""));
        let mut previous = Previous { position: point, ..Previous::default() };
        let mut known = CommitMetadata::default();
        match commit_metadata::read(point, metadata) {
            Found::Known(found) => known = found,
            Found::Newer => previous.newer = Some(point),
            Found::Nothing => {}
        }
        let another = |before: Option<TopicId>| matches!((before, topic), (Some(before), Some(now)) if before != now);
        if !planted!("topic at start ignored") && (another(known.topic) || another(self.topic)) {
            self.another_log();
            if another(known.topic) {
                self.begin(0, Previous::default(), topic);
                return Start::Earliest;
            }
        }
        // A broker that cannot say which topic this is does not make us forget which it was.
        let mut last = topic.or(self.topic);
        if topic.is_none() && matches!((known.topic, last), (Some(told), Some(last)) if told != last) {
            self.another_log();
            last = None;
        }
        previous.position = previous.position.max(known.position);
        previous.running = known.running.iter().map(|run| (*run, now + run.left)).collect();
        previous.topic = known.topic;
        previous.unfinished = std::mem::take(&mut known.unfinished);
        self.begin(point, previous, last);
        self.claiming = Claiming::after(known.owners, known.alone);
        // What runs here still, of the time before, and is somebody else's by now: its end is no
        // matter of this partition's.
        let finished: Vec<i64> =
            self.open.keys().copied().filter(|offset| *offset < point || self.finished_before(*offset)).collect();
        for offset in finished {
            if let Some(open) = self.open.remove(&offset) {
                self.strays.insert((offset, open.log), open);
            }
        }
        if committed.is_some() { Start::At(point) } else { Start::Earliest }
    }

    fn owned(&self) -> bool {
        self.hold != Hold::None
    }

    fn begin(&mut self, from: i64, previous: Previous, topic: Option<TopicId>) {
        self.log.start(from);
        self.end = None;
        self.first_end = None;
        self.topic_doubted = false;
        self.previous = previous;
        self.topic = topic;
        self.committed = None;
        self.dirty = false;
        self.claiming = Claiming::after(0, None);
        self.keep_what_runs();
    }

    /// What is open and not running is told by the former owner anew, or is nobody's.
    fn keep_what_runs(&mut self) {
        self.undated.clear();
        self.open.retain(|_, open| open.stage == Stage::Running);
        self.timed = self.strays.values().filter(|stray| stray.stage.is_timed()).count();
        self.waiting.clear();
    }

    /// A record of the partition was read.
    pub(crate) fn record(&mut self, arrival: Arrival, request: T, clock: &BrokerClock, at: Now) -> Verdict<T> {
        let Arrival { offset, identity, stamp, allowed } = arrival;
        let now = at.even;
        if self.hold != Hold::Taking {
            return Verdict::NotOurs;
        }
        match self.log.place(offset, identity) {
            Place::Next => {}
            Place::Known => {
                self.take_back(offset, identity);
                return Verdict::TakenBefore;
            }
            Place::Cut => self.cut(offset),
            Place::Another { seek } => {
                self.another_log();
                self.begin(if seek { 0 } else { offset }, Previous::default(), None);
                self.topic_doubted = true;
                self.dirty = true;
                if seek {
                    return Verdict::Seek(0);
                }
                self.log.place(offset, identity);
            }
            Place::Seek(offset) => return Verdict::Seek(offset),
        }
        if let Some(open) = self.open.get(&offset).copied() {
            if open.identity == identity {
                // It ran here before the partition went and came.
                let elsewhere = self.runs_at_former_owner(offset);
                if let Some(open) = self.open.get_mut(&offset) {
                    open.elsewhere = elsewhere;
                }
                return Verdict::TakenBefore;
            }
            // What runs here is of a log that is gone, though nobody has said so yet.
            self.remove(offset);
            self.stray(offset, open);
            self.log.next_number();
        }
        if let Some(until) = self.runs_at_former_owner(offset) {
            self.dirty = true;
            self.log.told(offset);
            // What it had left counts from when that was said, which may be long ago.
            self.undated.push((offset, at, stamp, allowed));
            self.insert(offset, identity, Stage::FormerOwner, until);
            self.date_what_runs_elsewhere(clock);
            return Verdict::StillRuns;
        }
        if self.finished_before(offset) {
            self.dirty = true;
            self.log.told(offset);
            return Verdict::FinishedBefore;
        }
        self.previous.unfinished.remove(&offset);
        let date = Date::Unknown { read: at, stamp, allowed };
        if let Date::Deadline(deadline) = self.date(offset, date, clock, now) {
            if deadline <= now {
                return Verdict::Expired(self.take(offset, identity, deadline, request));
            }
            if self.claiming.accuses(offset) {
                return Verdict::Crashed(self.take(offset, identity, deadline, request));
            }
            if self.claiming.lets_through() && self.waiting.is_empty() {
                return Verdict::Run(self.take(offset, identity, deadline, request));
            }
        }
        self.claiming.want(now);
        // What it may have left at the most, for who is told of it.
        self.insert(offset, identity, Stage::Waiting, now + allowed);
        self.waiting.push_back(Waiting { offset, identity, date, read: at, stamp, request });
        Verdict::Waits
    }

    /// The log ended at this offset when this was asked: what stands beyond is younger than that.
    pub(crate) fn log_ended(&mut self, end: i64, asked: Instant) {
        self.end = Some((end, asked));
        self.first_end.get_or_insert(end);
    }

    /// Whether a former owner may have run a request that waits: it is not known to be younger than
    /// our time.
    fn is_suspect(&self, waiting: &Waiting<T>, clock: &BrokerClock) -> bool {
        if self.first_end.is_some_and(|end| waiting.offset >= end) {
            return false;
        }
        let age = clock.age(waiting.read, waiting.stamp, None);
        let written = matches!(waiting.stamp, Stamp::Broker(_)) && age.sure;
        let written = written.then(|| waiting.read.even.checked_sub(age.age)).flatten();
        written.zip(self.since).is_none_or(|(written, since)| written <= since + CLOCKS)
    }

    /// How old a request is, where that can be known, or has been waited for long enough.
    fn date(&self, offset: i64, date: Date, clock: &BrokerClock, now: Instant) -> Date {
        let Date::Unknown { read, stamp, allowed } = date else { return date };
        let newest = self.end.filter(|(end, _)| offset >= *end);
        let newest = newest.map(|(_, asked)| read.even.saturating_duration_since(asked));
        let age = clock.age(read, stamp, newest);
        // What is young enough at the most may run, whatever its age is.
        let young = newest.is_some_and(|newest| newest < allowed) && age.age < allowed;
        let waited = now.saturating_duration_since(read.even) >= UNDATED;
        if !age.sure && !young && !waited {
            return date;
        }
        let left = if planted!("expired runs") { allowed } else { allowed.saturating_sub(age.age) };
        Date::Deadline(read.even + left)
    }

    /// Nobody waits longer for what a former owner runs than its own deadline, once that is known.
    fn date_what_runs_elsewhere(&mut self, clock: &BrokerClock) {
        for (offset, read, stamp, allowed) in std::mem::take(&mut self.undated) {
            let age = clock.age(read, stamp, None);
            if !age.sure {
                self.undated.push((offset, read, stamp, allowed));
            } else if let Some(open) = self.open.get_mut(&offset).filter(|open| open.stage == Stage::FormerOwner) {
                open.deadline = open.deadline.min(read.even + allowed.saturating_sub(age.age));
            }
        }
    }

    fn take(&mut self, offset: i64, identity: u64, deadline: Instant, request: T) -> Taken<T> {
        self.insert(offset, identity, Stage::Running, deadline);
        Taken { offset, log: self.log.number(), deadline, request }
    }

    fn insert(&mut self, offset: i64, identity: u64, stage: Stage, deadline: Instant) {
        let open = Open { log: self.log.number(), identity, stage, deadline, elsewhere: None };
        self.timed += usize::from(stage.is_timed());
        if let Some(before) = self.open.insert(offset, open) {
            self.timed -= usize::from(before.stage.is_timed());
        }
    }

    fn remove(&mut self, offset: i64) {
        if let Some(open) = self.open.remove(&offset) {
            self.timed -= usize::from(open.stage.is_timed());
            self.dirty = true;
        }
    }

    fn runs_at_former_owner(&self, offset: i64) -> Option<Instant> {
        if planted!("running taken for finished") {
            return None;
        }
        let running = &self.previous.running;
        let next = running.partition_point(|(run, _)| run.last < offset);
        running.get(next).filter(|(run, _)| run.first <= offset).map(|(_, until)| *until)
    }

    fn finished_before(&self, offset: i64) -> bool {
        let previous = &self.previous;
        offset < previous.position
            && !previous.unfinished.contains(&offset)
            && self.runs_at_former_owner(offset).is_none()
            && !planted!("finished runs again")
    }

    /// The next of the requests that waited, if its turn has come.
    pub(crate) fn ready(&mut self, clock: &BrokerClock, now: Instant, turn: Turn) -> Option<Verdict<T>> {
        if !self.undated.is_empty() && clock.known() {
            self.date_what_runs_elsewhere(clock);
        }
        // Not one whose age is not known: a younger one behind it may tell.
        let dates = self.waiting.iter().map(|waiting| self.date(waiting.offset, waiting.date, clock, now));
        let (at, deadline) = dates.enumerate().find_map(|(at, date)| match date {
            Date::Deadline(deadline) => Some((at, deadline)),
            Date::Unknown { .. } => None,
        })?;
        let waiting = self.waiting.get(at)?;
        let offset = waiting.offset;
        let suspect = self.claiming.searches() && (at > 0 || self.is_suspect(waiting, clock));
        let expired = deadline <= now;
        if self.previous.newer == Some(self.point()) {
            self.claiming.cannot();
        }
        if !expired && (!turn.room || !self.claiming.releases(offset, now, turn, suspect)) {
            return None;
        }
        let Waiting { identity, request, .. } = self.waiting.remove(at)?;
        let accused = !expired && self.claiming.accuses(offset);
        let taken = self.take(offset, identity, deadline, request);
        Some(if expired {
            Verdict::Expired(taken)
        } else if accused {
            Verdict::Crashed(taken)
        } else {
            Verdict::Run(taken)
        })
    }

    /// Whether requests wait for the broker's clock to be known.
    pub(crate) fn doubts_the_time(&self) -> bool {
        self.waiting.iter().any(|waiting| matches!(waiting.date, Date::Unknown { .. }))
    }

    /// It may be that the partition is somebody else's by now: nothing is started before a commit
    /// was taken.
    pub(crate) fn doubt(&mut self, now: Instant) {
        if self.owned() && !planted!("no doubt") {
            self.claiming.doubt(now);
        }
    }

    /// A request is finished: answered and acknowledged, or dead, or expired.
    pub(crate) fn finish(&mut self, offset: i64, log: u32) {
        let ours = self.open.get(&offset).is_some_and(|open| open.log == log || planted!("any log"));
        if ours {
            self.claiming.ended(offset);
            self.remove(offset);
        } else {
            self.remove_stray(offset, log);
        }
    }

    /// A request will not be finished here: it is left to the next owner.
    pub(crate) fn release(&mut self, offset: i64, log: u32) {
        if planted!("released is finished") {
            return self.finish(offset, log);
        }
        self.turn_into(offset, log, Stage::Left, None);
    }

    /// The broker did not take an answer. Until then the request is unfinished, so that the next
    /// owner may answer. Says whether it is held so: not where its partition is not ours any more.
    pub(crate) fn answer_lost(&mut self, offset: i64, log: u32, until: Instant) -> bool {
        if planted!("lost is finished") {
            self.finish(offset, log);
            return true;
        }
        self.turn_into(offset, log, Stage::Unanswered, Some(until))
    }

    fn turn_into(&mut self, offset: i64, log: u32, stage: Stage, until: Option<Instant>) -> bool {
        self.remove_stray(offset, log);
        let Some(open) = self.open.get(&offset).filter(|open| open.log == log).copied() else { return false };
        self.claiming.ended(offset);
        if self.owned() {
            self.insert(offset, open.identity, stage, until.unwrap_or(open.deadline));
        } else {
            self.remove(offset);
        }
        self.owned()
    }

    /// Finishes the requests that nobody waits for any more.
    pub(crate) fn give_up(&mut self, now: Instant) -> Vec<(i64, GivenUp)> {
        if self.timed == 0 {
            return Vec::new();
        }
        let mut over: Vec<(i64, GivenUp)> = self
            .open
            .iter()
            .filter(|(_, open)| open.deadline <= now)
            .filter_map(|(offset, open)| match open.stage {
                Stage::FormerOwner if planted!("held for ever") => None,
                Stage::FormerOwner => Some((*offset, GivenUp::OfFormerOwner)),
                Stage::Unanswered => Some((*offset, GivenUp::Unanswered)),
                Stage::Waiting | Stage::Running | Stage::Left => None,
            })
            .collect();
        for (offset, _) in &over {
            self.remove(*offset);
        }
        let strays = self.strays.iter().filter(|(_, stray)| stray.stage.is_timed() && stray.deadline <= now);
        let strays: Vec<(i64, u32)> = strays.map(|(which, _)| *which).collect();
        for (offset, log) in strays {
            self.remove_stray(offset, log);
            over.push((offset, GivenUp::Unanswered));
        }
        over
    }

    /// Takes no more in: the partition is being taken away. Says what is left to the next owner.
    pub(crate) fn stop_taking(&mut self) -> LeftBehind<T> {
        if self.hold == Hold::Taking {
            self.hold = Hold::Leaving;
        }
        let waiting = self.waiting.drain(..).map(|waiting| (waiting.offset, waiting.request)).collect();
        let mut unanswered = Vec::new();
        for (offset, open) in &mut self.open {
            match open.stage {
                Stage::Unanswered => unanswered.push(*offset),
                Stage::Waiting => {}
                Stage::Running | Stage::Left | Stage::FormerOwner => continue,
            }
            open.stage = Stage::Left;
        }
        self.timed -= unanswered.len();
        let strays: Vec<(i64, u32)> =
            self.strays.iter().filter(|(_, stray)| stray.stage.is_timed()).map(|(which, _)| *which).collect();
        for (offset, log) in strays {
            self.remove_stray(offset, log);
            unanswered.push(offset);
        }
        LeftBehind { waiting, unanswered }
    }

    /// The partition is gone. What runs goes on, and is no longer ours to commit.
    pub(crate) fn revoked(&mut self) {
        if planted!("still ours") {
            return;
        }
        self.hold = Hold::None;
        self.previous = Previous::default();
        self.committed = None;
        self.dirty = false;
        self.claiming = Claiming::default();
        self.log.forget_all();
        self.keep_what_runs();
    }

    /// The first offset that is not finished.
    fn point(&self) -> i64 {
        if planted!("commits what was read") {
            return self.log.position();
        }
        self.open.keys().next().map_or(self.log.position(), |first| (*first).min(self.log.position()))
    }

    /// Whether a commit is waited for.
    pub(crate) fn wants_commit(&self) -> bool {
        self.can_commit() && self.claiming.wants_commit()
    }

    /// Not what is somebody else's, not while it is not known which log this is, and not over what
    /// a newer version wrote.
    fn can_commit(&self) -> bool {
        self.owned() && !self.log.probing() && self.previous.newer.is_none_or(|newer| newer != self.point())
    }

    /// What is to be committed, if anything was finished since the last time. `number` is the
    /// commit's, higher than all before. An owner that leaves commits in any case, to take its mark
    /// away and to name what still runs.
    pub(crate) fn commit(&mut self, number: u64, now: Instant, leaving: bool) -> Option<PartitionCommit> {
        let last = leaving && (self.committed.is_some() || !self.open.is_empty());
        if !self.can_commit() || !(self.dirty || last || self.claiming.wants_commit()) {
            return None;
        }
        let point = self.point();
        self.dirty = false;
        if self.committed.is_some_and(|held| held != point) {
            self.claiming.first_owner();
        }
        self.committed = Some(point);
        let claim = if leaving && !planted!("mark stays") { None } else { Some(self.claiming.claim()) };
        self.claiming.sent(number);
        let (unfinished, running) = self.told(now, leaving);
        let position = self.log.position().max(self.previous.position).max(point);
        let draft = Draft {
            point,
            position,
            claim,
            topic: self.topic.or(self.previous.topic),
            unfinished: &unfinished,
            running: &running,
        };
        let written = draft.write();
        Some(PartitionCommit { offset: point, metadata: written.metadata, may_repeat: written.unnamed })
    }

    /// What the next owner is to run, and what it is to leave alone.
    fn told(&self, now: Instant, leaving: bool) -> (BTreeSet<i64>, Vec<Run>) {
        let position = self.log.position();
        // What the former owner noted and we have not read yet goes on with our note.
        let mut unfinished: BTreeSet<i64> = self.previous.unfinished.range(position..).copied().collect();
        let mut running = Vec::new();
        for (offset, open) in &self.open {
            let stays = match open.stage {
                Stage::FormerOwner => true,
                Stage::Running => leaving && !planted!("running forgotten"),
                Stage::Waiting | Stage::Left | Stage::Unanswered => false,
            };
            let elsewhere = open.elsewhere.filter(|until| *until > now);
            if stays || elsewhere.is_some() {
                let until = if stays { open.deadline } else { elsewhere.unwrap_or(open.deadline) };
                let left = until.saturating_duration_since(now);
                running.push(Run { first: *offset, last: *offset, left });
            } else {
                unfinished.insert(*offset);
            }
        }
        for (run, until) in self.previous.running.iter().filter(|(run, until)| run.last >= position && *until > now) {
            let left = until.saturating_duration_since(now);
            let mut first = run.first.max(position);
            // What is told already is not told twice.
            for told in self.open.range(first..=run.last).map(|(offset, _)| *offset) {
                if first < told {
                    running.push(Run { first, last: told - 1, left });
                }
                first = told + 1;
            }
            if first <= run.last {
                running.push(Run { first, last: run.last, left });
            }
        }
        running.sort_unstable_by_key(|run| run.first);
        (unfinished, running)
    }

    /// The broker has the commit of this number.
    pub(crate) fn commit_done(&mut self, number: u64) {
        self.claiming.done(number);
    }

    /// The broker refused a commit: what was in it is in the next.
    pub(crate) fn commit_refused(&mut self) {
        if !planted!("refused forgotten") {
            self.dirty |= self.committed.is_some();
        }
        self.claiming.refused();
    }

    /// The topic of this name is this one. Where it is another than before, reading goes on at the
    /// offset that is returned.
    pub(crate) fn topic(&mut self, id: TopicId) -> Option<i64> {
        let before = self.topic.or(self.previous.topic);
        self.topic = Some(id);
        self.topic_doubted = false;
        if before.is_none_or(|before| before == id) || planted!("topic ignored") {
            return None;
        }
        self.another_log();
        if !self.owned() {
            return None;
        }
        self.begin(0, Previous::default(), Some(id));
        self.dirty = true;
        Some(0)
    }

    /// What is under way is of a log that is gone.
    fn another_log(&mut self) {
        for (offset, open) in std::mem::take(&mut self.open) {
            self.timed -= usize::from(open.stage.is_timed());
            self.stray(offset, open);
        }
        for waiting in self.waiting.drain(..) {
            self.log.forget(waiting.offset);
        }
        self.log.replace();
    }

    /// The log lost its end, and goes on with other records from this offset on.
    fn cut(&mut self, offset: i64) {
        self.log.next_number();
        for (offset, open) in self.open.split_off(&offset) {
            self.timed -= usize::from(open.stage.is_timed());
            self.stray(offset, open);
        }
        self.waiting.retain(|waiting| waiting.offset < offset);
        self.previous.position = self.previous.position.min(offset);
        self.previous.unfinished.split_off(&offset);
        self.previous.running.retain(|(run, _)| run.last < offset);
        self.dirty = true;
    }

    /// A record is of the log that is read now after all: what was taken in of it counts here.
    fn take_back(&mut self, offset: i64, identity: u64) {
        let of_offset = self.strays.range((offset, 0)..=(offset, u32::MAX));
        let stray = of_offset.rev().find(|(_, stray)| stray.identity == identity).map(|(which, _)| *which);
        if let Some(stray) = stray.and_then(|(offset, log)| self.remove_stray(offset, log))
            && !self.open.contains_key(&offset)
        {
            self.timed += usize::from(stray.stage.is_timed());
            self.open.insert(offset, stray);
        }
    }

    /// What runs, or waits for its deadline because its answer was lost, is not of the log that is
    /// read, for all that is known. It may be found in it yet.
    fn stray(&mut self, offset: i64, open: Open) {
        if matches!(open.stage, Stage::Running | Stage::Unanswered) {
            self.timed += usize::from(open.stage.is_timed());
            self.strays.insert((offset, open.log), open);
        }
    }

    fn remove_stray(&mut self, offset: i64, log: u32) -> Option<Open> {
        let stray = self.strays.remove(&(offset, log))?;
        self.timed -= usize::from(stray.stage.is_timed());
        Some(stray)
    }

    /// Whether the partition waits to be told which topic this is.
    pub(crate) fn wants_topic(&self) -> bool {
        self.owned() && self.topic_doubted
    }

    /// The requests that run here.
    pub(crate) fn running(&self) -> impl Iterator<Item = i64> {
        self.open.iter().filter(|(_, open)| open.stage == Stage::Running).map(|(offset, _)| *offset)
    }

    /// When the first request ends by the clock alone. Looks at all.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        if self.timed == 0 {
            return None;
        }
        let all = self.open.values().chain(self.strays.values());
        all.filter(|open| open.stage.is_timed()).map(|open| open.deadline).min()
    }

    /// Whether a request of this partition runs alone, or is about to.
    pub(crate) fn runs_alone(&self) -> bool {
        self.claiming.runs_alone()
    }

    /// How many requests wait for their turn.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many requests are not finished, of this log and of one that is gone.
    pub(crate) fn unfinished(&self) -> usize {
        self.open.len() + self.strays.len()
    }
}

impl Stage {
    fn is_timed(self) -> bool {
        matches!(self, Self::Unanswered | Self::FormerOwner)
    }
}

#[cfg(all(test, not(bus_sim)))]
#[path = "partition_tests.rs"]
mod tests;
