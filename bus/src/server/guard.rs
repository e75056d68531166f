//! Runs a handler so that what it does to itself stays with it.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::context::Context;
use crate::contract::Run;
use crate::message::{Fault, Rejected, Reply, Request};

/// A handler that holds its thread longer than this in one go is named in a warning: what else
/// runs on that thread waits for it.
const HOLDS_THREAD: Duration = Duration::from_millis(100);

/// Runs a handler in the context of its request. One that panics has answered so.
pub(super) async fn run<H, F>(request: Box<Request>, handler: H) -> Result<Reply, Rejected>
where
    H: FnOnce(Box<Request>) -> F,
    F: Future<Output = Result<Reply, Rejected>>,
{
    let method = request.method().name();
    // One on the blocking pool holds a thread that is there to be held.
    let may_hold = request.method().options().run == Run::Blocking;
    let context = Context::of(&request);
    // Nothing runs before the first poll: what handlers are made of are futures.
    let mut handler = pin!(context.scope(handler(request)));
    std::future::poll_fn(move |cx| {
        let started = Instant::now();
        // What a handler shares with others is its author's to keep whole; ours is not touched.
        let polled = catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx)));
        let held = started.elapsed();
        if polled.is_err() {
            tracing::error!(method, "a handler panicked, and its caller was told so");
        } else if held > HOLDS_THREAD && !may_hold {
            tracing::warn!(
                method,
                ?held,
                "a handler holds its thread; `#[bus(blocking)]` moves it to the blocking pool"
            );
        }
        polled.unwrap_or_else(|_| {
            Poll::Ready(Ok(Reply::fault(Fault::Panicked, format!("the handler of `{method}` panicked"))))
        })
    })
    .await
}
