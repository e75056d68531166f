//! What processes learn of topics and brokers.

use rand::RngExt as _;

use super::{Event, QUESTION, Reach, World};
use crate::fault::FaultKind;
use crate::input::{Input, LookUp};
use crate::record::Topic;
use crate::time::{MS, SECOND, Time};

/// How often librdkafka refreshes what it knows (`topic.metadata.refresh.interval.ms`).
pub(crate) const REFRESH: Time = 5 * SECOND;

/// The longest that a client takes to be made anew after a cluster answered nonsense.
const MADE_ANEW: Time = 8 * SECOND;

const TOPICS: [Topic; 3] = [Topic::Requests, Topic::Replies, Topic::Dead];

impl World<'_> {
    fn deaf(&self, host: usize) -> Reach {
        let until = self.hosts[host].deaf_until;
        if until > self.now { Reach::Down(until) } else { Reach::Up }
    }

    /// The brokers that answer look-ups: any.
    fn any_broker(&self, host: usize) -> Reach {
        match (self.deaf(host), self.brokers.silent_until(self.now)) {
            (Reach::Down(until), _) | (_, Some(until)) => Reach::Down(until),
            _ => Reach::Up,
        }
    }

    pub(crate) fn answer_look_up(&mut self, host: usize, topic: Topic, since: Time) {
        let now = self.now;
        let life = self.hosts[host].life;
        // Look-ups have a client of their own, which is made anew first.
        if let Some(until) = self.brokers.silent_until(now) {
            if until > since + QUESTION {
                self.tell(
                    host,
                    (since + QUESTION).saturating_sub(now),
                    Input::Topic { topic, answer: LookUp::NoAnswer },
                );
            } else {
                self.at(until + MS, Event::LookUp { host, life, topic, since });
            }
            return;
        }
        if self.brokers.nonsense_until > now {
            self.reach(FaultKind::NoBrokers);
            self.tell(host, MS, Input::Topic { topic, answer: LookUp::NoBrokers });
            return;
        }
        let state = self.topics.get(topic);
        if state.missing_until > now {
            self.tell(host, MS, Input::Topic { topic, answer: LookUp::NoTopic });
            return;
        }
        let led = (0..state.logs.len())
            .filter_map(|partition| i32::try_from(partition).ok())
            .filter(|partition| matches!(self.reach_partition(topic, *partition), Reach::Up | Reach::Frozen(_)))
            .collect();
        let answer = LookUp::Found {
            id: state.id,
            count: u32::try_from(state.logs.len()).unwrap_or(u32::MAX),
            led,
            by_broker: self.topics.by_broker,
        };
        let latency = self.latency();
        self.tell(host, latency, Input::Topic { topic, answer });
    }

    /// librdkafka refreshes its metadata, again and again: its producer and its group hear of new
    /// partitions.
    pub(crate) fn refresh(&mut self, host: usize) {
        let life = self.hosts[host].life;
        self.refresh_known(host);
        self.after(REFRESH, Event::Refresh { host, life });
    }

    pub(crate) fn refresh_known(&mut self, host: usize) {
        let now = self.now;
        if self.any_broker(host) != Reach::Up {
            return;
        }
        if self.brokers.nonsense_until > now {
            self.forget_brokers(host);
        } else if self.hosts[host].state == super::State::Running {
            for topic in TOPICS {
                let state = self.topics.get(topic);
                let count = if state.missing_until > now { 0 } else { state.logs.len() };
                // What is gone is still known to a producer for as long as it may come back.
                if count > 0 || topic == Topic::Requests && self.hosts[host].role.is_server() {
                    self.hosts[host].known[topic as usize] = count;
                }
            }
            self.partitions_changed(host);
        }
    }

    /// What a new client knows: all that there is.
    pub(crate) fn learn(&mut self, host: usize) {
        for topic in TOPICS {
            self.hosts[host].known[topic as usize] = self.topics.count(topic);
        }
    }

    /// A cluster that is still starting said that it has no brokers: librdkafka forgets those it
    /// knew, and is of no use until its owner makes it anew.
    pub(crate) fn forget_brokers(&mut self, host: usize) {
        let now = self.now;
        if self.hosts[host].deaf_until > now {
            return;
        }
        self.reach(FaultKind::NoBrokers);
        let until = self.brokers.nonsense_until + self.rng.random_range(SECOND..MADE_ANEW);
        self.hosts[host].deaf_until = until;
        self.purge(host);
        if let Some(member) = self.hosts[host].member.id {
            let life = self.hosts[host].life;
            self.after(super::group::SESSION, Event::Expire { member, silent_since: now });
            self.after(MS, Event::SessionOver { host, life, member });
        }
    }

    pub(crate) fn watermark(&mut self, host: usize, topic: Topic, partition: i32, end: bool, since: Time) {
        let now = self.now;
        let life = self.hosts[host].life;
        let answer = |offset| {
            if end { Input::End { topic, partition, offset } } else { Input::Beginning { topic, partition, offset } }
        };
        let reach = match self.deaf(host) {
            Reach::Up => self.reach_partition(topic, partition),
            deaf => deaf,
        };
        match reach {
            Reach::Down(until) | Reach::Frozen(until) | Reach::NoTopic(until) => {
                self.reach(FaultKind::OffsetsUnanswered);
                if until > since + QUESTION {
                    self.tell(host, (since + QUESTION).saturating_sub(now), answer(None));
                } else {
                    self.at(until + MS, Event::Watermark { host, life, topic, partition, end, since });
                }
            }
            Reach::NoPartition => self.tell(host, MS, answer(None)),
            Reach::Up => {
                if self.plan.during(FaultKind::OffsetsUnanswered, now) && self.chance(2) {
                    self.reach(FaultKind::OffsetsUnanswered);
                    self.tell(host, QUESTION, answer(None));
                    return;
                }
                let offset = self.topics.log(topic, partition).map(|log| if end { log.end() } else { log.start });
                // Read at the broker now; on its way back for a while.
                let latency = self.latency();
                self.tell(host, latency, answer(offset));
            }
        }
    }

    /// librdkafka says once that no broker can be reached.
    pub(crate) fn brokers_seen(&mut self, host: usize) {
        if self.brokers.all_down(self.now).is_some() {
            self.dispatch(host, Input::BrokersDown);
        }
    }
}
