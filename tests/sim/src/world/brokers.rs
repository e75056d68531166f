//! Which broker can be reached.

use super::World;
use crate::record::Topic;
use crate::time::Time;

/// Brokers of the cluster.
const COUNT: usize = 3;

/// What is between a process and a broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Up,
    /// It takes requests into its socket and does nothing until then: what was sent to it is done
    /// then.
    Frozen(Time),
    /// Nothing can be sent to it until then.
    Down(Time),
    /// There is no such topic until then.
    NoTopic(Time),
    /// The topic has no such partition.
    NoPartition,
}

#[derive(Clone, Copy, Debug, Default)]
struct Broker {
    frozen_until: Time,
    down_until: Time,
}

/// The brokers.
#[derive(Debug, Default)]
pub(crate) struct Brokers {
    brokers: [Broker; COUNT],
    /// Which of them coordinates the group.
    pub(crate) coordinator: usize,
    /// Metadata answers name no broker until then.
    pub(crate) nonsense_until: Time,
}

impl Brokers {
    #[allow(clippy::unused_self)]
    pub(crate) fn count(&self) -> usize {
        COUNT
    }

    pub(crate) fn freeze(&mut self, broker: usize, until: Time) {
        self.brokers[broker].frozen_until = until;
    }

    pub(crate) fn take_down(&mut self, broker: usize, until: Time) {
        self.brokers[broker].down_until = until;
    }

    pub(crate) fn reach(&self, broker: usize, now: Time) -> Reach {
        let it = &self.brokers[broker];
        if it.down_until > now {
            Reach::Down(it.down_until)
        } else if it.frozen_until > now {
            Reach::Frozen(it.frozen_until)
        } else {
            Reach::Up
        }
    }

    pub(crate) fn coordinator(&self, now: Time) -> Reach {
        self.reach(self.coordinator, now)
    }

    /// Whether no broker at all can be reached, and until when.
    pub(crate) fn all_down(&self, now: Time) -> Option<Time> {
        let until = self.brokers.iter().map(|broker| broker.down_until).min().unwrap_or(0);
        (until > now).then_some(until)
    }

    /// Until when no broker does anything.
    pub(crate) fn silent_until(&self, now: Time) -> Option<Time> {
        let until = self.brokers.iter().map(|broker| broker.down_until.max(broker.frozen_until)).min().unwrap_or(0);
        (until > now).then_some(until)
    }
}

impl World<'_> {
    /// What is between a process and a partition's leader.
    pub(crate) fn reach_partition(&self, topic: Topic, partition: i32) -> Reach {
        let state = self.topics.get(topic);
        if state.missing_until > self.now {
            return Reach::NoTopic(state.missing_until);
        }
        let Some(log) = self.topics.log(topic, partition) else { return Reach::NoPartition };
        if log.leaderless_until > self.now {
            return Reach::Down(log.leaderless_until);
        }
        self.brokers.reach(log.leader, self.now)
    }
}
