//! The answering side.

mod dispatch;
mod loopback;

pub use self::dispatch::Dispatch;
pub use self::loopback::loopback;
