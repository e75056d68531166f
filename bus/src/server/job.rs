//! Requests from their admission to their answer.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::answer::{self, ReplyDue};
use super::dead_letters;
use super::letter::DeadLetter;
use super::routes::Route;
use super::task::{End, Task};
use super::ticket::Ticket;
use super::topic_server::TopicServer;
use crate::contract::{Contract, Run};
use crate::counters::count;
use crate::message::{Fault, Rejected, Reply, Request, Status};
use crate::protocol::requests::{Admission, Bounds};
use crate::sync::lock;
use crate::wire::Incoming;

/// The requests of one topic that run or wait for a handler.
pub(super) struct Jobs {
    server: Arc<TopicServer>,
    admission: Mutex<Admission<Job>>,
}

/// A request that was read and is to be run.
pub(super) struct Job {
    route: Route,
    request: Box<Request>,
    due: Box<Due>,
}

impl Job {
    pub(super) fn new(
        server: &Arc<TopicServer>,
        route: Route,
        request: Request,
        incoming: Box<Incoming>,
        ticket: Ticket,
    ) -> Self {
        let (contract, deadline, body) = (route.contract, request.deadline, request.body.clone());
        let server = Arc::clone(server);
        let due = Due { server, incoming, contract, body, deadline, cut_off: None, ticket, place: None };
        Self { route, request: Box::new(request), due: Box::new(due) }
    }

    /// Starts it. `inline` says whether it may run on this thread: where it was read, and never
    /// where another job ended, or a queue of them would end in each other.
    fn start(self, jobs: &Arc<Jobs>, inline: bool) {
        let Self { route, mut request, mut due } = self;
        let longest = jobs.server.longest(route.contract, route.method);
        let until = Instant::now() + longest;
        if until < request.deadline {
            request.deadline = until;
            due.cut_off = Some(longest);
        }
        due.place = Some(Place(Arc::clone(jobs)));
        route.service.spawn(Task { request, end: due, inline, runtime: jobs.server.runtime.clone() });
    }
}

impl Jobs {
    pub(super) fn new(server: Arc<TopicServer>, bounds: Bounds) -> Self {
        Self { server, admission: Mutex::new(Admission::new(bounds)) }
    }

    /// Runs them now, or when there is room.
    pub(super) fn admit(self: &Arc<Self>, mut admitted: Vec<Job>) {
        lock(&self.admission).enter(&mut admitted);
        // What is inline runs here. Of the others one goes as a task of its own, and several go
        // as one task that starts the rest from within: a runtime's own threads start a task
        // without waking each other.
        for job in admitted.extract_if(.., |job| job.route.method.options().run == Run::Inline) {
            job.start(self, true);
        }
        if admitted.len() > 1 {
            let jobs = Arc::clone(self);
            self.server.runtime.spawn(async move {
                for job in admitted {
                    job.start(&jobs, false);
                }
            });
        } else if let Some(job) = admitted.pop() {
            job.start(self, false);
        }
    }

    /// Whether reading should pause, where so many were read that wait for more than a handler.
    pub(super) fn full(&self, paused: bool, held: usize) -> bool {
        lock(&self.admission).full(paused, self.server.bytes.held(), held)
    }

    /// Whether one more finds a place behind so many that are about to be admitted.
    pub(super) fn has_room(&self, admitting: usize) -> bool {
        lock(&self.admission).has_room(admitting)
    }

    /// Leaves the requests that wait for a handler to the next owner, and says how many they are.
    pub(super) fn hand_back(&self) -> usize {
        let waiting = lock(&self.admission).hand_back();
        waiting.len()
    }
}

/// The place of a running handler. Freed however the handler ends, and the next job started.
struct Place(Arc<Jobs>);

impl Drop for Place {
    fn drop(&mut self) {
        let next = lock(&self.0.admission).leave();
        if let Some(next) = next {
            next.start(&self.0, false);
        }
    }
}

/// What a request is due once its handler is done.
struct Due {
    server: Arc<TopicServer>,
    incoming: Box<Incoming>,
    contract: &'static Contract,
    body: Bytes,
    deadline: Instant,
    /// The most that it may run, where its caller waits for longer.
    cut_off: Option<Duration>,
    ticket: Ticket,
    /// Of a request that runs.
    place: Option<Place>,
}

impl End for Due {
    fn expired(self: Box<Self>) {
        count(&self.server.shared.counts.expired);
        let Self { server, incoming, contract, deadline, cut_off, ticket, place: _place, .. } = *self;
        let Some(longest) = cut_off else { return ticket.finish() };
        let detail =
            format!("it had {longest:?}, the most that this server gives a request (`Serve::max_timeout` raises it)");
        let reply = Reply::fault(Fault::Other("cut-off".to_owned()), detail);
        answer::send(&server, ReplyDue::new(*incoming, contract, reply, deadline), ticket);
    }

    fn replied(self: Box<Self>, reply: Reply) {
        let Self { server, incoming, contract, deadline, ticket, place: _place, .. } = *self;
        match reply.status() {
            Status::Fault(Fault::Panicked) => count(&server.shared.counts.panicked),
            Status::Fault(fault) => server.refused(fault, reply.detail(), incoming.caller.as_deref()),
            Status::Ok | Status::Error => {}
        }
        answer::send(&server, ReplyDue::new(*incoming, contract, reply, deadline), ticket);
    }

    fn rejected(self: Box<Self>, rejected: Rejected) {
        let Self { server, incoming, contract, body, deadline, ticket, place: _place, .. } = *self;
        let reply = Reply::from(rejected);
        if let Status::Fault(fault) = reply.status() {
            server.refused(fault, reply.detail(), incoming.caller.as_deref());
        }
        let (letter, reason) = (DeadLetter::of_request(&incoming, &body), reply.detail().to_owned());
        let due = ReplyDue::new(*incoming, contract, reply, deadline);
        dead_letters::write(&server, letter, reason, Some(due), ticket);
    }
}
