//! A server without a broker.

use super::dispatch::Dispatch;
use super::guard;
use crate::client::Channel;
use crate::message::Reply;

/// A channel that leads to a server in this process: the real codec and dispatch, no broker.
/// Handlers have their [`Context`](crate::Context), and one that panics answers so, as over Kafka.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// # struct Fixed;
/// # impl Clock for Fixed { async fn now(&self) -> Result<u64, String> { Ok(7) } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let clock = ClockClient::from(bus::loopback(ClockServer::new(Fixed)));
/// assert_eq!(clock.now().await, Ok(7));
/// # }
/// ```
pub fn loopback<D: Dispatch>(server: D) -> Channel {
    Channel::from_fn(move |request| {
        let server = server.clone();
        let request = Box::new(request);
        async move {
            let outcome = guard::run(request, |request| async move { server.dispatch(*request).await }).await;
            Ok(outcome.unwrap_or_else(Reply::from))
        }
    })
}
