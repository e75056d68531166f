//! Takes records in on the group's thread: reads, refuses, admits, and carries out between the
//! group and the cores what either wants of the other. Runs no user code but what is marked inline.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use super::answer::{self, ReplyDue};
use super::arrived::{Arrived, What};
use super::job::{Job, Jobs};
use super::letter::DeadLetter;
use super::ticket::{Slot, Ticket};
use super::topic_server::{TopicServer, now};
use super::{dead_letters, reading};
use crate::contract::{Claim, DEFAULT_TIMEOUT, Decision, Judge};
use crate::counters::count;
use crate::kafka::{Action, Assigned, Commit, Committed, GroupHandler, Position, RecordView};
use crate::message::{Fault, Reply, Request};
use crate::protocol::requests::{
    CommitOutcome, GivenUp, Member, MemberAction, ReplyPartitions, Start, Taken, TopicId, Turn, Verdict, View,
};
use crate::sync::lock;
use crate::wire::{Incoming, Unreadable};

/// Takes the records of one request topic in.
pub(super) struct Listener {
    server: Arc<TopicServer>,
    jobs: Arc<Jobs>,
    member: Member,
    /// Those that were ever ours.
    slots: BTreeMap<i32, Arc<Slot>>,
    assigned: Vec<i32>,
    replies: ReplyPartitions<Addressed>,
    looking: Arc<AtomicU8>,
    joined: tokio::sync::watch::Sender<bool>,
    judge: Judge,
    /// Read and not yet admitted. As many as the group reads before the end of a batch.
    read: Vec<Job>,
    /// Whether requests wait in partitions, or partitions for a commit.
    waiting: bool,
}

/// A request whose reply partition is not known yet.
struct Addressed {
    ticket: Ticket,
    deadline: Instant,
    what: What,
}

/// What a look-up of the reply topic is doing.
const LOOKING: u8 = 1;
const LOOKED_UP: u8 = 2;

impl Listener {
    pub(super) fn new(
        server: Arc<TopicServer>,
        jobs: Arc<Jobs>,
        last_commit: Duration,
        session: Duration,
        joined: tokio::sync::watch::Sender<bool>,
    ) -> Self {
        Self {
            replies: ReplyPartitions::new(Some(server.replies.count())),
            server,
            jobs,
            member: Member::new(last_commit, session, Instant::now()),
            slots: BTreeMap::new(),
            assigned: Vec::new(),
            looking: Arc::default(),
            joined,
            judge: Judge::default(),
            read: Vec::new(),
            waiting: false,
        }
    }

    /// Carries out what was decided of a record; where reading goes on elsewhere, says so.
    fn judged(&mut self, slot: &Arc<Slot>, verdict: Verdict<Arrived>) -> Option<i64> {
        let counts = &self.server.shared.counts;
        match verdict {
            Verdict::Run(taken) => self.taken(slot, taken),
            Verdict::Expired(Taken { offset, log, request, .. }) => {
                count(&counts.expired);
                slot.ticket(offset, log, request.bytes).finish();
            }
            Verdict::Crashed(taken) => self.crashed(slot, taken),
            Verdict::Waits => self.waiting = true,
            Verdict::FinishedBefore => count(&counts.already_finished),
            Verdict::Seek(offset) => return Some(offset),
            Verdict::StillRuns | Verdict::TakenBefore | Verdict::NotOurs => {}
        }
        None
    }

    fn taken(&mut self, slot: &Arc<Slot>, taken: Taken<Arrived>) {
        let Taken { offset, log, deadline, request: Arrived { what, bytes } } = taken;
        let ticket = slot.ticket(offset, log, bytes);
        let partition = match &what {
            What::Request { incoming, .. } | What::Unserved { incoming, .. } => Some(incoming.address.partition),
            What::Unreadable { unreadable, .. } => unreadable.address.as_ref().map(|address| address.partition),
        };
        let known = |partition: i32| u32::try_from(partition).is_ok_and(|it| it < self.server.replies.count());
        let Some(partition) = partition.filter(|partition| !known(*partition)) else {
            return self.go_on(Addressed { ticket, deadline, what });
        };
        // The topic may have it by now.
        let addressed = Addressed { ticket, deadline, what };
        if let Err(addressed) = self.replies.wait(partition, addressed, Instant::now()) {
            self.unaddressed(addressed);
        }
    }

    /// Goes on with a request whose reply has somewhere to go.
    fn go_on(&mut self, Addressed { ticket, deadline, what }: Addressed) {
        match what {
            What::Request { incoming, route, body } => {
                let job = self.decide(incoming, route, body, deadline, ticket);
                self.read.extend(job);
            }
            What::Unserved { incoming, body, detail } => {
                self.server.refused(&Fault::UnknownMethod, &detail, incoming.caller.as_deref());
                let letter = DeadLetter::of_request(&incoming, &body);
                self.refuse_dead(letter, *incoming, Reply::fault(Fault::UnknownMethod, detail), ticket);
            }
            What::Unreadable { letter, unreadable } => {
                let Unreadable { reason, address } = *unreadable;
                self.server.refused(&Fault::Malformed, &reason, None);
                match address {
                    Some(address) => {
                        let reply = Reply::fault(Fault::Malformed, reason);
                        self.refuse_dead(*letter, Incoming::unread(address), reply, ticket);
                    }
                    None => dead_letters::write(&self.server, *letter, reason, None, ticket),
                }
            }
        }
    }

    /// Makes a job of a request, or refuses it.
    fn decide(
        &self,
        incoming: Box<Incoming>,
        route: super::routes::Route,
        body: bytes::Bytes,
        deadline: Instant,
        ticket: Ticket,
    ) -> Option<Job> {
        let server = &self.server;
        let codec = incoming.codec.unwrap_or(route.contract.codec());
        let claim = Claim {
            number: incoming.shape,
            terms: incoming.shapes.as_deref(),
            released: incoming.contract.map(|theirs| (theirs.wire, theirs.api)),
        };
        let refused = match self.judge.decide(route.contract, route.method, codec, incoming.caller.as_deref(), claim) {
            Decision::Go => None,
            Decision::Ask => Some(Reply::fault(
                Fault::ShapesWanted,
                format!("the types of `{}` are others here: what does the caller know of them?", route.method.name()),
            )),
            Decision::Refuse(detail) => {
                server.refused(&Fault::ContractMismatch, &detail, incoming.caller.as_deref());
                Some(Reply::fault(Fault::ContractMismatch, detail))
            }
        };
        if let Some(reply) = refused {
            answer::send(server, ReplyDue::new(*incoming, route.contract, reply, deadline), ticket);
            return None;
        }
        let request = Request {
            contract: route.contract,
            method: route.method,
            codec,
            body,
            headers: incoming.headers.clone(),
            deadline,
            caller: incoming.caller.clone(),
            key: None,
            tells_shapes: false,
            shape: incoming
                .shape
                .map(|_| route.method.terms(codec).number)
                .filter(|ours| incoming.shape != Some(*ours)),
            max_decoded_bytes: server.max_decoded_bytes,
        };
        Some(Job::new(server, route, request, incoming, ticket))
    }

    fn crashed(&self, slot: &Arc<Slot>, taken: Taken<Arrived>) {
        let Taken { offset, log, deadline, request: Arrived { what, bytes } } = taken;
        let ticket = slot.ticket(offset, log, bytes);
        match what {
            What::Request { incoming, route, body } => {
                let detail =
                    format!("`{}` ended the process of every server that ran this request", route.method.name());
                self.server.refused(&Fault::Crashed, &detail, incoming.caller.as_deref());
                let reply = Reply::fault(Fault::Crashed, detail.clone());
                let letter = DeadLetter::of_request(&incoming, &body);
                let due = ReplyDue::new(*incoming, route.contract, reply, deadline);
                dead_letters::keep(&self.server, letter, detail, Some(due), ticket);
            }
            // These run nothing, and so end nothing.
            What::Unserved { incoming, body, .. } => {
                let letter = DeadLetter::of_request(&incoming, &body);
                dead_letters::write(&self.server, letter, "crashed".to_owned(), None, ticket);
            }
            What::Unreadable { letter, unreadable } => {
                dead_letters::write(&self.server, *letter, unreadable.reason, None, ticket);
            }
        }
    }

    /// A request names a reply partition that is not there, whoever is asked.
    fn unaddressed(&self, Addressed { ticket, what, .. }: Addressed) {
        let (letter, partition) = match what {
            What::Request { incoming, body, .. } | What::Unserved { incoming, body, .. } => {
                (DeadLetter::of_request(&incoming, &body), incoming.address.partition)
            }
            What::Unreadable { letter, unreadable } => {
                (*letter, unreadable.address.as_ref().map_or(-1, |address| address.partition))
            }
        };
        let there = self.server.replies.count();
        let reason = format!("the key names reply partition {partition}, and there are {there}");
        self.server.refused(&Fault::Malformed, &reason, None);
        dead_letters::write(&self.server, letter, reason, None, ticket);
    }

    fn refuse_dead(&self, letter: DeadLetter, incoming: Incoming, reply: Reply, ticket: Ticket) {
        let reason = reply.detail().to_owned();
        let due = self.server.routes.contracts.first().map(|contract| {
            let deadline = Instant::now() + DEFAULT_TIMEOUT;
            ReplyDue::new(incoming, contract, reply, deadline)
        });
        dead_letters::write(&self.server, letter, reason, due, ticket);
    }

    /// Looks the reply topic up where a request waits for it, on a thread that may block.
    fn look_up_replies(&mut self, now: Instant) {
        if self.looking.load(Ordering::Acquire) == LOOKED_UP {
            self.looking.store(0, Ordering::Release);
            let settled = self.replies.looked_up(Some(self.server.replies.count()), now);
            settled.known.into_iter().for_each(|addressed| self.go_on(addressed));
            settled.unknown.into_iter().for_each(|addressed| self.unaddressed(addressed));
            self.end_of_batch();
        }
        if self.replies.wants_look_up(now) {
            self.looking.store(LOOKING, Ordering::Release);
            let (server, looking) = (Arc::clone(&self.server), Arc::clone(&self.looking));
            self.server.runtime.spawn_blocking(move || {
                server.shared.look_up_now(&server.replies);
                looking.store(LOOKED_UP, Ordering::Release);
            });
        }
    }

    /// Starts what waited for its turn.
    fn release_waiting(&mut self, now: Instant) {
        if !self.waiting {
            return;
        }
        let ours: Vec<_> = self.assigned.iter().filter_map(|number| self.slots.get(number)).cloned().collect();
        for slot in &ours {
            loop {
                let others = ours.iter().filter(|other| other.number != slot.number);
                let free = !others.into_iter().any(|other| lock(&other.partition).runs_alone());
                let room = self.jobs.has_room(self.read.len());
                let turn = Turn { free, idle: self.server.tally.unfinished() == 0, room };
                let Some(verdict) = lock(&slot.partition).ready(&self.server.clock, now, turn) else { break };
                self.judged(slot, verdict);
            }
        }
        self.end_of_batch();
        self.waiting = ours.iter().any(|slot| {
            let partition = lock(&slot.partition);
            partition.waiting() > 0 || partition.wants_commit() || partition.wants_topic()
        });
    }

    fn stop_taking(&mut self) {
        let mut handed_back = 0;
        for slot in self.slots.values() {
            let left = lock(&slot.partition).stop_taking();
            handed_back += left.waiting.len();
            self.server.may_repeat(left.unanswered.len());
        }
        // What was read in this batch is started: it is ours still.
        handed_back += self.jobs.hand_back() + self.replies.hand_back().len();
        self.server.handed_back(handed_back);
        self.waiting = false;
    }

    fn commits(&mut self, number: u64, leaving: bool) -> Vec<Commit> {
        let (now, mut commits) = (Instant::now(), Vec::new());
        for slot in self.assigned.iter().filter_map(|number| self.slots.get(number)) {
            let mut partition = lock(&slot.partition);
            let given_up = partition.give_up(now);
            let commit = partition.commit(number, now, leaving);
            drop(partition);
            for (_, why) in given_up {
                if why == GivenUp::OfFormerOwner {
                    count(&self.server.shared.counts.left_to_former_owner);
                }
            }
            if let Some(commit) = commit {
                self.server.may_repeat(commit.may_repeat.len());
                commits.push(Commit { partition: slot.number, offset: commit.offset, metadata: commit.metadata });
            }
        }
        commits
    }

    fn commit_ended(&mut self, number: u64, outcome: CommitOutcome, now: Instant) {
        if !self.member.commit_result(number, outcome, now) {
            return;
        }
        for slot in self.slots.values() {
            let mut partition = lock(&slot.partition);
            match outcome {
                CommitOutcome::Taken => partition.commit_done(number),
                CommitOutcome::Refused | CommitOutcome::Over => partition.commit_refused(),
            }
        }
    }

    fn view(&self) -> View {
        let (mut held, mut wants_commit, mut wants_topic) = (0, false, false);
        if self.waiting {
            for slot in self.assigned.iter().filter_map(|number| self.slots.get(number)) {
                let partition = lock(&slot.partition);
                held += partition.waiting();
                wants_commit |= partition.wants_commit();
                wants_topic |= partition.wants_topic();
            }
        }
        let full = self.jobs.full(self.member.is_paused(), held);
        View { full, unfinished: self.server.tally.unfinished(), wants_commit, wants_topic }
    }
}

impl GroupHandler for Listener {
    fn wake(&mut self, now: Instant) {
        if self.member.wake(now) {
            self.waiting = true;
            self.slots.values().for_each(|slot| lock(&slot.partition).doubt(now));
        }
    }

    fn assigned(&mut self, partitions: Vec<i32>, now: Instant) {
        self.member.assigned(partitions, now);
    }

    fn looked_up(&mut self, assigned: &[Assigned], topic: Option<u128>, asked: Instant) -> Vec<Position> {
        let now = Instant::now();
        self.member.looked_up(now);
        self.assigned = assigned.iter().map(|it| it.partition).collect();
        self.joined.send_replace(true);
        let start = |it: &Assigned| {
            let tally = &self.server.tally;
            let slot =
                self.slots.entry(it.partition).or_insert_with(|| Arc::new(Slot::new(it.partition, Arc::clone(tally))));
            let mut partition = lock(&slot.partition);
            let committed = it.committed.as_ref().map(|(offset, metadata)| (*offset, metadata.as_str()));
            let start = partition.assigned(committed, topic.and_then(TopicId::new), now);
            if let Some(end) = it.end {
                partition.log_ended(end, asked);
            }
            match start {
                Start::At(offset) => Position::At(offset),
                Start::Earliest => Position::Earliest,
            }
        };
        assigned.iter().map(start).collect()
    }

    fn wants_ends(&self) -> bool {
        !self.server.clock.known()
    }

    fn log_ended(&mut self, partition: i32, end: i64, asked: Instant) {
        if let Some(slot) = self.slots.get(&partition) {
            lock(&slot.partition).log_ended(end, asked);
        }
    }

    fn record(&mut self, record: &RecordView<'_>) -> Option<i64> {
        let slot = Arc::clone(self.slots.get(&record.partition())?);
        let (arrival, arrived) = reading::read(&self.server, record);
        let verdict = lock(&slot.partition).record(arrival, arrived, &self.server.clock, now());
        self.judged(&slot, verdict)
    }

    fn end_of_batch(&mut self) {
        if !self.read.is_empty() {
            self.jobs.admit(std::mem::take(&mut self.read));
        }
    }

    fn topic(&mut self, id: u128) -> Vec<(i32, i64)> {
        let Some(id) = TopicId::new(id) else { return Vec::new() };
        let seek = |slot: &Arc<Slot>| lock(&slot.partition).topic(id).map(|offset| (slot.number, offset));
        self.slots.values().filter_map(seek).collect()
    }

    fn revoked(&mut self, now: Instant) {
        self.member.revoked(now);
    }

    fn lost(&mut self) {
        self.member.lost();
    }

    fn stop(&mut self, until: Instant, now: Instant) {
        self.member.stop(until, now);
    }

    fn committed(&mut self, number: u64, committed: Committed, now: Instant) {
        let outcome = match committed {
            Committed::Taken => CommitOutcome::Taken,
            Committed::Refused => CommitOutcome::Refused,
            Committed::Over => CommitOutcome::Over,
        };
        self.commit_ended(number, outcome, now);
    }

    fn next(&mut self, now: Instant) -> Option<Action> {
        self.look_up_replies(now);
        self.release_waiting(now);
        loop {
            let view = self.view();
            return Some(match self.member.poll(now, view)? {
                MemberAction::LookUp(partitions) => Action::Read(partitions),
                MemberAction::StopTaking => {
                    self.stop_taking();
                    continue;
                }
                MemberAction::Commit { number, leaving } => {
                    let commits = self.commits(number, leaving);
                    if commits.is_empty() {
                        self.commit_ended(number, CommitOutcome::Taken, now);
                        continue;
                    }
                    Action::Commit { number, commits, last: leaving }
                }
                MemberAction::CommitLost => {
                    self.slots.values().for_each(|slot| lock(&slot.partition).commit_refused());
                    continue;
                }
                MemberAction::Unassign => {
                    self.slots.values().for_each(|slot| lock(&slot.partition).revoked());
                    self.assigned.clear();
                    Action::Unassign
                }
                MemberAction::Leave => Action::Leave,
                MemberAction::Pause => Action::Pause,
                MemberAction::Resume => Action::Resume,
                MemberAction::CheckTopic => Action::CheckTopic,
                MemberAction::End => {
                    // What outlasts the drain is answered as long as this process lives.
                    self.server.handed_back(view.unfinished);
                    Action::End
                }
            });
        }
    }

    fn is_urgent(&self) -> bool {
        self.waiting || self.replies.waiting() > 0 || self.member.is_urgent()
    }
}
