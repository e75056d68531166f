//! One request, from its admission to its answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Instant;

use tokio::runtime;

use super::answer;
use super::core::Core;
use super::guard;
use super::routes::Route;
use super::ticket::Ticket;
use crate::contract::Run;
use crate::counters::count;
use crate::message::{Fault, Reply, Request, Status};
use crate::sync::lock;
use crate::wire::Incoming;

/// A request that was read and is to be run.
///
/// Its larger parts are boxed: futures keep a copy of what they are given for each hand that it
/// goes through, and a task of more than a kilobyte is one that allocators are slow with.
pub(super) struct Job {
    pub(super) route: Route,
    pub(super) request: Box<Request>,
    pub(super) incoming: Box<Incoming>,
    pub(super) ticket: Ticket,
    /// Whether it may run on the thread that starts it: where it was read, and never where another
    /// job ended, or a queue of them would end in each other.
    pub(super) inline: bool,
}

impl Job {
    /// Runs them now, or when there is room.
    pub(super) fn admit(core: &Arc<Core>, mut jobs: Vec<Self>) {
        lock(&core.admission).enter(&mut jobs);
        // What is inline runs here. Of the others one goes as a task of its own, and several go
        // as one task that starts the rest from within: a runtime's own threads start a task
        // without waking each other.
        for mut job in jobs.extract_if(.., |job| job.route.method.options().run == Run::Inline) {
            job.inline = true;
            job.start(core);
        }
        if jobs.len() > 1 {
            let of_task = Arc::clone(core);
            core.runtime.spawn(async move {
                for job in jobs {
                    job.start(&of_task);
                }
            });
        } else if let Some(job) = jobs.pop() {
            job.start(core);
        }
    }

    fn start(self, core: &Arc<Core>) {
        let service = Arc::clone(&self.route.service);
        service.spawn(Arc::clone(core), self);
    }

    /// Starts the handler where its method wants to run.
    pub(super) fn spawn<H, F>(self, core: Arc<Core>, handler: H)
    where
        H: FnOnce(Box<Request>) -> F + Send + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let runtime = core.runtime.clone();
        if self.route.method.options().run == Run::Blocking {
            let of_pool = runtime.clone();
            runtime.spawn_blocking(move || of_pool.block_on(self.run(core, handler)));
        } else if self.inline {
            poll_inline(&runtime, Box::pin(self.run(core, handler)));
        } else {
            runtime.spawn(self.run(core, handler));
        }
    }

    async fn run<H, F>(self, core: Arc<Core>, handler: H)
    where
        H: FnOnce(Box<Request>) -> F,
        F: Future<Output = Reply>,
    {
        // Freed however this ends, and the next job started.
        let _place = Place(Arc::clone(&core));
        let Self { route, request, incoming, ticket, inline: _ } = self;
        let deadline = request.deadline;
        if Instant::now() >= deadline {
            count(&core.shared.counts.expired);
            ticket.finish();
            return;
        }
        let body = request.body.clone();
        match tokio::time::timeout_at(deadline.into(), guard::run(request, handler)).await {
            Err(_) => {
                // Nobody waits any more, and the handler has been dropped.
                count(&core.shared.counts.expired);
                ticket.finish();
            }
            Ok(reply) => match reply.status() {
                Status::Fault(Fault::Panicked) => {
                    count(&core.shared.counts.panicked);
                    answer::send(&core, *incoming, route.contract, &reply, deadline, ticket);
                }
                Status::Fault(fault @ (Fault::Malformed | Fault::UnknownMethod)) => {
                    core.refused(fault, reply.detail(), incoming.caller.as_deref());
                    let letter = answer::DeadLetter::of_request(&incoming, &body);
                    answer::bury(&core, letter, Some((*incoming, route.contract, reply, deadline)), ticket);
                }
                Status::Fault(fault) => {
                    core.refused(fault, reply.detail(), incoming.caller.as_deref());
                    answer::send(&core, *incoming, route.contract, &reply, deadline, ticket);
                }
                Status::Ok | Status::Error => {
                    answer::send(&core, *incoming, route.contract, &reply, deadline, ticket);
                }
            },
        }
    }
}

/// The place of a running handler.
struct Place(Arc<Core>);

impl Drop for Place {
    fn drop(&mut self) {
        let next = lock(&self.0.admission).leave();
        if let Some(next) = next {
            next.start(&self.0);
        }
    }
}

/// Polls a handler once where it was read; one that is not done then goes on as a task.
fn poll_inline(runtime: &runtime::Handle, mut job: Pin<Box<impl Future<Output = ()> + Send + 'static>>) {
    let _entered = runtime.enter();
    if job.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        runtime.spawn(job);
    }
}
