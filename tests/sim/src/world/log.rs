//! Topics: partitions as logs, with offsets and a topic id.

use std::collections::VecDeque;

use crate::record::{SimRecord, Stamp, Topic, TopicId};
use crate::time::Time;

/// One record in a log, and what the checker knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Time,
    pub(crate) stamp: Stamp,
    pub(crate) record: SimRecord,
    pub(crate) fate: Fate,
}

/// What became of a request, as the world knows it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fate {
    pub(crate) runs: u8,
    /// When it last began to run.
    pub(crate) run_at: Time,
    /// Who ran it last.
    pub(crate) runner: Option<Runner>,
    /// The processes that did not know the time when they took it in, a bit for each.
    pub(crate) guessed_by: u64,
    /// When it was last taken in.
    pub(crate) taken_at: Time,
    /// Whoever ran it took its topic for the one that was before.
    pub(crate) unaware: bool,
    /// A reply with its token is in the reply topic.
    pub(crate) replied: bool,
    /// A dead letter of it is in the dead-letter topic.
    pub(crate) dead: bool,
    /// A cancellation of it is in the request topic.
    pub(crate) cancelled: bool,
    /// Somebody counted that it ended without an answer.
    pub(crate) counted: bool,
    /// A last commit named it as still running at this process.
    pub(crate) handed_over: Option<Runner>,
    /// Whoever ran it last said that it may run again, or could not say what it did.
    pub(crate) may_repeat: bool,
}

/// One life of a process in one generation of the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Runner {
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) assignment: u32,
}

/// A log that lost its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LostEnd {
    pub(crate) at: Time,
    /// Where it ends since, and ended before.
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// How many assignments there had been then.
    pub(crate) assignments: u64,
    /// Whether somebody had read behind that end, and so knew the leader's epoch.
    pub(crate) seen: bool,
}

impl LostEnd {
    /// Whether something was lost at this offset.
    pub(crate) fn covers(self, offset: i64) -> bool {
        (self.from..self.to).contains(&offset)
    }

    /// Whether a record stands where a lost one stood and nobody could tell: a reader that was there
    /// then knows by the leader's epoch, the next one has nothing but the offset.
    pub(crate) fn overwrote(self, offset: i64, assignments: u64) -> bool {
        self.covers(offset) && (assignments != self.assignments || !self.seen)
    }
}

/// A partition.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// The offset of the first record that is there.
    pub(crate) start: i64,
    pub(crate) entries: VecDeque<Entry>,
    /// Its leader: a broker's number.
    pub(crate) leader: usize,
    /// When and where it last lost its end.
    pub(crate) lost_end: Option<LostEnd>,
    /// No leader until then.
    pub(crate) leaderless_until: Time,
}

impl Log {
    /// The offset behind the last record.
    pub(crate) fn end(&self) -> i64 {
        self.start + i64::try_from(self.entries.len()).unwrap_or(i64::MAX)
    }

    pub(crate) fn get(&self, offset: i64) -> Option<&Entry> {
        usize::try_from(offset - self.start).ok().and_then(|index| self.entries.get(index))
    }

    pub(crate) fn get_mut(&mut self, offset: i64) -> Option<&mut Entry> {
        usize::try_from(offset - self.start).ok().and_then(|index| self.entries.get_mut(index))
    }

    pub(crate) fn append(&mut self, at: Time, stamp: Stamp, record: SimRecord) -> i64 {
        let offset = self.end();
        self.entries.push_back(Entry { at, stamp, record, fate: Fate::default() });
        offset
    }

    /// Retention: removes the first `count` records.
    pub(crate) fn remove_front(&mut self, count: usize) {
        let count = count.min(self.entries.len());
        self.entries.drain(..count);
        self.start += i64::try_from(count).unwrap_or(0);
    }

    /// Loses its last `count` records, as after the election of a leader that had not got them.
    pub(crate) fn lose_end(&mut self, count: usize, at: Time, assignments: u64, seen: bool) {
        let to = self.end();
        self.entries.truncate(self.entries.len().saturating_sub(count));
        self.lost_end = Some(LostEnd { at, from: self.end(), to, assignments, seen });
    }
}

/// A topic.
#[derive(Debug)]
pub(crate) struct TopicState {
    pub(crate) id: TopicId,
    pub(crate) logs: Vec<Log>,
    /// Deleted and not there again until then.
    pub(crate) missing_until: Time,
    /// When it last got a new id, or lost records.
    pub(crate) changed: Option<Time>,
}

/// All topics.
#[derive(Debug)]
pub(crate) struct Topics {
    topics: [TopicState; 3],
    /// Whether the broker stamps the records (`LogAppendTime`).
    pub(crate) by_broker: bool,
}

fn index(topic: Topic) -> usize {
    match topic {
        Topic::Requests => 0,
        Topic::Replies => 1,
        Topic::Dead => 2,
    }
}

impl Topics {
    pub(crate) fn new(requests: usize, replies: usize, brokers: usize, by_broker: bool) -> Self {
        let topic = |id: TopicId, count: usize| TopicState {
            id,
            logs: (0..count)
                .map(|at| Log { leader: (at + usize::try_from(id).unwrap_or(0)) % brokers, ..Log::default() })
                .collect(),
            missing_until: 0,
            changed: None,
        };
        Self { topics: [topic(1, requests), topic(2, replies), topic(3, 1)], by_broker }
    }

    pub(crate) fn get(&self, topic: Topic) -> &TopicState {
        &self.topics[index(topic)]
    }

    pub(crate) fn get_mut(&mut self, topic: Topic) -> &mut TopicState {
        &mut self.topics[index(topic)]
    }

    pub(crate) fn count(&self, topic: Topic) -> usize {
        self.get(topic).logs.len()
    }

    pub(crate) fn log(&self, topic: Topic, partition: i32) -> Option<&Log> {
        usize::try_from(partition).ok().and_then(|at| self.get(topic).logs.get(at))
    }

    pub(crate) fn log_mut(&mut self, topic: Topic, partition: i32) -> Option<&mut Log> {
        usize::try_from(partition).ok().and_then(|at| self.get_mut(topic).logs.get_mut(at))
    }
}
