//! The asking side.

mod again;
mod builder;
mod call;
pub(crate) mod channel;

pub use self::builder::{ClientBuilder, Connecting};
pub use self::call::{Call, CallFuture};
pub use self::channel::{Channel, ChannelFuture};
use crate::contract::Contract;

/// A generated client. Implemented by `#[bus::request]`, never by hand.
///
/// ```no_run
/// use bus::{Bus, Client, ConnectError};
///
/// /// Any client, with a word on what it calls.
/// async fn connected<C: Client>(bus: &Bus) -> Result<C, ConnectError> {
///     println!("calls {}", C::contract().name());
///     bus.client().await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a client of the bus",
    note = "ask for the client that `#[bus::request]` made of your trait: `let portfolio: PortfolioClient = bus.client().await?`"
)]
pub trait Client: From<Channel> + Clone + Send + Sync + 'static {
    /// What the client calls.
    fn contract() -> &'static Contract;
}
