//! Takes records in on the group's thread: reads, refuses, admits. Runs no user code but what is
//! marked inline.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::answer::{self, DeadLetter};
use super::core::{Core, MaxAge};
use super::job::Job;
use super::ticket::{Declined, Generation, Ticket};
use crate::contract::{Claim, Contract, DEFAULT_TIMEOUT, Decision, Judge, Method};
use crate::counters::count;
use crate::kafka::{Assigned, Commit, GroupHandler, Precaution, RecordView};
use crate::message::{Fault, Reply, Request};
use crate::timeouts;
use crate::wire::{self, Incoming, Unreadable};

/// Takes the records of one request topic in.
pub(super) struct Listener {
    core: Arc<Core>,
    generation: Arc<Generation>,
    paused: std::cell::Cell<bool>,
    joined: tokio::sync::watch::Sender<bool>,
    /// Whether records are taken in: from an assignment to the end of what was assigned.
    taking: bool,
    judge: Judge,
    /// Read and not yet admitted. As many as the group reads before a rest.
    read: Vec<Job>,
}

impl Listener {
    pub(super) fn new(core: Arc<Core>, joined: tokio::sync::watch::Sender<bool>) -> Self {
        Self {
            core,
            generation: Arc::default(),
            paused: std::cell::Cell::new(false),
            joined,
            taking: false,
            judge: Judge::default(),
            read: Vec::new(),
        }
    }

    /// Makes a job of a record, or refuses it.
    fn take(&self, record: &RecordView<'_>, ticket: Ticket) -> Option<Job> {
        let core = &self.core;
        let read = wire::read_request(record.key(), record.headers(), record.value(), core.replies.count());
        let incoming = match read {
            Ok(incoming) => incoming,
            Err(unreadable) => {
                self.unreadable(record, unreadable, ticket);
                return None;
            }
        };
        let route = match core.routes.find(incoming.method.as_deref()) {
            Ok(route) => route.clone(),
            Err(detail) => {
                core.refused(&Fault::UnknownMethod, &detail, incoming.caller.as_deref());
                let reply = Reply::fault(Fault::UnknownMethod, detail);
                self.refuse_dead(record, incoming, reply, ticket);
                return None;
            }
        };
        let age = record.timestamp().map_or(Duration::ZERO, |stamped| core.clock.age(stamped));
        let left = self.allowed(&incoming, route.contract, route.method).saturating_sub(age);
        if left.is_zero() {
            self.expired(incoming, route.contract, ticket);
            return None;
        }
        let deadline = Instant::now() + left;
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
                core.refused(&Fault::ContractMismatch, &detail, incoming.caller.as_deref());
                Some(Reply::fault(Fault::ContractMismatch, detail))
            }
        };
        if let Some(reply) = refused {
            answer::send(core, incoming, route.contract, &reply, deadline, ticket);
            return None;
        }
        if ticket.crashed() {
            let detail = format!("`{}` ended the process of every server that ran this request", route.method.name());
            core.refused(&Fault::Crashed, &detail, incoming.caller.as_deref());
            let reply = Reply::fault(Fault::Crashed, detail);
            answer::bury(
                core,
                DeadLetter::of_record(record),
                Some((incoming, route.contract, reply, deadline)),
                ticket,
            );
            return None;
        }
        let request = Request {
            contract: route.contract,
            method: route.method,
            codec,
            body: record.value().map(Bytes::copy_from_slice).unwrap_or_default(),
            headers: incoming.headers.clone(),
            deadline,
            caller: incoming.caller.clone(),
            key: None,
            tells_shapes: false,
            shape: incoming
                .shape
                .map(|_| route.method.terms(codec).number)
                .filter(|ours| incoming.shape != Some(*ours)),
            max_decoded_bytes: core.max_decoded_bytes,
        };
        Some(Job {
            core: Arc::clone(core),
            route,
            request: Box::new(request),
            incoming: Box::new(incoming),
            ticket,
            inline: false,
        })
    }

    /// How old a request may become: what it says itself, or what the server says of those that
    /// say nothing.
    fn allowed(&self, incoming: &Incoming, contract: &Contract, method: &Method) -> Duration {
        match (incoming.timeout, self.core.max_age) {
            (Some(timeout), _) => timeout.min(timeouts::LONGEST),
            (None, MaxAge::Timeout) => contract.timeout_for(method),
            (None, MaxAge::Of(age)) => age.min(timeouts::LONGEST),
            (None, MaxAge::Any) => timeouts::LONGEST,
        }
    }

    fn expired(&self, incoming: Incoming, contract: &'static Contract, ticket: Ticket) {
        let core = &self.core;
        count(&core.shared.counts.expired);
        if core.clock.known() {
            ticket.finish();
            return;
        }
        // Too old, or our clock is ahead of the broker's: its stamp on this reply will tell. Until
        // then a server whose clock is off would drop everything and never learn why.
        let reply = Reply::fault(Fault::Expired, "the request came too late to be run");
        answer::send(core, incoming, contract, &reply, Instant::now() + Duration::from_secs(1), ticket);
    }

    fn unreadable(&self, record: &RecordView<'_>, unreadable: Unreadable, ticket: Ticket) {
        let Unreadable { reason, address } = unreadable;
        self.core.refused(&Fault::Malformed, &reason, None);
        match address {
            Some(address) => {
                let reply = Reply::fault(Fault::Malformed, reason);
                self.refuse_dead(record, Incoming::unread(address), reply, ticket);
            }
            None => {
                answer::bury_for(&self.core, DeadLetter::of_record(record), &reason, None, ticket);
            }
        }
    }

    fn refuse_dead(&self, record: &RecordView<'_>, incoming: Incoming, reply: Reply, ticket: Ticket) {
        let letter = DeadLetter::of_record(record);
        match self.core.routes.contracts.first() {
            Some(contract) => {
                let deadline = Instant::now() + DEFAULT_TIMEOUT;
                answer::bury(&self.core, letter, Some((incoming, contract, reply, deadline)), ticket);
            }
            None => answer::bury(&self.core, letter, None, ticket),
        }
    }
}

impl GroupHandler for Listener {
    fn assigned(&mut self, partitions: &[Assigned]) {
        self.generation = Arc::new(Generation::new(partitions));
        self.taking = true;
        self.joined.send_replace(true);
    }

    fn record(&mut self, record: &RecordView<'_>) {
        if !self.taking {
            return;
        }
        match self.generation.start(record.partition(), record.offset(), &self.core.finished) {
            Ok(ticket) => {
                let job = self.take(record, ticket);
                self.read.extend(job);
            }
            Err(Declined::Finished) => count(&self.core.shared.counts.already_finished),
            Err(Declined::NotOurs) => {}
        }
    }

    fn rest(&mut self) {
        if !self.read.is_empty() {
            Job::admit(&self.core, std::mem::take(&mut self.read));
        }
    }

    fn full(&self) -> bool {
        let full = self.core.admission.full(self.paused.get());
        self.paused.set(full);
        full
    }

    fn stop_taking(&mut self) {
        self.taking = false;
        let handed_back = self.core.admission.hand_back();
        self.core.handed_back(handed_back.len() + self.core.hand_unanswered_back());
    }

    fn idle(&self) -> bool {
        self.generation.unfinished() == 0
    }

    fn revoked(&mut self) {
        self.core.handed_back(self.generation.unfinished());
        self.generation = Arc::default();
    }

    fn commits(&mut self, leaving: bool) -> Vec<Commit> {
        self.core.give_up_unanswered(Instant::now());
        self.generation.commits(leaving)
    }

    fn commit_again(&mut self) {
        self.generation.commit_again();
    }

    fn before(&mut self, partition: i32, offset: i64) -> Option<Precaution> {
        self.generation.before(partition, offset)
    }
}
