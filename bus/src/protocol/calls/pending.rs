//! Calls that wait, found by token, and what is known of their records.

use std::collections::{HashMap, hash_map};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::time::{Duration, Instant};

use super::deadlines::Deadlines;
use super::past::Past;

/// Takes a token for its own hash: the tokens in the table are our own, and random in all bits but
/// six. What a peer sends is only looked up.
#[derive(Default)]
pub(super) struct TokenHasher(u64);

impl Hasher for TokenHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[allow(clippy::cast_possible_truncation)] // The halves are what is wanted.
    fn write_u128(&mut self, token: u128) {
        self.0 = (token >> 64) as u64 ^ (token as u64).rotate_left(32);
    }
}

/// Where a call's record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Record {
    /// The call waits for a place; there is no record.
    Unplaced,
    /// With us: whatever ends the call withdraws it.
    Queued,
    /// Beyond recall: the broker has it, or may have it.
    HandedOver,
}

/// A call that waits.
struct Entry<T> {
    token: u128,
    record: Record,
    begun: Instant,
    deadline: Instant,
    call: T,
}

/// Where a call is. Good for one call: what has ended is not found by it. Its `Debug` shows no token,
/// since what is logged must not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallId {
    token: u128,
    index: u32,
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { token, index } = self;
        let mut shown = f.debug_struct("CallId");
        if planted!("token shown") {
            shown.field("token", token);
        }
        shown.field("index", index).finish_non_exhaustive()
    }
}

/// How a call ended that got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Its deadline has passed. Certain: the record was not sent and will not be.
    NotSent {
        /// Whether it had a place.
        placed: bool,
        /// From its beginning to its deadline.
        waited: Duration,
    },
    /// Its deadline has passed. The request may have run.
    TimedOut { waited: Duration },
    /// The client was closed.
    Closed {
        /// Whether the request may have run.
        sent: bool,
    },
}

/// Why a call did not begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotBegun<T> {
    /// The client is closed.
    Closed(T),
    /// Another call that waits has this token: another is to be drawn.
    TokenTaken(T),
}

/// What a reply is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply<T> {
    /// It ends this call.
    Answers(T),
    /// A call of ours that has ended without an answer.
    Late,
    /// A call of ours that has its answer.
    Duplicate,
    /// No call of ours, for all that is remembered.
    Unknown,
}

/// The calls of one shard.
///
/// A call ends once: by a reply, by its deadline, because its record certainly is not in the topic,
/// because its caller gave it up, or by a close. Whatever ends it takes it out of here, and with it
/// the right to hand its record over. `T` is what the shell keeps with a call. Its `Debug` says how
/// many there are, and shows no token.
pub(crate) struct Calls<T> {
    by_token: HashMap<u128, u32, BuildHasherDefault<TokenHasher>>,
    entries: Vec<Option<Entry<T>>>,
    /// Indices of entries that are empty.
    vacant: Vec<u32>,
    deadlines: Deadlines,
    past: Past,
    closed: bool,
}

impl<T> fmt::Debug for Calls<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = self.entries.len().saturating_sub(self.vacant.len());
        f.debug_struct("Calls").field("waiting", &waiting).field("closed", &self.closed).finish_non_exhaustive()
    }
}

impl<T> Default for Calls<T> {
    fn default() -> Self {
        Self {
            by_token: HashMap::default(),
            entries: Vec::new(),
            vacant: Vec::new(),
            deadlines: Deadlines::default(),
            past: Past::default(),
            closed: false,
        }
    }
}

impl<T> Calls<T> {
    /// Lets a call wait from `now` to its deadline, before its record is produced, so that no reply can be quicker. Says where
    /// it is, and whether its deadline is the earliest now.
    pub(crate) fn begin(
        &mut self,
        token: u128,
        now: Instant,
        deadline: Instant,
        call: T,
    ) -> Result<(CallId, bool), NotBegun<T>> {
        self.enter(token, (now, deadline), Record::Queued, call)
    }

    /// Lets a call wait that has no place. Only its deadline, a close and its caller can end it.
    pub(crate) fn begin_unplaced(
        &mut self,
        token: u128,
        now: Instant,
        deadline: Instant,
        call: T,
    ) -> Result<(CallId, bool), NotBegun<T>> {
        self.enter(token, (now, deadline), Record::Unplaced, call)
    }

    /// A call has got its place. `false`: it has ended meanwhile, and has no use for it.
    pub(crate) fn placed(&mut self, id: CallId) -> bool {
        let Some(entry) = self.entry(id) else { return false };
        entry.record = Record::Queued;
        true
    }

    fn enter(
        &mut self,
        token: u128,
        (begun, deadline): (Instant, Instant),
        record: Record,
        call: T,
    ) -> Result<(CallId, bool), NotBegun<T>> {
        if self.closed && !planted!("call after the close") {
            return Err(NotBegun::Closed(call));
        }
        let slot = self.by_token.entry(token);
        if matches!(slot, hash_map::Entry::Occupied(_)) {
            return Err(NotBegun::TokenTaken(call));
        }
        let entry = Some(Entry { token, record, begun, deadline, call });
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.entries.push(None);
            // As many as places; a table of 2^32 calls does not fit into memory.
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        self.entries[index as usize] = entry;
        if !planted!("token not entered") {
            slot.insert_entry(index);
        }
        let first = self.deadlines.insert(index, deadline);
        Ok((CallId { token, index }, first))
    }

    fn entry(&mut self, id: CallId) -> Option<&mut Entry<T>> {
        let entry = self.entries.get_mut(id.index as usize)?.as_mut()?;
        (entry.token == id.token || planted!("token not compared")).then_some(entry)
    }

    /// Takes a call out: it has ended.
    fn take(&mut self, id: CallId) -> Option<Entry<T>> {
        self.entry(id)?;
        let entry = self.entries[id.index as usize].take()?;
        self.by_token.remove(&entry.token);
        self.deadlines.remove(id.index);
        self.vacant.push(id.index);
        if entry.record == Record::HandedOver {
            self.past.unanswered(entry.token);
        }
        Some(entry)
    }

    /// Asked just before a record is handed over: the time that is left, for its header. `None`
    /// withdraws it: the call has ended, or will at once.
    pub(crate) fn hand_over(&mut self, id: CallId, now: Instant) -> Option<Duration> {
        if planted!("withdrawn record sent") && self.entry(id).is_none() {
            return Some(Duration::from_secs(5));
        }
        let entry = self.entry(id)?;
        let left = entry.deadline.saturating_duration_since(now);
        if left.is_zero() && !planted!("expired record sent") {
            return None;
        }
        entry.record = Record::HandedOver;
        if planted!("time left not measured at the hand-over") {
            return Some(entry.deadline.saturating_duration_since(entry.begun));
        }
        Some(left)
    }

    /// A record that was handed over certainly is not in the topic, and is with us again.
    pub(crate) fn taken_back(&mut self, id: CallId) {
        if let Some(entry) = self.entry(id) {
            entry.record = Record::Queued;
        }
    }

    /// Whether a call waits still: its record is wanted.
    pub(crate) fn waits(&mut self, id: CallId) -> bool {
        self.entry(id).is_some()
    }

    /// A record was not acknowledged. Where it `certain`ly is not in the topic the call ends;
    /// where it may be an answer may come still.
    pub(crate) fn not_delivered(&mut self, id: CallId, certain: bool) -> Option<T> {
        if !certain && !planted!("doubt taken for certainty") {
            return None;
        }
        // No reply can come late to what is not there.
        self.entry(id)?.record = Record::Queued;
        self.take(id).map(|entry| entry.call)
    }

    /// A reply was read.
    pub(crate) fn reply(&mut self, token: u128) -> Reply<T> {
        if let Some(index) = self.by_token.get(&token).copied()
            && self.entries[index as usize].as_ref().is_some_and(|entry| entry.record != Record::Unplaced)
            && let Some(entry) = self.take(CallId { token, index })
        {
            self.past.answered(token);
            return Reply::Answers(entry.call);
        }
        if self.past.was_answered(token) {
            Reply::Duplicate
        } else if self.past.was_unanswered(token) {
            self.past.answered(token);
            Reply::Late
        } else {
            Reply::Unknown
        }
    }

    /// The caller gives the call up, if it waits still.
    pub(crate) fn give_up(&mut self, id: CallId) -> Option<T> {
        self.take(id).map(|entry| entry.call)
    }

    /// When [`expire`](Self::expire) is to be called.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let (deadline, _) = self.deadlines.first()?;
        Some(if planted!("deadline looked at late") { deadline + Duration::from_secs(1) } else { deadline })
    }

    /// Ends one call whose deadline has passed. To be called until there is none.
    pub(crate) fn expire(&mut self, now: Instant) -> Option<(T, End)> {
        let (deadline, index) = self.deadlines.first()?;
        if deadline > now || planted!("deadline not checked") {
            return None;
        }
        self.end(index, Self::at_deadline)
    }

    /// Ends this call if its deadline has passed.
    pub(crate) fn expire_one(&mut self, id: CallId, now: Instant) -> Option<(T, End)> {
        let entry = self.entry(id)?;
        if entry.deadline > now {
            return None;
        }
        self.end(id.index, Self::at_deadline)
    }

    fn at_deadline(entry: &Entry<T>) -> End {
        let waited = entry.deadline.saturating_duration_since(entry.begun);
        match entry.record {
            Record::HandedOver if !planted!("late taken for not sent") => End::TimedOut { waited },
            record => End::NotSent { placed: record != Record::Unplaced, waited },
        }
    }

    /// Takes no call any more, and ends one that waits. To be called until there is none.
    pub(crate) fn close(&mut self) -> Option<(T, End)> {
        self.closed = true;
        let (_, index) = self.deadlines.first()?;
        if planted!("close ends nobody") {
            return None;
        }
        self.end(index, |entry| End::Closed { sent: entry.record == Record::HandedOver })
    }

    fn end(&mut self, index: u32, how: impl FnOnce(&Entry<T>) -> End) -> Option<(T, End)> {
        let token = self.entries.get(index as usize)?.as_ref()?.token;
        let entry = self.take(CallId { token, index })?;
        let end = how(&entry);
        Some((entry.call, end))
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.entries.len() - self.vacant.len()
    }
}
