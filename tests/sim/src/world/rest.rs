//! The end of a history: everything has come to rest, and ends cleanly.

use super::{Event, State, World, name};
use crate::invariant::Invariant;
use crate::record::Topic;
use crate::time::{MS, SECOND, Time};

impl World<'_> {
    /// Nothing is under way any more: nothing may be held, nobody may wait.
    pub(super) fn rest(&mut self) {
        self.resting = true;
        let now = self.now;
        let waits = self.journal.calls.iter().find(|call| call.ended.is_none() && call.dropped.is_none());
        if let Some(number) = waits.map(|call| call.spec.call) {
            self.journal.violate(Invariant::I1, now, || format!("call {number} never ended"));
        }
        self.check_calm();
        for host in 0..self.hosts.len() {
            if self.hosts[host].state != State::Running {
                continue;
            }
            if let Some((what, held)) = self.left_over(host) {
                self.journal.violate(Invariant::I6, now, || format!("{} still holds {held} {what}", name(host)));
            }
            self.look_through_debug(host);
        }
        self.all_is_read();
        self.check_nothing_lost();
        let mut stops: Time = 0;
        for host in 0..self.hosts.len() {
            if self.hosts[host].runs() {
                self.after(stops, Event::Stop { host });
                stops += 50 * MS;
            }
        }
        self.after(stops + 17 * SECOND, Event::End);
    }

    /// Every partition has one owner, and is committed to its end.
    fn all_is_read(&mut self) {
        let now = self.now;
        let count = self.topics.count(Topic::Requests);
        for partition in (0..count).filter_map(|it| i32::try_from(it).ok()) {
            let owners = self.hosts.iter().filter(|host| {
                host.state == State::Running
                    && host
                        .reading
                        .iter()
                        .any(|it| it.topic == Topic::Requests && it.partition == partition && !it.paused)
            });
            let owners = owners.count();
            if owners != 1 {
                self.journal
                    .violate(Invariant::I8, now, || format!("{owners} processes read request partition {partition}"));
            }
            let Some(log) = self.topics.log(Topic::Requests, partition) else { continue };
            let (end, empty) = (log.end(), log.entries.is_empty());
            let committed = self.group.committed(partition).map(|it| it.offset);
            if !empty && committed != Some(end) {
                self.journal.violate(Invariant::I8, now, || {
                    format!("request partition {partition} ends at {end} and is committed at {committed:?}")
                });
            }
        }
    }

    /// Everything has ended.
    pub(super) fn end(&mut self) {
        let now = self.now;
        for host in 0..self.hosts.len() {
            if self.hosts[host].runs() {
                self.journal.violate(Invariant::I9, now, || format!("{} does not end", name(host)));
            }
        }
        self.finish();
    }
}
