//! A contract's dispatcher without its type, so that one listener can serve several.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tower_service::Service;

use super::dispatch::Dispatch;
use super::task::Task;
use crate::client::channel::{BoxReply, call_service};
use crate::context::Context as Current;
use crate::contract::Contract;
use crate::message::{Failure, Fault, Reply, Request};

/// A served contract. The future of a request is spawned as it is, whatever its type: nothing is
/// boxed unless there are layers.
pub(super) trait Erased: Send + Sync + 'static {
    fn contract(&self) -> &'static Contract;

    /// Starts the handler of a request.
    fn spawn(self: Arc<Self>, task: Task);

    /// Runs one request, for layers.
    fn call(self: Arc<Self>, request: Request) -> BoxReply;
}

/// A dispatcher as it was generated.
pub(super) struct Plain<D>(pub(super) D);

impl<D: Dispatch> Erased for Plain<D> {
    fn contract(&self) -> &'static Contract {
        self.0.contract()
    }

    fn spawn(self: Arc<Self>, task: Task) {
        task.spawn(move |request| async move { self.0.dispatch(*request).await });
    }

    fn call(self: Arc<Self>, request: Request) -> BoxReply {
        // As the layers left it: the handler is to see what they added.
        let context = Current::of(&request);
        Box::pin(context.scope(async move { Ok(self.0.dispatch(request).await.unwrap_or_else(Reply::from)) }))
    }
}

/// A contract behind a tower service.
pub(super) struct Layered<S> {
    pub(super) contract: &'static Contract,
    pub(super) service: S,
}

impl<S> Erased for Layered<S>
where
    S: Service<Request, Response = Reply> + Clone + Send + Sync + 'static,
    S::Error: Into<Failure>,
    S::Future: Send,
{
    fn contract(&self) -> &'static Contract {
        self.contract
    }

    fn spawn(self: Arc<Self>, task: Task) {
        let service = self.service.clone();
        task.spawn(move |request| async move {
            call_service(service, *request).await.unwrap_or_else(refused_by_layer).into_outcome()
        });
    }

    fn call(self: Arc<Self>, request: Request) -> BoxReply {
        Box::pin(call_service(self.service.clone(), request))
    }
}

/// What the caller hears when a layer failed instead of answering.
fn refused_by_layer(failure: Failure) -> Reply {
    match failure {
        Failure::Busy { retry_after } => Reply::busy(retry_after),
        Failure::Other { name, detail } => Reply::fault(Fault::Other(name), detail),
        other => Reply::fault(Fault::Other("layer".to_owned()), other.to_string()),
    }
}

/// A served contract as a tower service: what a layer on [`Serve`](crate::Serve) wraps.
///
/// ```
/// use bus::server::Handler;
/// use tower_layer::Layer;
///
/// /// A layer that leaves everything as it is.
/// #[derive(Clone)]
/// struct Nothing;
///
/// impl Layer<Handler> for Nothing {
///     type Service = Handler;
///
///     fn layer(&self, inner: Handler) -> Handler {
///         inner
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Handler {
    inner: Arc<dyn Erased>,
}

impl Handler {
    pub(super) fn new(inner: Arc<dyn Erased>) -> Self {
        Self { inner }
    }
}

impl Service<Request> for Handler {
    type Response = Reply;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Failure>> + Send>>;

    /// Always ready: how many handlers run is bounded before a request comes here.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        Arc::clone(&self.inner).call(request)
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("contract", &self.inner.contract().name()).finish_non_exhaustive()
    }
}
