//! What the thread of a member and those who started it know of each other.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::sync::lock;
use crate::timeouts;

/// What is asked of a member, and how it stands.
#[derive(Debug)]
pub(super) struct Control {
    /// Set to stop: the time until which what runs may go on.
    stop: Mutex<Option<Instant>>,
    renew: AtomicBool,
    standing: Mutex<Standing>,
}

/// How a member stands in its group. Each value comes with the time since when it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether the group has given it its share, since when.
    pub(crate) joined: (bool, Instant),
    /// Whether it has been a member before.
    pub(crate) has_joined: bool,
    /// Its share, since when.
    pub(crate) partitions: (Vec<i32>, Instant),
    /// Why it cannot read, since when. It tries again.
    pub(crate) trouble: Option<(String, Instant)>,
    /// Why it has ended for good, where nobody asked it to.
    pub(crate) ended: Option<String>,
}

impl Standing {
    /// Whether there is something to read, and it can be read.
    pub(crate) fn reads(&self) -> bool {
        !self.partitions.0.is_empty() && self.trouble.is_none()
    }
}

impl Default for Control {
    fn default() -> Self {
        let now = Instant::now();
        let standing = Standing {
            joined: (false, now),
            has_joined: false,
            partitions: (Vec::new(), now),
            trouble: None,
            ended: None,
        };
        Self { stop: Mutex::default(), renew: AtomicBool::default(), standing: Mutex::new(standing) }
    }
}

impl Control {
    pub(super) fn stop(&self, drain: Duration) {
        let mut stop = lock(&self.stop);
        let until = Instant::now() + drain.min(timeouts::LONGEST);
        *stop = Some(stop.map_or(until, |earlier| earlier.min(until)));
    }

    /// Until when what runs may go on, once the member is to stop.
    pub(super) fn stopping(&self) -> Option<Instant> {
        *lock(&self.stop)
    }

    pub(super) fn ask_to_renew(&self) {
        self.renew.store(true, Ordering::Release);
    }

    /// Whether somebody has asked since the last time.
    pub(super) fn take_renew(&self) -> bool {
        // Read first: the loop asks each time around, and a swap takes the line for itself.
        self.renew.load(Ordering::Acquire) && self.renew.swap(false, Ordering::AcqRel)
    }

    pub(super) fn standing(&self) -> Standing {
        lock(&self.standing).clone()
    }

    /// The group has given the member its share.
    pub(super) fn assigned(&self, partitions: &[i32]) {
        let now = Instant::now();
        let mut standing = lock(&self.standing);
        standing.has_joined = true;
        if !standing.joined.0 {
            standing.joined = (true, now);
        }
        standing.partitions = (partitions.to_vec(), now);
    }

    /// The group takes the share back, to give another.
    pub(super) fn revoked(&self) {
        lock(&self.standing).partitions = (Vec::new(), Instant::now());
    }

    /// The group does not know the member any more.
    pub(super) fn lost(&self) {
        let now = Instant::now();
        let mut standing = lock(&self.standing);
        standing.partitions = (Vec::new(), now);
        if standing.joined.0 {
            standing.joined = (false, now);
        }
    }

    /// The member cannot read. True where that is news.
    pub(super) fn trouble(&self, reason: &str) -> bool {
        let mut standing = lock(&self.standing);
        let news = standing.trouble.as_ref().is_none_or(|(known, _)| known != reason);
        if news {
            standing.trouble = Some((reason.to_owned(), Instant::now()));
        }
        news
    }

    /// The member can read. True where it could not before.
    pub(super) fn well(&self) -> bool {
        lock(&self.standing).trouble.take().is_some()
    }

    /// The member has ended.
    pub(super) fn ended(&self, reason: Option<String>) {
        self.lost();
        lock(&self.standing).ended = reason;
    }
}
