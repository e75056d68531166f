//! One run of a handler: where its method wants to run, and within its deadline.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};
use std::time::Instant;

use tokio::runtime;

use super::guard;
use crate::contract::Run;
use crate::message::{Rejected, Reply, Request};

/// A request that is to be run now.
///
/// Its larger parts are boxed: futures keep a copy of what they are given for each hand that it
/// goes through, and a task of more than a kilobyte is one that allocators are slow with.
pub(super) struct Task {
    pub(super) request: Box<Request>,
    pub(super) end: Box<dyn End>,
    /// Whether it may run on the thread that starts it.
    pub(super) inline: bool,
    pub(super) runtime: runtime::Handle,
}

/// What becomes of a request that needs its handler no more. It is dropped where the runtime drops
/// the handler.
pub(super) trait End: Send {
    /// Nobody waits any more.
    fn expired(self: Box<Self>);

    fn replied(self: Box<Self>, reply: Reply);

    /// No handler ran, because the request cannot be read.
    fn rejected(self: Box<Self>, rejected: Rejected);
}

impl Task {
    /// Starts a handler where its method wants to run.
    pub(super) fn spawn<H, F>(self, handler: H)
    where
        H: FnOnce(Box<Request>) -> F + Send + 'static,
        F: Future<Output = Result<Reply, Rejected>> + Send + 'static,
    {
        let Self { request, end, inline, runtime } = self;
        let blocking = request.method.options().run == Run::Blocking;
        let run = run(request, end, handler);
        if blocking {
            let of_pool = runtime.clone();
            runtime.spawn_blocking(move || of_pool.block_on(run));
        } else if inline {
            poll_inline(&runtime, Box::pin(run));
        } else {
            runtime.spawn(run);
        }
    }
}

async fn run<H, F>(request: Box<Request>, end: Box<dyn End>, handler: H)
where
    H: FnOnce(Box<Request>) -> F,
    F: Future<Output = Result<Reply, Rejected>>,
{
    let deadline = request.deadline;
    if Instant::now() >= deadline {
        return end.expired();
    }
    match tokio::time::timeout_at(deadline.into(), guard::run(request, handler)).await {
        // The handler has been dropped.
        Err(_) => end.expired(),
        Ok(Ok(reply)) => end.replied(reply),
        Ok(Err(rejected)) => end.rejected(rejected),
    }
}

/// Polls a handler once where it was read; one that is not done then goes on as a task.
fn poll_inline(runtime: &runtime::Handle, mut task: Pin<Box<impl Future<Output = ()> + Send + 'static>>) {
    let _entered = runtime.enter();
    if task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {
        runtime.spawn(task);
    }
}
