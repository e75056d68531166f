//! Faults happen.

use rand::RngExt as _;

use super::check::Scope;
use super::{Event, State, World};
use crate::fault::{Fault, FaultKind};
use crate::plan::RECOVERY;
use crate::record::{Fault as Refusal, Kind, SimRecord, Status, Topic, Work};
use crate::time::{MS, SECOND, Time};

impl World<'_> {
    pub(super) fn fault(&mut self, index: usize) {
        let Some(fault) = self.plan.faults.get(index).copied() else { return };
        self.trace(|| format!("-- {} until {} ms", fault.kind.says(), fault.until / MS));
        self.disturbance_of(fault);
        // One process each time, and all of them in the end.
        self.look_through_debug(index % self.hosts.len());
        let server = fault.partition(self.plan.servers);
        let client = self.plan.spare_server + 1;
        let spare = self.plan.spare_client;
        match fault.kind {
            FaultKind::KillServer => self.kill_and_start(server, fault),
            FaultKind::KillClient => self.kill_and_start(client, fault),
            FaultKind::FreezeServer => self.freeze_host(server, fault),
            FaultKind::PauseProcess => {
                let host = if fault.luck & 1 << 30 == 0 { server } else { client };
                self.freeze_host(host, fault);
            }
            FaultKind::StopServer => self.stop_and_start(server, self.now, fault.until, fault.kind),
            FaultKind::RollServers => {
                for host in 0..self.plan.servers {
                    self.at(self.now + host as Time * 4 * SECOND, Event::Roll { host });
                }
            }
            FaultKind::StaticMembers => self.replace_static(server, fault),
            FaultKind::ServerJoins => {
                self.reach(fault.kind);
                self.start(self.plan.spare_server);
            }
            FaultKind::RestartClient => self.stop_and_start(client, self.now, fault.until, fault.kind),
            FaultKind::RecreateRequests => self.recreate(fault),
            FaultKind::LoseEnd => self.lose_end(fault),
            FaultKind::Retention => self.remove_front(fault),
            FaultKind::GrowRequests => self.grow(Topic::Requests, fault),
            FaultKind::GrowReplies => {
                self.grow(Topic::Replies, fault);
                self.after(100 * MS, Event::Start { host: spare });
            }
            FaultKind::RequestLeaderless => self.leaderless(Topic::Requests, fault),
            FaultKind::ReplyLeaderless => self.leaderless(Topic::Replies, fault),
            FaultKind::LeaderMoves => {
                self.reach(fault.kind);
                for topic in [Topic::Requests, Topic::Replies] {
                    for log in &mut self.topics.get_mut(topic).logs {
                        log.leader = (log.leader + 1) % self.brokers.count();
                    }
                }
            }
            FaultKind::CoordinatorMoves => {
                self.reach(fault.kind);
                self.brokers.coordinator = (self.brokers.coordinator + 1) % self.brokers.count();
            }
            FaultKind::FreezeBroker | FaultKind::FreezeLong => {
                for broker in 0..self.brokers.count() {
                    self.brokers.freeze(broker, fault.until);
                }
                self.unreachable(fault.until);
            }
            FaultKind::BrokerDown => {
                let broker = fault.partition(self.brokers.count());
                self.brokers.take_down(broker, fault.until);
                self.unreachable(fault.until);
            }
            FaultKind::Outage | FaultKind::LongOutage => self.outage(fault.until),
            FaultKind::NoBrokers => {
                // Down for a second, then it answers and knows nobody.
                self.outage(fault.at + SECOND);
                self.brokers.nonsense_until = fault.until;
                for host in 0..self.hosts.len() {
                    if self.hosts[host].runs() && self.chance(2) {
                        self.forget_brokers(host);
                    }
                }
            }
            FaultKind::ClocksDiffer => {
                self.reach(fault.kind);
                for host in 0..self.hosts.len() {
                    self.hosts[host].clock_ms = self.rng.random_range(-10_000..10_000);
                    self.hosts[host].knows_time = false;
                }
            }
            FaultKind::ClockJumps => {
                self.reach(fault.kind);
                let host = fault.partition(self.hosts.len());
                self.hosts[host].clock_ms += self.rng.random_range(-3_600_000..3_600_000);
                self.hosts[host].knows_time = false;
            }
            FaultKind::StrayReplies => self.stray_replies(fault),
            FaultKind::Unaddressed => self.unaddressed(fault),
            FaultKind::SlowHandlers
            | FaultKind::HangingHandlers
            | FaultKind::PanickingHandlers
            | FaultKind::Unreadable => self.reach(fault.kind),
            // Somebody asks in each of these windows.
            FaultKind::CommittedUnanswered => self.start(self.plan.spare_server),
            FaultKind::OffsetsUnanswered => self.start(spare),
            // These are windows that others look at, or come about by others.
            FaultKind::Overload
            | FaultKind::Poison
            | FaultKind::CallersGiveUp
            | FaultKind::AckLostBefore
            | FaultKind::AckLostAfter
            | FaultKind::AckLate
            | FaultKind::CommitRefused
            | FaultKind::CommitAnswerLost
            | FaultKind::SlowCommits
            | FaultKind::CommitUnanswered
            | FaultKind::Outgrown
            | FaultKind::LateWrite
            | FaultKind::Doubled
            | FaultKind::SessionLost
            | FaultKind::Fenced
            | FaultKind::QueueFull => {}
        }
    }

    /// Which calls may notice.
    pub(super) fn disturbance_of(&mut self, fault: Fault) {
        let to = fault.until + RECOVERY;
        match fault.kind {
            kind if kind.harmless() => {}
            FaultKind::RequestLeaderless | FaultKind::ReplyLeaderless => {
                let topic = if fault.kind == FaultKind::RequestLeaderless { Topic::Requests } else { Topic::Replies };
                let partition = i32::try_from(fault.partition(self.topics.count(topic))).unwrap_or(0);
                let scope = match topic {
                    Topic::Requests => Scope::Leaderless(partition),
                    _ => Scope::Partition(topic, partition),
                };
                self.disturb_scope(fault.at, fault.until + 3 * SECOND, scope);
            }
            FaultKind::ClocksDiffer | FaultKind::ClockJumps if self.topics.by_broker => {}
            // Nobody can tell the age of a record that a wrong clock stamped.
            FaultKind::ClocksDiffer | FaultKind::ClockJumps => self.disturb(0, Time::MAX),
            // Its deaths disturb, and its partition until it is found.
            FaultKind::Poison => {}
            _ => self.disturb(fault.at, to),
        }
    }

    fn kill_and_start(&mut self, host: usize, fault: Fault) {
        if self.hosts[host].runs() {
            self.reach(fault.kind);
            self.disturb_scope(self.now, fault.until + 2 * SECOND, Scope::Host(host));
            self.kill(host);
            self.at(fault.until, Event::Start { host });
        }
    }

    fn freeze_host(&mut self, host: usize, fault: Fault) {
        if self.hosts[host].state == State::Running {
            self.reach(fault.kind);
            self.freeze(host, fault.until);
        }
    }

    fn stop_and_start(&mut self, host: usize, at: Time, start: Time, kind: FaultKind) {
        if self.hosts[host].runs() {
            self.reach(kind);
            self.at(at, Event::Stop { host });
            // A drain may outlast the pause.
            for later in 0..12 {
                self.at(start + later * SECOND, Event::Start { host });
            }
        }
    }

    /// A server is stopped and started anew, once all others are there.
    pub(super) fn roll(&mut self, host: usize) {
        let others_run = (0..self.plan.servers)
            .filter(|other| *other != host)
            .all(|other| self.hosts[other].state == State::Running && self.hosts[other].stopping.is_none());
        if !others_run {
            self.after(500 * MS, Event::Roll { host });
            return;
        }
        self.stop_and_start(host, self.now, self.now + SECOND, FaultKind::RollServers);
    }

    /// A new process takes the instance id of one that runs still, or of one that was killed a
    /// moment ago.
    fn replace_static(&mut self, server: usize, fault: Fault) {
        if fault.luck & 1 << 31 == 0 {
            self.kill_and_start(server, fault);
            return;
        }
        if let super::Role::Server(setup) = &self.hosts[server].role {
            let role = super::Role::Server(setup.clone());
            self.hosts[self.plan.spare_server].role = role;
            self.start(self.plan.spare_server);
        }
    }

    /// Members that cannot reach their coordinator for a session lose it.
    fn unreachable(&mut self, until: Time) {
        if until < self.now + super::group::SESSION {
            return;
        }
        for host in 0..self.hosts.len() {
            if let Some(member) = self.hosts[host].member.id {
                let life = self.hosts[host].life;
                let heard = self.rng.random_range(0..500 * MS);
                self.after(super::group::SESSION - heard, Event::Unreached { host, life, member });
            }
        }
    }

    fn outage(&mut self, until: Time) {
        for broker in 0..self.brokers.count() {
            self.brokers.take_down(broker, until);
        }
        self.unreachable(until);
        for host in 0..self.hosts.len() {
            if self.hosts[host].runs() {
                let life = self.hosts[host].life;
                let seen = self.rng.random_range(5 * MS..1_500 * MS);
                self.after(seen, Event::BrokersSeen { host, life });
            }
        }
    }

    fn changed(&mut self) {
        self.topics.get_mut(Topic::Requests).changed = Some(self.now);
        self.checked.iter_mut().for_each(|checked| *checked = 0);
        for host in 0..self.hosts.len() {
            self.explain(host);
        }
    }

    /// The request topic is deleted and made anew, with the same number of partitions or another.
    fn recreate(&mut self, fault: Fault) {
        self.reach(fault.kind);
        self.numbers += 1;
        let id = u128::from(self.numbers) << 64 | u128::from(fault.luck);
        let old: Vec<i64> = self.topics.get(Topic::Requests).logs.iter().map(super::log::Log::end).collect();
        let leaders: Vec<usize> = self.topics.get(Topic::Requests).logs.iter().map(|log| log.leader).collect();
        let topic = self.topics.get_mut(Topic::Requests);
        topic.id = id;
        topic.missing_until = fault.until;
        let count = if fault.luck & 1 << 33 == 0 { leaders.len() } else { 2 + fault.partition(3) };
        topic.logs = (0..count)
            .map(|at| super::log::Log { leader: leaders.get(at).copied().unwrap_or(0), ..Default::default() })
            .collect();
        self.changed();
        // Kafka forgets what was committed for a topic that is deleted; what is committed afterwards
        // by somebody who has not noticed stays.
        if fault.luck & 3 << 34 != 0 {
            self.group.committed.clear();
        }
        // In one of four, others write into the new topic until it has outgrown the old positions.
        if fault.luck & 3 << 36 == 0 {
            self.reach(FaultKind::Outgrown);
            for (at, end) in old.into_iter().enumerate().take(count) {
                let partition = i32::try_from(at).unwrap_or(0);
                for _ in 0..end + 3 {
                    self.foreign_request(partition, 400);
                }
            }
        }
        self.at(fault.until, Event::Woken { topic: Topic::Requests });
    }

    /// A request of a caller outside of this history, with a token that nobody waits for.
    fn foreign_request(&mut self, partition: i32, timeout_ms: u32) {
        let token = self.rng.random::<u128>();
        let record = SimRecord {
            kind: Kind::Request,
            reply_partition: 0,
            token,
            timeout_ms: Some(timeout_ms),
            body: u64::from(self.rng.random::<u32>()) << 32 | u64::from(u32::MAX),
            attempt: 0,
            key: None,
            work: Work::Takes(std::time::Duration::from_millis(1)),
        };
        self.append(usize::MAX, Topic::Requests, partition, record);
    }

    fn lose_end(&mut self, fault: Fault) {
        let partition = fault.partition(self.topics.count(Topic::Requests));
        let (now, assignments) = (self.now, self.group.assignments);
        let mine = |it: &super::Reading| it.topic == Topic::Requests && usize::try_from(it.partition) == Ok(partition);
        let seen = self.hosts.iter().flat_map(|host| &host.reading).any(|it| mine(it) && it.fetched.is_some());
        let log = &mut self.topics.get_mut(Topic::Requests).logs[partition];
        let count = 1 + usize::try_from(fault.luck >> 40 & 7).unwrap_or(0);
        if log.entries.is_empty() {
            return;
        }
        log.lose_end(count, now, assignments, seen);
        self.changed();
        if let Ok(partition) = i32::try_from(partition) {
            self.appended(Topic::Requests, partition);
        }
    }

    /// Retention takes what is there, read or not.
    fn remove_front(&mut self, fault: Fault) {
        let partition = fault.partition(self.topics.count(Topic::Requests));
        let log = &mut self.topics.get_mut(Topic::Requests).logs[partition];
        let count = log.entries.len();
        if count == 0 {
            return;
        }
        let position = |host: &super::Host| {
            host.reading
                .iter()
                .filter(|it| it.topic == Topic::Requests && usize::try_from(it.partition) == Ok(partition))
                .map(|it| it.position)
                .max()
        };
        // A leap over what nobody reads any more, so that positions are gone.
        log.remove_front(count);
        log.start += 5;
        let start = log.start;
        if self.hosts.iter().filter_map(position).any(|position| position < start) {
            self.reach(FaultKind::Retention);
        }
        if let Ok(partition) = i32::try_from(partition) {
            self.appended(Topic::Requests, partition);
        }
    }

    fn grow(&mut self, topic: Topic, fault: Fault) {
        self.reach(fault.kind);
        let count = self.topics.count(topic);
        let more = if topic == Topic::Requests { 1 + fault.partition(3) } else { 1 };
        let brokers = self.brokers.count();
        let logs = &mut self.topics.get_mut(topic).logs;
        logs.extend((count..count + more).map(|at| super::log::Log { leader: at % brokers, ..Default::default() }));
    }

    fn leaderless(&mut self, topic: Topic, fault: Fault) {
        let partition = fault.partition(self.topics.count(topic));
        self.topics.get_mut(topic).logs[partition].leaderless_until = fault.until;
    }

    /// Late, doubled, and foreign replies.
    fn stray_replies(&mut self, fault: Fault) {
        self.reach(fault.kind);
        for partition in 0..self.topics.count(Topic::Replies) {
            let partition = i32::try_from(partition).unwrap_or(0);
            let known = self.topics.log(Topic::Replies, partition).and_then(|log| log.entries.back());
            let doubled = known.map(|entry| entry.record);
            let token = self.rng.random::<u128>();
            let foreign = SimRecord {
                kind: Kind::Reply(Status::Fault(Refusal::Panicked)),
                reply_partition: partition,
                token,
                timeout_ms: None,
                body: 1,
                attempt: 0,
                key: None,
                work: Work::Hangs,
            };
            for record in [Some(foreign), doubled].into_iter().flatten() {
                self.append(usize::MAX, Topic::Replies, partition, record);
            }
        }
    }

    /// A request that names a reply partition that is not there.
    fn unaddressed(&mut self, fault: Fault) {
        self.reach(fault.kind);
        let partition = i32::try_from(fault.partition(self.topics.count(Topic::Requests))).unwrap_or(0);
        let token = self.rng.random::<u128>();
        let record = SimRecord {
            kind: Kind::Request,
            reply_partition: 99,
            token,
            timeout_ms: Some(5_000),
            body: u64::from(u32::MAX),
            attempt: 0,
            key: None,
            work: Work::Takes(std::time::Duration::from_millis(1)),
        };
        self.append(usize::MAX, Topic::Requests, partition, record);
    }
}
