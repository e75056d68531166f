//! librdkafka's producer and the brokers behind it: what is handed over is beyond recall.

use rand::RngExt as _;

use super::{Event, Outstanding, Reach, World, name};
use crate::fault::{FaultKind, ProduceTrouble};
use crate::input::{Input, NotDelivered};
use crate::invariant::Invariant;
use crate::record::{Kind, SimRecord, Stamp, Topic};
use crate::time::{MS, SECOND, Time};

/// `message.timeout.ms`.
const MESSAGE_TIMEOUT: Time = 10 * SECOND;

/// How long a partition may be silent before nothing more is handed over.
const STALL: Time = 250 * MS;

/// How much may be under way to a partition of which nothing is known.
const SMALLEST_WINDOW: usize = 8;

/// `socket.timeout.ms`: what was sent and not answered is sent again after it.
const SOCKET_TIMEOUT: Time = 3 * SECOND;

impl World<'_> {
    pub(crate) fn hand_over(&mut self, host: usize, topic: Topic, partition: i32, record: SimRecord, cookie: u64) {
        if record.kind == Kind::Request
            && let Some(call) = self.journal.by_token(record.token)
        {
            call.partition = Some(partition);
            call.reply_partition = Some(record.reply_partition);
            self.check_timeout(&record);
        }
        self.check_window(host, topic, partition);
        self.numbers += 1;
        let id = self.numbers;
        let handed = self.now;
        let known = self.hosts[host].known[topic as usize];
        let state = &mut self.hosts[host];
        state.producer.sends.push(Outstanding {
            id,
            topic,
            partition,
            record,
            cookie,
            handed,
            transmitted: false,
            held: false,
        });
        let producer = state.producer.number;
        if usize::try_from(partition).is_ok_and(|partition| partition >= known) || partition < 0 {
            if usize::try_from(partition).is_ok_and(|partition| partition < self.topics.count(topic)) {
                self.reach(if topic == Topic::Requests { FaultKind::GrowRequests } else { FaultKind::GrowReplies });
            }
            // The failure makes the producer's owner ask for the topic, by way of the producer.
            let asked = self.rng.random_range(5 * MS..200 * MS);
            let life = self.hosts[host].life;
            self.after(asked, Event::RefreshOnce { host, life });
            self.fail(host, id, true, NotDelivered::UnknownPartition);
            return;
        }
        let latency = self.latency();
        self.travel(host, producer, id, topic, partition, handed + latency);
    }

    /// Records to one partition arrive in the order in which they were handed over.
    fn travel(&mut self, host: usize, producer: u32, send: u64, topic: Topic, partition: i32, at: Time) {
        let lane = self.hosts[host].lane(topic, partition);
        lane.last = at.max(lane.last + 1);
        let at = lane.last;
        self.at(at, Event::Arrive { host, producer, send });
    }

    fn outstanding(&mut self, host: usize, producer: u32, send: u64) -> Option<&mut Outstanding> {
        let state = &mut self.hosts[host].producer;
        if state.number != producer {
            return None;
        }
        state.sends.iter_mut().find(|it| it.id == send)
    }

    /// A send is over: what was it?
    fn report(&mut self, host: usize, send: u64) -> Option<Outstanding> {
        let now = self.now;
        let sends = &mut self.hosts[host].producer.sends;
        let at = sends.iter().position(|it| it.id == send)?;
        let it = sends.swap_remove(at);
        self.hosts[host].lane(it.topic, it.partition).progress = now;
        Some(it)
    }

    /// Little is handed over to a partition that acknowledges nothing: what is in doubt when its
    /// broker stops is no more than what was acknowledged of late.
    fn check_window(&mut self, host: usize, topic: Topic, partition: i32) {
        let now = self.now;
        let sends = &self.hosts[host].producer.sends;
        let outstanding = sends.iter().filter(|it| it.topic == topic && it.partition == partition).count();
        let continued = self.hosts[host].continued;
        let lane = self.hosts[host].lane(topic, partition);
        if outstanding == 0 {
            lane.progress = now;
            return;
        }
        // What came while the process stood still is heard when it goes on.
        let silent = now - lane.progress.max(continued);
        let recent = lane.acknowledged.iter().filter(|at| now < **at + 2 * STALL).count();
        let bound = SMALLEST_WINDOW.max(recent) + 1;
        if silent > STALL + 10 * MS {
            self.journal.violate(Invariant::I6, now, || {
                format!("{} hands over to {topic:?}/{partition}, silent for {} ms", name(host), silent / MS)
            });
        } else if outstanding >= bound {
            self.journal.violate(Invariant::I6, now, || {
                format!(
                    "{} hands over {} to {topic:?}/{partition}, and {recent} were acknowledged",
                    name(host),
                    outstanding + 1
                )
            });
        }
    }

    fn fail(&mut self, host: usize, send: u64, certain: bool, why: NotDelivered) {
        if let Some(send) = self.report(host, send) {
            self.tell(host, 50, Input::Failed { cookie: send.cookie, certain, why });
        }
    }

    pub(crate) fn arrive(&mut self, host: usize, producer: u32, send: u64) {
        let now = self.now;
        let Some(it) = self.outstanding(host, producer, send) else { return };
        let (topic, partition, give_up) = (it.topic, it.partition, it.handed + MESSAGE_TIMEOUT);
        let (transmitted, held) = (it.transmitted, it.held);
        if now >= give_up {
            self.fail(host, send, !transmitted, NotDelivered::TimedOut);
            return;
        }
        // What came before it and waits still goes first.
        let held_until = self.hosts[host].lane(topic, partition).held_until;
        if !held && held_until > now {
            self.hold(host, producer, send, topic, partition, held_until, give_up);
            return;
        }
        let deaf_until = self.hosts[host].deaf_until;
        let reach = if deaf_until > now { Reach::Down(deaf_until) } else { self.reach_partition(topic, partition) };
        match reach {
            Reach::Down(until) => {
                self.reached_outage(topic, partition);
                let jitter = self.rng.random_range(MS..200 * MS);
                self.hold(host, producer, send, topic, partition, until + jitter, give_up);
            }
            Reach::NoTopic(until) => {
                // librdkafka waits a moment for a topic that it knew.
                if now + 2 * SECOND < until {
                    self.fail(host, send, !transmitted, NotDelivered::UnknownTopic);
                } else {
                    self.hold(host, producer, send, topic, partition, until + 50 * MS, give_up);
                }
            }
            Reach::NoPartition => self.fail(host, send, !transmitted, NotDelivered::UnknownPartition),
            Reach::Frozen(until) => self.into_socket(host, producer, send, until, give_up),
            Reach::Up => {
                if let Some(it) = self.outstanding(host, producer, send) {
                    it.transmitted = true;
                }
                let trouble = self.plan.trouble(topic, partition, now);
                match trouble {
                    Some(trouble) if self.chance(2) => self.troubled(host, producer, send, trouble, give_up),
                    _ => self.write_and_answer(host, producer, send),
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn hold(
        &mut self,
        host: usize,
        producer: u32,
        send: u64,
        topic: Topic,
        partition: i32,
        until: Time,
        give_up: Time,
    ) {
        if let Some(it) = self.outstanding(host, producer, send) {
            it.held = true;
        }
        let lane = self.hosts[host].lane(topic, partition);
        lane.held_until = lane.held_until.max(until);
        if until > give_up {
            // It is not tried any more, and keeps no place in the order.
            self.at(give_up, Event::Arrive { host, producer, send });
        } else {
            self.travel(host, producer, send, topic, partition, until);
        }
    }

    /// A frozen broker will write it when it goes on, and maybe what was sent again meanwhile, too.
    fn into_socket(&mut self, host: usize, producer: u32, send: u64, until: Time, give_up: Time) {
        let now = self.now;
        let long = self.plan.during(FaultKind::FreezeLong, now);
        self.reach(if long { FaultKind::FreezeLong } else { FaultKind::FreezeBroker });
        let doubled = until > now + SOCKET_TIMEOUT && self.chance(2);
        if doubled {
            self.reach(FaultKind::Doubled);
        }
        if let Some(it) = self.outstanding(host, producer, send) {
            it.transmitted = true;
        }
        let lane = {
            let (topic, partition) =
                self.outstanding(host, producer, send).map_or((Topic::Dead, 0), |it| (it.topic, it.partition));
            self.hosts[host].lane(topic, partition)
        };
        lane.last = (until + 1).max(lane.last + 1);
        lane.held_until = lane.held_until.max(until + 1);
        let at = lane.last;
        self.at(at, Event::Thaw { host, producer, send, times: if doubled { 2 } else { 1 } });
        if at >= give_up {
            self.at(give_up, Event::GiveUpSend { host, producer, send });
        }
    }

    pub(crate) fn give_up_send(&mut self, host: usize, producer: u32, send: u64) {
        if self.outstanding(host, producer, send).is_some() {
            // The broker has it in its socket and writes it later, whatever the producer says.
            let Some(it) = self.outstanding(host, producer, send).copied() else { return };
            self.fail(host, send, !it.transmitted, NotDelivered::TimedOut);
            if it.transmitted {
                self.haunt(it);
            }
        }
    }

    /// Writes a record that nobody hears of any more, when its broker goes on.
    pub(crate) fn haunt(&mut self, it: Outstanding) {
        let reach = self.reach_partition(it.topic, it.partition);
        if let Reach::Frozen(until) = reach {
            self.reach(FaultKind::LateWrite);
            // The same order of events as `Thaw`, without a producer to tell.
            self.ghosts.push((it.topic, it.partition, it.record));
            let index = self.ghosts.len() - 1;
            self.at(until + 2, Event::Thaw { host: usize::MAX, producer: 0, send: index as u64, times: 1 });
        }
    }

    pub(crate) fn thaw(&mut self, host: usize, producer: u32, send: u64, times: u8) {
        if host == usize::MAX {
            let Some((topic, partition, record)) =
                usize::try_from(send).ok().and_then(|at| self.ghosts.get(at).copied())
            else {
                return;
            };
            if self.reach_partition(topic, partition) == Reach::Up {
                self.append(usize::MAX, topic, partition, record);
            }
            return;
        }
        let Some(it) = self.outstanding(host, producer, send).copied() else { return };
        if self.reach_partition(it.topic, it.partition) != Reach::Up {
            self.arrive(host, producer, send);
            return;
        }
        for _ in 1..times {
            self.append(host, it.topic, it.partition, it.record);
        }
        self.write_and_answer(host, producer, send);
    }

    fn write_and_answer(&mut self, host: usize, producer: u32, send: u64) {
        let Some(it) = self.outstanding(host, producer, send).copied() else { return };
        let Some((offset, stamp_ms)) = self.append(host, it.topic, it.partition, it.record) else { return };
        let latency = self.latency();
        self.after(latency, Event::Acknowledge { host, producer, send, offset, stamp_ms });
    }

    /// An acknowledgement that is lost, before or after the record was written, or is late.
    fn troubled(&mut self, host: usize, producer: u32, send: u64, trouble: ProduceTrouble, give_up: Time) {
        let now = self.now;
        let Some(it) = self.outstanding(host, producer, send) else { return };
        it.transmitted = true;
        let it = *it;
        // The connection breaks and is made anew soon, or nothing comes until the socket's time-out.
        let again = if self.chance(2) { 50 * MS } else { SOCKET_TIMEOUT };
        match trouble {
            ProduceTrouble::LostBefore => {
                self.reach(FaultKind::AckLostBefore);
                self.hold(host, producer, send, it.topic, it.partition, now + again, give_up);
            }
            ProduceTrouble::LostAfter => {
                self.reach(FaultKind::AckLostAfter);
                self.append(host, it.topic, it.partition, it.record);
                if self.chance(3) {
                    self.at(give_up, Event::GiveUpSend { host, producer, send });
                } else {
                    self.reach(FaultKind::Doubled);
                    self.hold(host, producer, send, it.topic, it.partition, now + again, give_up);
                }
            }
            ProduceTrouble::Late => {
                self.reach(FaultKind::AckLate);
                if let Some((offset, stamp_ms)) = self.append(host, it.topic, it.partition, it.record) {
                    let late = self.rng.random_range(300 * MS..2_900 * MS);
                    self.after(late, Event::Acknowledge { host, producer, send, offset, stamp_ms });
                }
            }
        }
    }

    pub(crate) fn acknowledge(&mut self, host: usize, producer: u32, send: u64, offset: i64, stamp_ms: i64) {
        if self.outstanding(host, producer, send).is_none() {
            return;
        }
        if let Some(it) = self.report(host, send) {
            let now = self.now;
            let acknowledged = &mut self.hosts[host].lane(it.topic, it.partition).acknowledged;
            acknowledged.push_back(now);
            if acknowledged.len() > 256 {
                acknowledged.pop_front();
            }
            let stamp = Stamp { ms: stamp_ms, by_broker: self.topics.by_broker };
            // A slow answer says too little of when it was stamped.
            self.hosts[host].knows_time |= stamp.by_broker && self.now < it.handed + 400 * MS;
            self.tell_append(host, it.topic, it.partition, offset);
            self.dispatch(host, Input::Delivered { cookie: it.cookie, offset, stamp });
        }
    }

    /// Writes a record. `None` where there is no such partition.
    pub(crate) fn append(
        &mut self,
        host: usize,
        topic: Topic,
        partition: i32,
        record: SimRecord,
    ) -> Option<(i64, i64)> {
        let ms = if self.topics.by_broker {
            self.true_ms() + self.plan.broker_clock_ms
        } else {
            self.true_ms() + self.hosts.get(host).map_or(0, |host| host.clock_ms)
        };
        let stamp = Stamp { ms, by_broker: self.topics.by_broker };
        let now = self.now;
        let offset = self.topics.log_mut(topic, partition)?.append(now, stamp, record);
        self.trace(|| {
            format!(
                "  {topic:?}/{partition}@{offset} written by {}",
                if host == usize::MAX { "nobody".to_owned() } else { name(host) }
            )
        });
        self.written(topic, partition, offset, record);
        self.appended(topic, partition);
        Some((offset, ms))
    }

    /// Why a record waits, for the table of faults.
    fn reached_outage(&mut self, topic: Topic, partition: i32) {
        let leaderless = self.topics.log(topic, partition).is_some_and(|log| log.leaderless_until > self.now);
        if leaderless {
            self.reach(if topic == Topic::Replies { FaultKind::ReplyLeaderless } else { FaultKind::RequestLeaderless });
        } else if self.brokers.all_down(self.now).is_some() {
            self.reach(if self.plan.has(FaultKind::LongOutage) { FaultKind::LongOutage } else { FaultKind::Outage });
        } else {
            self.reach(FaultKind::BrokerDown);
        }
    }

    /// The producer is made anew: what it had not heard of is in doubt.
    pub(crate) fn purge(&mut self, host: usize) {
        let state = &mut self.hosts[host].producer;
        state.number += 1;
        state.lanes.clear();
        for it in std::mem::take(&mut state.sends) {
            let certain = !it.transmitted;
            self.tell(host, 50, Input::Failed { cookie: it.cookie, certain, why: NotDelivered::Purged });
        }
    }
}
