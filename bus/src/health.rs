//! How a bus and its servers stand, for probes and dashboards.

use std::fmt;
use std::time::{Duration, Instant};

/// How long trouble may last before a process is not ready: most is over sooner.
const READY_FOR: Duration = Duration::from_secs(5);

/// How a process stands with Kafka: [`Bus::health`](crate::Bus::health) says it of all that runs on
/// a bus, [`Serving::health`](crate::Serving::health) of one server.
///
/// It is found out beside the calls, every 2 s and at once when connections are lost, and heals by
/// itself. Idle is healthy. Its `Display` is one line for people.
///
/// ```no_run
/// # async fn example(bus: bus::Bus) {
/// // GET /livez: would a restart help?
/// let alive = bus.health().is_live();
/// // GET /readyz: can the process do its work now?
/// let health = bus.health();
/// let (status, why) = (if health.is_ready() { 200 } else { 503 }, health.to_string());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Whether a broker answers every Kafka client of the bus.
    pub broker: Aged<bool>,
    /// What brokers or librdkafka complained of last, while [`broker`](Self::broker) is false.
    pub cause: Option<String>,
    /// The reply partitions that the bus's clients read. None for a server.
    pub replies: Vec<ReplyHealth>,
    /// The request topics that are served.
    pub topics: Vec<TopicHealth>,
    /// How long ago a call got an answer, to within 100 ms; `None` before the first.
    pub last_answer: Option<Duration>,
    /// Whether the bus is closed, or is being closed.
    pub closed: bool,
}

impl Health {
    /// Whether the process can do its work now: what a readiness probe asks for.
    ///
    /// It turns false when something has been in trouble for 5 s, and true as soon as nothing is. A
    /// server is ready once it has joined its group, be its share of the partitions empty or not.
    /// What was never started is not missed.
    pub fn is_ready(&self) -> bool {
        !self.closed
            && self.broker.holds_or_did()
            && self.replies.iter().all(|replies| replies.at_end.holds_or_did())
            && self.topics.iter().all(TopicHealth::is_ready)
    }

    /// Whether a restart would not help: what a liveness probe asks for. False only where a consumer
    /// or a thread of the bus has ended for good. Kafka being away is no reason.
    pub fn is_live(&self) -> bool {
        self.topics.iter().all(|topic| topic.ended.is_none()) && self.replies.iter().all(|replies| replies.running)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.is_live(), self.is_ready()) {
            (false, _) => "ended",
            (true, true) => "ready",
            (true, false) => "not ready",
        })?;
        if self.closed {
            f.write_str("; the bus is closed")?;
        }
        let age = self.broker.age.as_secs();
        match (self.broker.value, &self.cause) {
            (true, _) => write!(f, "; brokers answer for {age} s")?,
            (false, None) => write!(f, "; no broker answers for {age} s")?,
            (false, Some(cause)) => write!(f, "; no broker answers for {age} s ({cause})")?,
        }
        for ReplyHealth { topic, partition, at_end, trouble, running } in &self.replies {
            write!(f, "; replies on {topic}/{partition} ")?;
            match (running, at_end.value, trouble) {
                (false, ..) => f.write_str("are not read any more")?,
                (true, true, _) => write!(f, "are read for {} s", at_end.age.as_secs())?,
                (true, false, None) => write!(f, "are not read to their end for {} s", at_end.age.as_secs())?,
                (true, false, Some(trouble)) => {
                    write!(f, "are not read for {} s ({})", at_end.age.as_secs(), trouble.value)?;
                }
            }
        }
        for topic in &self.topics {
            write!(f, "; requests on {} ", topic.topic)?;
            match (&topic.ended, &topic.trouble, topic.joined.value) {
                (Some(ended), ..) => write!(f, "are not read any more ({ended})")?,
                (None, Some(trouble), _) => {
                    write!(f, "are in trouble for {} s ({})", trouble.age.as_secs(), trouble.value)?;
                }
                (None, None, true) => write!(
                    f,
                    "are served for {} s with {} partitions",
                    topic.joined.age.as_secs(),
                    topic.partitions.value.len()
                )?,
                (None, None, false) => write!(f, "wait for their group for {} s", topic.joined.age.as_secs())?,
            }
        }
        Ok(())
    }
}

/// How a reply partition is read.
///
/// ```no_run
/// # fn example(bus: bus::Bus) {
/// for replies in bus.health().replies {
///     println!("{}/{} is read to its end: {}", replies.topic, replies.partition, replies.at_end.value);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReplyHealth {
    /// The reply topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// Whether all was read that was there when it was looked at before.
    pub at_end: Aged<bool>,
    /// Why it cannot be read, where that is known. It is tried again all the time.
    pub trouble: Option<Aged<String>>,
    /// Whether the thread that reads it runs.
    pub running: bool,
}

/// How a server stands on one request topic.
///
/// ```no_run
/// # fn example(bus: bus::Bus) {
/// for topic in bus.health().topics {
///     println!("{}: partitions {:?} for {:?}", topic.topic, topic.partitions.value, topic.partitions.age);
/// }
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicHealth {
    /// The request topic.
    pub topic: String,
    /// The consumer group.
    pub group: String,
    /// Whether the group has given the server its share. A group forgets a server that it has not
    /// heard of for the session timeout (6 s).
    pub joined: Aged<bool>,
    /// The partitions of its share.
    pub partitions: Aged<Vec<i32>>,
    /// How long ago Kafka acknowledged an answer, to within 50 ms; `None` before the first.
    pub last_answer: Option<Duration>,
    /// Why the server cannot read requests, or cannot write answers. It tries again by itself.
    pub trouble: Option<Aged<String>>,
    /// Why the consumer has ended for good, where nobody stopped it.
    pub ended: Option<String>,
    /// Whether it has been a member before.
    pub(crate) has_joined: bool,
}

impl TopicHealth {
    fn is_ready(&self) -> bool {
        let joined = self.has_joined && self.joined.holds_or_did();
        self.ended.is_none() && joined && self.trouble.as_ref().is_none_or(|trouble| trouble.age < READY_FOR)
    }
}

/// A value, and for how long it has been so.
///
/// ```no_run
/// # fn example(bus: bus::Bus) {
/// let broker: bus::Aged<bool> = bus.health().broker;
/// println!("a broker answers: {}, for {:?}", broker.value, broker.age);
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aged<T> {
    /// The value.
    pub value: T,
    /// For how long.
    pub age: Duration,
}

impl<T> Aged<T> {
    pub(crate) fn since((value, at): (T, Instant)) -> Self {
        Self { value, age: at.elapsed() }
    }
}

impl Aged<bool> {
    /// Whether it is so, or was not long ago.
    fn holds_or_did(&self) -> bool {
        self.value || self.age < READY_FOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged<T>(value: T, milliseconds: u64) -> Aged<T> {
        Aged { value, age: Duration::from_millis(milliseconds) }
    }

    fn well() -> Health {
        let replies = ReplyHealth {
            topic: "a.resp".to_owned(),
            partition: 3,
            at_end: aged(true, 90_000),
            trouble: None,
            running: true,
        };
        let topic = TopicHealth {
            topic: "a.req".to_owned(),
            group: "a.req".to_owned(),
            joined: aged(true, 90_000),
            partitions: aged(vec![], 90_000),
            last_answer: None,
            trouble: None,
            ended: None,
            has_joined: true,
        };
        Health {
            broker: aged(true, 90_000),
            cause: None,
            replies: vec![replies],
            topics: vec![topic],
            last_answer: None,
            closed: false,
        }
    }

    /// What each part of it is when it is in trouble for so long.
    fn troubles(milliseconds: u64) -> Vec<(&'static str, Health)> {
        let changed = |change: fn(&mut Health, u64)| {
            let mut health = well();
            change(&mut health, milliseconds);
            health
        };
        vec![
            ("no broker answers", changed(|health, age| health.broker = aged(false, age))),
            ("not read to their end", changed(|health, age| health.replies[0].at_end = aged(false, age))),
            ("wait for their group", changed(|health, age| health.topics[0].joined = aged(false, age))),
            ("in trouble", changed(|health, age| health.topics[0].trouble = Some(aged("no right".to_owned(), age)))),
        ]
    }

    #[test]
    fn a_process_is_ready_that_is_idle_and_has_no_share() {
        assert!(well().is_ready() && well().is_live());
        let text = well().to_string();
        assert!(text.starts_with("ready; brokers answer for 90 s"), "{text}");
    }

    #[test]
    fn five_seconds_of_any_trouble_make_a_process_not_ready_and_less_do_not() {
        for (what, health) in troubles(4_999) {
            assert!(health.is_ready() && health.to_string().contains(what), "{health}");
        }
        for (what, health) in troubles(5_000) {
            assert!(!health.is_ready() && health.is_live(), "{what}");
            assert!(health.to_string().starts_with("not ready") && health.to_string().contains(what), "{health}");
        }
    }

    #[test]
    fn a_server_that_has_not_joined_yet_is_not_ready_however_new_it_is() {
        let mut health = well();
        health.topics[0].has_joined = false;
        health.topics[0].joined = aged(false, 0);
        assert!(!health.is_ready() && health.is_live());
    }

    #[test]
    fn only_what_has_ended_for_good_is_not_live() {
        let mut health = well();
        health.closed = true;
        assert!(!health.is_ready() && health.is_live());
        let mut health = well();
        health.topics[0].ended = Some("replaced".to_owned());
        assert!(!health.is_live() && !health.is_ready());
        let mut health = well();
        health.replies[0].running = false;
        assert!(!health.is_live());
    }
}
