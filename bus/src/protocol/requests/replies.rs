//! Which partitions the reply topic has, and requests that name one that is not known yet.
//!
//! A topic may have been given partitions that were not looked up yet, here or at the broker that
//! answers. So a request that names one waits for look-ups that are younger than itself, and only
//! what they do not cure is refused.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How many requests wait at the most. What comes beyond is judged by what is known.
const WAITING: usize = 256;

/// How long a request waits for its partition to be known: longer than brokers take to tell each
/// other.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often is looked up meanwhile.
const AGAIN: Duration = Duration::from_millis(250);

/// The partitions of the reply topic.
#[derive(Debug)]
pub(crate) struct ReplyPartitions<T> {
    count: Option<u32>,
    waiting: VecDeque<Waiting<T>>,
    /// A look-up is under way since then.
    looking: bool,
    /// Not before.
    next: Option<Instant>,
}

#[derive(Debug)]
struct Waiting<T> {
    partition: i32,
    until: Instant,
    request: T,
}

/// Requests whose partition is known to be there, or not to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settled<T> {
    pub(crate) known: Vec<T>,
    pub(crate) unknown: Vec<T>,
}

impl<T> ReplyPartitions<T> {
    /// Starts with what is known.
    pub(crate) fn new(count: Option<u32>) -> Self {
        Self { count, waiting: VecDeque::new(), looking: false, next: None }
    }

    /// Whether a partition is there.
    pub(crate) fn has(&self, partition: i32) -> bool {
        self.count.zip(u32::try_from(partition).ok()).is_some_and(|(count, partition)| partition < count)
    }

    /// A request names a partition that is not there as far as is known. Given back where as many
    /// wait as may.
    pub(crate) fn wait(&mut self, partition: i32, request: T, now: Instant) -> Result<(), T> {
        if partition < 0 || self.waiting.len() >= WAITING || planted!("no look-up") {
            return Err(request);
        }
        self.waiting.push_back(Waiting { partition, until: now + PATIENCE, request });
        Ok(())
    }

    /// Whether a look-up is wanted now. It is under way then, until [`looked_up`](Self::looked_up).
    pub(crate) fn wants_look_up(&mut self, now: Instant) -> bool {
        let wanted = !self.waiting.is_empty() && !self.looking && self.next.is_none_or(|next| next <= now);
        self.looking |= wanted;
        wanted
    }

    /// The topic was looked up: it has so many partitions, or nobody could say.
    pub(crate) fn looked_up(&mut self, count: Option<u32>, now: Instant) -> Settled<T> {
        self.looking = false;
        self.next = Some(now + AGAIN);
        if count.is_some_and(|count| count > 0) {
            self.count = count;
        }
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for waiting in std::mem::take(&mut self.waiting) {
            if self.has(waiting.partition) {
                known.push(waiting.request);
            } else if waiting.until <= now && !planted!("waits for a look-up for ever") {
                unknown.push(waiting.request);
            } else {
                self.waiting.push_back(waiting);
            }
        }
        Settled { known, unknown }
    }

    /// When a look-up is wanted, where one is.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        (!self.waiting.is_empty() && !self.looking).then(|| self.next.unwrap_or(now))
    }

    /// Leaves what waits to the next owner.
    pub(crate) fn hand_back(&mut self) -> Vec<T> {
        std::mem::take(&mut self.waiting).into_iter().map(|waiting| waiting.request).collect()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    const BRIEF: Duration = Duration::from_millis(10);

    #[test]
    fn a_request_that_names_a_new_partition_waits_for_a_look_up_that_knows_it() {
        let now = Instant::now();
        let mut replies = ReplyPartitions::new(Some(5));
        assert!(replies.has(4) && !replies.has(5) && !replies.has(-1));
        assert_eq!(replies.wait(7, "late", now), Ok(()));
        assert!(replies.wants_look_up(now) && !replies.wants_look_up(now), "one at a time");
        // A broker that has not heard of it yet.
        assert_eq!(replies.looked_up(Some(5), now + BRIEF), Settled { known: vec![], unknown: vec![] });
        assert!(!replies.wants_look_up(now + 2 * BRIEF), "not again and again");
        assert_eq!(replies.wake_at(now), Some(now + BRIEF + AGAIN));
        assert!(replies.wants_look_up(now + BRIEF + AGAIN));
        assert_eq!(replies.looked_up(None, now + AGAIN), Settled { known: vec![], unknown: vec![] });
        assert_eq!(replies.looked_up(Some(8), now + AGAIN), Settled { known: vec!["late"], unknown: vec![] });
        assert!(replies.has(7) && !replies.has(8));
    }

    #[test]
    fn what_no_look_up_cures_is_refused_in_the_end() {
        let now = Instant::now();
        let mut replies = ReplyPartitions::new(Some(5));
        assert_eq!(replies.wait(99, 1, now), Ok(()));
        assert!(replies.looked_up(Some(5), now + PATIENCE.saturating_sub(BRIEF)).unknown.is_empty());
        assert_eq!(replies.looked_up(Some(5), now + PATIENCE).unknown, [1]);
        assert_eq!(replies.wait(-1, 2, now), Err(2), "there never is one");
    }

    #[test]
    fn an_empty_answer_is_no_news() {
        let now = Instant::now();
        let mut replies: ReplyPartitions<()> = ReplyPartitions::new(Some(5));
        replies.looked_up(Some(0), now);
        assert!(replies.has(4));
    }

    #[test]
    fn as_many_wait_as_may_and_are_handed_back() {
        let now = Instant::now();
        let mut replies = ReplyPartitions::new(Some(5));
        assert!((0..WAITING).all(|number| replies.wait(9, number, now).is_ok()));
        assert_eq!(replies.wait(9, WAITING, now), Err(WAITING));
        assert_eq!(replies.hand_back().len(), WAITING);
        assert_eq!(replies.waiting(), 0);
    }
}
