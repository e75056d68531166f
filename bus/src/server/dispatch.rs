//! From a request to the user's handler, and back.

use std::future::Future;

use crate::contract::Contract;
use crate::message::{Rejected, Reply, Request};

/// A generated server: decodes, calls the handler, encodes. Implemented by `#[bus::request]` for
/// `PortfolioServer<S>` where `S: Portfolio`, never by hand.
///
/// ```no_run
/// use bus::{Bus, Dispatch, ServeError, Served};
///
/// /// Serves whatever it is given until the process is to stop.
/// async fn serve<D: Dispatch>(bus: &Bus, server: D) -> Result<Served, ServeError> {
///     println!("serves {}", server.contract().name());
///     bus.serve(server).run_until(bus::shutdown_signal()).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve any bus requests",
    note = "wrap a service implementation in its generated server type, e.g. `PortfolioServer::new(service)`"
)]
pub trait Dispatch: Clone + Send + Sync + 'static {
    /// What is served.
    fn contract(&self) -> &'static Contract;

    /// Runs the handler of the request's method, and encodes what it returns.
    ///
    /// # Errors
    /// [`Rejected`] where no handler runs, because the arguments cannot be decoded or there is no
    /// such method.
    fn dispatch(&self, request: Request) -> impl Future<Output = Result<Reply, Rejected>> + Send;
}
