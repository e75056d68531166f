//! What holds where an attribute says nothing. Everything else that needs one of these numbers
//! takes it from here.

use std::time::Duration;

use super::{Contract, Method};
use crate::timeouts;

/// How long a call waits where neither it, its method, its client nor its contract says anything.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many partitions a topic has that we make, request and reply alike.
pub const DEFAULT_PARTITIONS: u32 = 5;

/// The topic that takes the requests of this one which nobody can read or run.
pub(crate) fn dead_letters_of(topic: &str) -> String {
    format!("{topic}.dead")
}

impl Contract {
    /// The topic that requests go to which nobody can read or run.
    ///
    /// ```
    /// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
    /// # trait Clock { async fn now(&self) -> Result<u64, String>; }
    /// assert_eq!(<ClockClient as bus::Client>::contract().dead_letter_topic(), "clock.req.dead");
    /// ```
    pub fn dead_letter_topic(&self) -> String {
        dead_letters_of(self.topic())
    }

    /// How long a call of a method waits that says nothing itself: the method's timeout, the
    /// contract's, or [`DEFAULT_TIMEOUT`], and a year at the most.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # #[bus::request(topic = "clock.req", reply = "clock.resp", timeout = "2s")]
    /// # trait Clock { async fn now(&self) -> Result<u64, String>; }
    /// let contract = <ClockClient as bus::Client>::contract();
    /// assert_eq!(contract.timeout_for(contract.methods()[0]), Duration::from_secs(2));
    /// ```
    pub fn timeout_for(&self, method: &Method) -> Duration {
        method.timeout().or(self.timeout()).unwrap_or(DEFAULT_TIMEOUT).min(timeouts::LONGEST)
    }

    /// How many partitions the request topic gets when we make it.
    pub fn partitions_to_make(&self) -> u32 {
        self.partitions().unwrap_or(DEFAULT_PARTITIONS)
    }

    /// How many partitions the reply topic gets when we make it.
    pub fn reply_partitions_to_make(&self) -> u32 {
        self.reply_partitions().unwrap_or(DEFAULT_PARTITIONS)
    }
}
