//! A server: a shell around `protocol::requests`, and `protocol::sending` for its answers, as the
//! library's is.

mod out;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use self::out::{Out, Outcome, Outgoing, stamp};
use crate::cx::{Cx, Disposal, Holdings, Process, ServerSetup};
use crate::input::{self, Input, LookUp, Refused};
use crate::protocol::requests::{
    Admission, Arrival, Bounds, BrokerClock, CommitOutcome, GivenUp, Member, MemberAction, Now, Partition,
    ReplyPartitions, Start, Taken, TopicId, Turn, Verdict, View,
};
use crate::record::{Fault, Kind, SimRecord, Status, Topic, Work, answer_to};

/// What a request without a timeout may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long the last commit before partitions go may take.
const LAST_COMMIT: Duration = Duration::from_millis(500);

/// `session.timeout.ms`.
const SESSION: Duration = Duration::from_secs(6);

/// How long a request whose answer was lost may hold its partition's offset, whatever its deadline.
const LONGEST_UNANSWERED: Duration = Duration::from_secs(60);

/// How often a broker is asked whether it is back.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// What the timers are for. Beyond these: the end of a handler.
const TICK: u64 = 0;
const GATE: u64 = 1;
const HANDLERS: u64 = 2;

/// A request that was read.
#[derive(Clone, Copy, Debug)]
struct Request {
    partition: i32,
    offset: i64,
    log: u32,
    deadline: Instant,
    record: SimRecord,
}

/// Which request was read last at each offset of each partition: what the cores tell by its offset
/// alone is told to the world with its body. Part of the journal, not of the server: it prints nothing.
#[derive(Default)]
struct Bodies(BTreeMap<(i32, i64), u64>);

impl Bodies {
    fn note(&mut self, partition: i32, offset: i64, body: u64) {
        self.0.insert((partition, offset), body);
    }

    fn body(&self, partition: i32, offset: i64) -> u64 {
        self.0.get(&(partition, offset)).copied().unwrap_or_default()
    }
}

impl fmt::Debug for Bodies {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

/// What was asked when partitions were assigned.
#[derive(Debug)]
struct Asked {
    partitions: Vec<i32>,
    committed: Option<Vec<(i32, Option<input::Committed>)>>,
    topic: Option<Option<TopicId>>,
}

/// A server process.
#[derive(Debug)]
pub(crate) struct Server {
    setup: ServerSetup,
    group: Option<Group>,
    partitions: BTreeMap<i32, Partition<SimRecord>>,
    /// Those that are ours.
    assigned: Vec<i32>,
    admission: Admission<Request>,
    replies: ReplyPartitions<Request>,
    /// Handlers that run, by the number of their timer.
    running: BTreeMap<u64, Request>,
    next_handler: u64,
    /// Requests that were taken in and are not finished.
    unfinished: usize,
    ticks: Option<Instant>,
    gate_looks: Option<Instant>,
    fenced: Option<Instant>,
    last_fenced: Option<Instant>,
    read: Bodies,
    /// When what runs is to be over, once it was told to stop.
    drained_by: Option<Instant>,
}

/// What there is once the process has been started.
#[derive(Debug)]
struct Group {
    member: Member,
    clock: BrokerClock,
    out: Out,
    asked: Option<Asked>,
    /// Whether the question of before last is unanswered: its answer is of another time.
    stale: bool,
    /// The commits under way: Kafka's number, and the core's.
    commits: BTreeMap<u64, u64>,
    look_ups: [usize; 2],
    /// When it was asked where these partitions end.
    ends: BTreeMap<i32, Instant>,
}

impl Server {
    pub(crate) fn new(setup: &ServerSetup) -> Self {
        let bounds = Bounds { concurrency: setup.concurrency, queue: setup.queue, bytes: usize::MAX };
        Self {
            setup: setup.clone(),
            group: None,
            partitions: BTreeMap::new(),
            assigned: Vec::new(),
            admission: Admission::new(bounds),
            replies: ReplyPartitions::new(None),
            running: BTreeMap::new(),
            next_handler: HANDLERS,
            unfinished: 0,
            ticks: None,
            gate_looks: None,
            fenced: None,
            last_fenced: None,
            read: Bodies::default(),
            drained_by: None,
        }
    }

    // The group.

    fn start(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        self.group = Some(Group {
            member: Member::new(LAST_COMMIT, SESSION, now),
            clock: BrokerClock::new(now),
            out: Out::new(now),
            asked: None,
            stale: false,
            commits: BTreeMap::new(),
            look_ups: [0; 2],
            ends: BTreeMap::new(),
        });
        cx.join(self.setup.instance);
        self.look_up(Topic::Replies, cx);
    }

    fn look_up(&mut self, topic: Topic, cx: &mut Cx<'_>) {
        if let Some(group) = &mut self.group {
            group.look_ups[usize::from(topic == Topic::Replies)] += 1;
            cx.look_up(topic);
        }
    }

    fn carry_out(&mut self, action: MemberAction, cx: &mut Cx<'_>) {
        match action {
            MemberAction::LookUp(partitions) => self.ask(partitions, cx),
            MemberAction::StopTaking => self.stop_taking(cx),
            MemberAction::Commit { number, leaving } => self.commit(number, leaving, cx),
            MemberAction::CommitLost => self.partitions.values_mut().for_each(Partition::commit_refused),
            MemberAction::Unassign => {
                self.partitions.values_mut().for_each(Partition::revoked);
                self.assigned.clear();
                if let Some(group) = &mut self.group {
                    group.stale |= group.asked.take().is_some_and(|asked| asked.committed.is_none());
                }
                cx.unassign();
            }
            MemberAction::Leave => cx.leave(),
            MemberAction::Pause => self.assigned.iter().for_each(|partition| cx.pause(*partition)),
            MemberAction::Resume => self.assigned.iter().for_each(|partition| cx.resume(*partition)),
            MemberAction::CheckTopic => {
                self.look_up(Topic::Requests, cx);
                self.ask_for_ends(cx);
            }
            MemberAction::End => self.end(cx),
        }
    }

    fn ask(&mut self, partitions: Vec<i32>, cx: &mut Cx<'_>) {
        let Some(group) = &mut self.group else { return };
        if group.stale || group.asked.is_some() {
            return;
        }
        group.asked = Some(Asked { partitions: partitions.clone(), committed: None, topic: None });
        cx.committed(partitions);
        self.look_up(Topic::Requests, cx);
    }

    fn committed(&mut self, answer: Option<Vec<(i32, Option<input::Committed>)>>, cx: &mut Cx<'_>) {
        let Some(group) = &mut self.group else { return };
        if std::mem::take(&mut group.stale) {
            return;
        }
        match (&mut group.asked, answer) {
            (Some(asked), Some(answer)) => asked.committed = Some(answer),
            // Nobody answered: it is asked again.
            (_, None) => group.asked = None,
            (None, Some(_)) => {}
        }
        self.begin_to_read(cx);
    }

    fn looked_up(&mut self, topic: Topic, answer: &LookUp, cx: &mut Cx<'_>) {
        let now = cx.now();
        let Some(group) = &mut self.group else { return };
        let under_way = &mut group.look_ups[usize::from(topic == Topic::Replies)];
        *under_way = under_way.saturating_sub(1);
        let found = match answer {
            LookUp::Found { id, count, .. } => Some((TopicId::new(*id), *count)),
            LookUp::NoTopic | LookUp::NoBrokers | LookUp::NoAnswer => None,
        };
        if matches!(answer, LookUp::Found { .. } | LookUp::NoTopic) {
            group.out.back(cx);
        }
        if topic == Topic::Replies {
            let settled = self.replies.looked_up(found.map(|(_, count)| count), now);
            for request in settled.known {
                self.admit(request, cx);
            }
            for request in settled.unknown {
                self.dead_letter(request, Fault::Unaddressed, cx);
            }
            return;
        }
        let id = found.and_then(|(id, _)| id);
        if let Some(asked) = &mut group.asked {
            asked.topic = Some(id);
            self.begin_to_read(cx);
        } else if let Some(id) = id {
            for (partition, core) in &mut self.partitions {
                if let Some(offset) = core.topic(id) {
                    cx.assign(Topic::Requests, *partition, offset);
                }
            }
        }
    }

    /// Reads, once both answers are there.
    fn begin_to_read(&mut self, cx: &mut Cx<'_>) {
        let Some(group) = &mut self.group else { return };
        if !group.asked.as_ref().is_some_and(|asked| asked.committed.is_some() && asked.topic.is_some()) {
            return;
        }
        let Some(Asked { partitions, committed: Some(committed), topic: Some(topic) }) = group.asked.take() else {
            return;
        };
        group.member.looked_up(cx.now());
        for (partition, committed) in committed {
            let committed = committed.as_ref().map(|it| (it.offset, it.metadata.as_str()));
            let core = self.partitions.entry(partition).or_default();
            let from = match core.assigned(committed, topic, cx.now()) {
                Start::At(offset) => offset,
                Start::Earliest => 0,
            };
            cx.assign(Topic::Requests, partition, from);
        }
        self.assigned = partitions;
        self.ask_for_ends(cx);
    }

    /// Asks where the partitions end, as long as nothing else tells what is young.
    fn ask_for_ends(&mut self, cx: &mut Cx<'_>) {
        let Some(group) = &mut self.group else { return };
        if !group.clock.known() && group.ends.is_empty() {
            for partition in &self.assigned {
                group.ends.insert(*partition, cx.now());
                cx.end_offset(Topic::Requests, *partition);
            }
        }
    }

    fn ended(&mut self, partition: i32, offset: Option<i64>) {
        let asked = self.group.as_mut().and_then(|group| group.ends.remove(&partition));
        if let (Some(asked), Some(offset), Some(core)) = (asked, offset, self.partitions.get_mut(&partition)) {
            core.log_ended(offset, asked);
        }
    }

    fn stop_taking(&mut self, cx: &mut Cx<'_>) {
        for (partition, core) in &mut self.partitions {
            let left = core.stop_taking();
            for (offset, record) in left.waiting {
                cx.disposed(*partition, offset, record.body, Disposal::HandedBack);
            }
            for offset in left.unanswered {
                cx.disposed(*partition, offset, self.read.body(*partition, offset), Disposal::MayRepeat);
            }
        }
        let queued = self.admission.hand_back();
        for request in queued.into_iter().chain(self.replies.hand_back()) {
            self.unfinished -= 1;
            if let Some(core) = self.partitions.get_mut(&request.partition) {
                core.release(request.offset, request.log);
            }
            cx.disposed(request.partition, request.offset, request.record.body, Disposal::HandedBack);
        }
    }

    fn commit(&mut self, number: u64, leaving: bool, cx: &mut Cx<'_>) {
        let now = cx.now();
        let mut list = Vec::new();
        for partition in &self.assigned {
            let Some(core) = self.partitions.get_mut(partition) else { continue };
            let Some(commit) = core.commit(number, now, leaving) else { continue };
            if leaving {
                let of = core.running().count();
                for offset in core.running() {
                    let unnamed = commit.may_repeat.contains(&offset);
                    let disposal = if unnamed { Disposal::Unnamed { of } } else { Disposal::HandedOver };
                    cx.disposed(*partition, offset, self.read.body(*partition, offset), disposal);
                }
            }
            list.push((*partition, input::Committed { offset: commit.offset, metadata: commit.metadata }));
        }
        if list.is_empty() {
            self.commit_ended(number, CommitOutcome::Taken, cx);
            return;
        }
        let id = cx.commit(list, leaving);
        if let Some(group) = &mut self.group {
            group.commits.insert(id, number);
        }
    }

    fn commit_answered(&mut self, id: u64, outcome: CommitOutcome, cx: &mut Cx<'_>) {
        if let Some(number) = self.group.as_mut().and_then(|group| group.commits.remove(&id)) {
            self.commit_ended(number, outcome, cx);
        }
    }

    fn commit_ended(&mut self, number: u64, outcome: CommitOutcome, cx: &mut Cx<'_>) {
        let Some(group) = &mut self.group else { return };
        if !group.member.commit_result(number, outcome, cx.now()) {
            return;
        }
        for core in self.partitions.values_mut() {
            match outcome {
                CommitOutcome::Taken => core.commit_done(number),
                CommitOutcome::Refused | CommitOutcome::Over => core.commit_refused(),
            }
        }
    }

    fn end(&mut self, cx: &mut Cx<'_>) {
        for (_, request) in std::mem::take(&mut self.running) {
            cx.run_ended(request.partition, request.offset, request.record.token, false);
            // What outlasts the drain loses its place. Nothing is in the queue: that was handed back.
            if self.drained_by.is_some_and(|drained| drained <= cx.now()) {
                self.admission.leave();
            }
        }
        self.partitions.clear();
        self.unfinished = 0;
        self.group = None;
        cx.exit();
    }

    // Requests.

    fn record(
        &mut self,
        partition: i32,
        offset: i64,
        stamped: crate::record::Stamp,
        record: SimRecord,
        cx: &mut Cx<'_>,
    ) {
        let (Some(group), Some(core)) = (&self.group, self.partitions.get_mut(&partition)) else { return };
        let arrival = Arrival {
            offset,
            identity: identity(&record, stamped.ms),
            stamp: stamp(stamped),
            allowed: record.timeout_ms.map_or(TIMEOUT, |millis| Duration::from_millis(u64::from(millis))),
        };
        let verdict = core.record(arrival, record, &group.clock, now(cx));
        if !matches!(verdict, Verdict::TakenBefore | Verdict::Seek(_) | Verdict::NotOurs) {
            self.read.note(partition, offset, record.body);
        }
        self.judged(partition, offset, verdict, cx);
    }

    fn judged(&mut self, partition: i32, offset: i64, verdict: Verdict<SimRecord>, cx: &mut Cx<'_>) {
        match verdict {
            Verdict::Run(taken) => {
                let request = self.taken(partition, taken, cx);
                if request.record.kind == Kind::Cancel {
                    self.finish(request, None, cx);
                } else if self.replies.has(request.record.reply_partition) {
                    self.admit(request, cx);
                } else if let Err(request) = self.replies.wait(request.record.reply_partition, request, cx.now()) {
                    self.dead_letter(request, Fault::Unaddressed, cx);
                }
            }
            Verdict::Expired(taken) => {
                let request = self.taken(partition, taken, cx);
                self.finish(request, Some(Disposal::Expired), cx);
            }
            Verdict::Crashed(taken) => {
                let request = self.taken(partition, taken, cx);
                self.dead_letter(request, Fault::Crashed, cx);
            }
            Verdict::FinishedBefore => {
                cx.disposed(partition, offset, self.read.body(partition, offset), Disposal::FinishedBefore);
            }
            Verdict::StillRuns => {
                cx.disposed(partition, offset, self.read.body(partition, offset), Disposal::StillRuns);
            }
            Verdict::Seek(offset) => cx.assign(Topic::Requests, partition, offset),
            Verdict::Waits | Verdict::TakenBefore | Verdict::NotOurs => {}
        }
    }

    fn taken(&mut self, partition: i32, taken: Taken<SimRecord>, cx: &mut Cx<'_>) -> Request {
        let Taken { offset, log, deadline, request: record } = taken;
        self.unfinished += 1;
        cx.disposed(partition, offset, record.body, Disposal::Taken);
        Request { partition, offset, log, deadline, record }
    }

    fn admit(&mut self, request: Request, cx: &mut Cx<'_>) {
        if request.record.work == Work::Unreadable {
            self.dead_letter(request, Fault::Malformed, cx);
            return;
        }
        let mut entering = vec![request];
        self.admission.enter(&mut entering);
        for request in entering {
            self.run(request, cx);
        }
    }

    fn run(&mut self, request: Request, cx: &mut Cx<'_>) {
        let now = cx.now();
        if request.deadline <= now {
            self.finish(request, Some(Disposal::Expired), cx);
            self.handler_ended(cx);
            return;
        }
        cx.run_began(request.partition, request.offset, request.record.token);
        self.next_handler += 1;
        let takes = match request.record.work {
            Work::Takes(takes) | Work::Panics(takes) | Work::Kills(takes) => now + takes,
            Work::Hangs | Work::Unreadable => request.deadline,
        };
        self.running.insert(self.next_handler, request);
        cx.wake_at(takes.min(request.deadline), self.next_handler);
    }

    fn ran(&mut self, handler: u64, cx: &mut Cx<'_>) {
        let Some(request) = self.running.remove(&handler) else { return };
        let SimRecord { token, body, .. } = request.record;
        let in_time = cx.now() < request.deadline;
        match request.record.work {
            Work::Kills(_) if in_time => return cx.die(),
            Work::Takes(_) if in_time => {
                cx.run_ended(request.partition, request.offset, token, true);
                let reply = Outgoing::reply(request, Kind::Reply(Status::Ok), answer_to(token, body));
                self.send(reply, cx);
            }
            Work::Panics(_) if in_time => {
                cx.run_ended(request.partition, request.offset, token, false);
                self.fault(request, Fault::Panicked, cx);
            }
            _ => {
                cx.run_ended(request.partition, request.offset, token, false);
                self.finish(request, Some(Disposal::Expired), cx);
            }
        }
        self.handler_ended(cx);
    }

    fn handler_ended(&mut self, cx: &mut Cx<'_>) {
        if let Some(next) = self.admission.leave() {
            self.run(next, cx);
        }
    }

    fn finish(&mut self, request: Request, disposal: Option<Disposal>, cx: &mut Cx<'_>) {
        self.unfinished -= 1;
        if let Some(disposal) = disposal {
            cx.disposed(request.partition, request.offset, request.record.body, disposal);
        }
        if let Some(core) = self.partitions.get_mut(&request.partition) {
            core.finish(request.offset, request.log);
        }
    }

    // Answers.

    fn send(&mut self, outgoing: Outgoing, cx: &mut Cx<'_>) {
        if let Some(group) = &mut self.group {
            group.out.send(outgoing, cx);
        }
    }

    fn fault(&mut self, request: Request, fault: Fault, cx: &mut Cx<'_>) {
        self.send(Outgoing::reply(request, Kind::Reply(Status::Fault(fault)), 0), cx);
    }

    fn dead_letter(&mut self, request: Request, reason: Fault, cx: &mut Cx<'_>) {
        self.send(Outgoing::dead(request, reason), cx);
    }

    fn take_note(&mut self, cx: &mut Cx<'_>) {
        while let Some((outgoing, outcome)) = self.group.as_mut().and_then(|group| group.out.ended()) {
            let request = outgoing.request;
            match outcome {
                Outcome::Delivered { stamp: stamped, sent } => {
                    if let Some(group) = &self.group {
                        group.clock.sample(sent, now(cx), stamp(stamped));
                    }
                    if !outgoing.is_dead_letter() {
                        self.finish(request, Some(Disposal::Answered), cx);
                        continue;
                    }
                    cx.disposed(request.partition, request.offset, request.record.body, Disposal::DeadLettered);
                    match outgoing.fault {
                        Some(Fault::Unaddressed) | None => self.finish(request, None, cx),
                        Some(fault) => self.fault(request, fault, cx),
                    }
                }
                Outcome::Expired => self.finish(request, Some(Disposal::Expired), cx),
                Outcome::Lost => {
                    self.unfinished -= 1;
                    let until = request.deadline.min(cx.now() + LONGEST_UNANSWERED);
                    if let Some(core) = self.partitions.get_mut(&request.partition)
                        && !core.answer_lost(request.offset, request.log, until)
                    {
                        // Not ours any more: nobody takes care of it but whoever has it.
                        cx.disposed(request.partition, request.offset, request.record.body, Disposal::AnswerLost);
                    }
                }
            }
        }
    }

    // Time.

    fn tick(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        for (partition, core) in &mut self.partitions {
            for (offset, given_up) in core.give_up(now) {
                let disposal = match given_up {
                    GivenUp::OfFormerOwner => Disposal::LeftToFormerOwner,
                    GivenUp::Unanswered => Disposal::AnswerLost,
                };
                cx.disposed(*partition, offset, self.read.body(*partition, offset), disposal);
            }
        }
        let down = self.group.as_ref().is_some_and(|group| group.out.down && group.look_ups[1] == 0);
        if down || self.replies.wants_look_up(now) {
            self.look_up(Topic::Replies, cx);
        }
        if self.fenced.is_some_and(|fenced| now >= fenced + Duration::from_secs(1)) {
            self.fenced = None;
            cx.join(self.setup.instance);
        }
    }

    /// Carries out what is to be done until there is nothing more.
    fn settle(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        loop {
            self.take_note(cx);
            self.release_waiting(cx);
            let held = self.partitions.values().map(Partition::waiting).sum();
            let full = self.admission.full(self.is_paused(), 0, held);
            let wants_commit = self.partitions.values().any(Partition::wants_commit);
            let wants_topic = self.partitions.values().any(Partition::wants_topic);
            let view = View { full, unfinished: self.unfinished, wants_commit, wants_topic };
            let Some(action) = self.group.as_mut().and_then(|group| group.member.poll(now, view)) else { return };
            let over = action == MemberAction::End;
            self.carry_out(action, cx);
            if over {
                return;
            }
        }
    }

    fn is_paused(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.member.is_paused())
    }

    fn release_waiting(&mut self, cx: &mut Cx<'_>) {
        for partition in self.assigned.clone() {
            loop {
                let alone = self.partitions.iter().any(|(at, core)| *at != partition && core.runs_alone());
                let room = self.admission.has_room(0);
                let turn = Turn { free: !alone, idle: self.unfinished == 0, room };
                let Some(group) = &self.group else { return };
                let core = self.partitions.get_mut(&partition);
                let ready = core.and_then(|core| core.ready(&group.clock, cx.now(), turn));
                let Some(verdict) = ready else { break };
                let offset = match &verdict {
                    Verdict::Run(taken) | Verdict::Expired(taken) | Verdict::Crashed(taken) => taken.offset,
                    _ => break,
                };
                self.judged(partition, offset, verdict, cx);
                self.take_note(cx);
            }
        }
    }

    fn set_timers(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now();
        let Some(group) = &self.group else { return };
        let waits = self.partitions.values().any(|core| core.waiting() > 0);
        let at = [
            group.member.wake_at(now),
            self.partitions.values().filter_map(Partition::next_end).min(),
            self.replies.wake_at(now),
            waits.then(|| now + Duration::from_millis(50)),
            group.out.down.then(|| now + ASK_AGAIN),
            self.fenced.map(|fenced| fenced + Duration::from_secs(1)),
        ];
        let next = at.into_iter().flatten().min().map(|at| at.max(now + Duration::from_millis(1)));
        set(&mut self.ticks, next, TICK, cx);
        set(&mut self.gate_looks, group.out.gate.next_look(cx.now()), GATE, cx);
    }
}

fn set(timer: &mut Option<Instant>, at: Option<Instant>, id: u64, cx: &mut Cx<'_>) {
    if let Some(at) = at
        && timer.is_none_or(|set| at < set)
    {
        *timer = Some(at);
        cx.wake_at(at, id);
    }
}

fn now(cx: &Cx<'_>) -> Now {
    Now { even: cx.now(), wall: cx.wall_ms() }
}

/// What makes a record this record.
fn identity(record: &SimRecord, ms: i64) -> u64 {
    let [high, low] =
        [record.token >> 64, record.token].map(|half| u64::try_from(half & u128::from(u64::MAX)).unwrap_or(0));
    (high ^ low.rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ ms.unsigned_abs()
}

impl Process for Server {
    fn handle(&mut self, input: Input, cx: &mut Cx<'_>) {
        let now = cx.now();
        if self.group.as_mut().is_some_and(|group| group.member.wake(now)) {
            self.partitions.values_mut().for_each(|core| core.doubt(now));
        }
        match input {
            Input::Started => self.start(cx),
            // One that was set before another that was to come earlier.
            Input::Wake(TICK) if self.ticks.is_none_or(|at| at > now) => return,
            Input::Wake(GATE) if self.gate_looks.is_none_or(|at| at > now) => return,
            Input::Wake(TICK) => {
                self.ticks = None;
                self.tick(cx);
            }
            Input::Wake(GATE) => {
                self.gate_looks = None;
                if let Some(group) = &mut self.group {
                    group.out.drain_all(cx);
                }
            }
            Input::Wake(handler) => self.ran(handler, cx),
            Input::Stop => {
                self.fenced = None;
                let until = now + Duration::from_millis(self.setup.drain_ms);
                self.drained_by.get_or_insert(until);
                if let Some(group) = &mut self.group {
                    group.member.stop(until, now);
                }
            }
            Input::Delivered { cookie, stamp, .. } => {
                if let Some(group) = &mut self.group {
                    group.out.delivered(cookie, stamp, cx);
                }
            }
            Input::Failed { cookie, why, .. } => {
                if let Some(group) = &mut self.group {
                    group.out.failed(cookie, why, cx);
                }
            }
            Input::BrokersDown => {
                if let Some(group) = &mut self.group {
                    group.out.down = true;
                }
            }
            Input::Record { topic: Topic::Requests, partition, offset, stamp, record } => {
                self.record(partition, offset, stamp, record, cx);
            }
            Input::Assigned(partitions) => {
                if let Some(group) = &mut self.group {
                    group.member.assigned(partitions, now);
                }
            }
            Input::Revoked => {
                if let Some(group) = &mut self.group {
                    group.member.revoked(now);
                }
            }
            Input::Lost | Input::Fenced => {
                if let Some(group) = &mut self.group {
                    group.member.lost();
                    // One that is fenced again so soon was really replaced.
                    let again = self.last_fenced.is_some_and(|last| now < last + Duration::from_secs(10));
                    if input == Input::Fenced && !group.member.is_stopping() && !again {
                        self.fenced = Some(now);
                        self.last_fenced = Some(now);
                    }
                }
            }
            Input::End { topic: Topic::Requests, partition, offset } => self.ended(partition, offset),
            Input::Committed(answer) => self.committed(answer, cx),
            Input::CommitDone { id } => self.commit_answered(id, CommitOutcome::Taken, cx),
            Input::CommitRefused { id, why } => {
                let outcome = match why {
                    Refused::RebalanceInProgress | Refused::MetadataTooLarge | Refused::NoAnswer => {
                        CommitOutcome::Refused
                    }
                    Refused::IllegalGeneration | Refused::UnknownMember | Refused::Fenced => CommitOutcome::Over,
                };
                self.commit_answered(id, outcome, cx);
            }
            Input::Topic { topic, answer } => self.looked_up(topic, &answer, cx),
            // Nothing of a server's.
            Input::Call(_)
            | Input::Closed
            | Input::GiveUp { .. }
            | Input::End { .. }
            | Input::Beginning { .. }
            | Input::Record { .. } => {}
        }
        self.settle(cx);
        self.set_timers(cx);
    }

    fn holds(&self, report: &mut Holdings<'_>) {
        report.held("handlers that run", self.admission.running(), self.setup.concurrency);
        let open: usize = self.partitions.values().map(Partition::unfinished).sum();
        report.held("requests behind them", self.admission.waiting(), self.setup.queue + 64);
        report.held("requests that are not finished", open, usize::MAX);
        report.held("requests that were taken in", self.unfinished, usize::MAX);
        report.held("requests that wait for a look-up", self.replies.waiting(), 256);
        if let Some(group) = &self.group {
            report.held("records in front of the producer", group.out.gate.waiting(), out::QUEUE.records);
            report.held("records handed over", group.out.handed_over(), usize::MAX);
        }
        let waiting: usize = self.partitions.values().map(Partition::waiting).sum();
        report.held("requests that wait for their turn", waiting, usize::MAX);
    }
}
