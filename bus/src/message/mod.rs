//! A request and a reply as the two sides see them: no topic, no partition, no record.

mod failure;
mod headers;
mod rejected;
mod reply;
mod request;

pub use self::failure::{CallError, Failure};
pub(crate) use self::headers::OWN_PREFIX;
pub use self::headers::{HeaderError, Headers};
pub use self::rejected::Rejected;
pub use self::reply::{Fault, Reply, Status};
pub use self::request::Request;
