//! Processes: started, stopped, killed, frozen; and who calls them.

use rand::RngExt as _;

use super::check::Scope;
use super::group::SESSION;
use super::{Event, Host, Stage, State, World, name};
use crate::cx::Holdings;
use crate::fault::FaultKind;
use crate::input::{CallSpec, Input};
use crate::invariant::Invariant;
use crate::protocol::requests::{Found, read_metadata};
use crate::record::{Topic, Work};
use crate::time::{MS, SECOND, Time};

/// How long a clean end may take, beyond a server's drain.
const STOP_BOUND: Time = 6 * SECOND;

/// How many owners in a row have to end before a partition is searched, and how long that takes.
const OWNERS: u32 = 2;
const SEARCH: Time = 3 * SECOND;

impl World<'_> {
    pub(super) fn start(&mut self, host: usize) {
        if self.hosts[host].runs() || self.resting {
            return;
        }
        self.trace(|| format!("{} starts", name(host)));
        let (role, life, clock_ms) = {
            let old = &self.hosts[host];
            (old.role.clone(), old.life + 1, old.clock_ms)
        };
        let mut fresh = Host::new(role);
        fresh.life = life;
        fresh.clock_ms = clock_ms;
        fresh.state = State::Running;
        fresh.producer.number = self.hosts[host].producer.number + 1;
        fresh.process = Some((self.factory)(&fresh.role));
        self.hosts[host] = fresh;
        self.learn(host);
        let phase = self.rng.random_range(MS..super::metadata::REFRESH);
        self.after(phase, Event::Refresh { host, life });
        self.dispatch(host, Input::Started);
    }

    /// Asks a process to end cleanly.
    pub(super) fn stop(&mut self, host: usize) {
        if !self.hosts[host].runs() || self.hosts[host].stopping.is_some() {
            return;
        }
        self.trace(|| format!("{} is asked to stop", name(host)));
        self.hosts[host].stopping = Some(self.now);
        self.dispatch(host, Input::Stop);
    }

    /// A process ended cleanly.
    pub(super) fn exit(&mut self, host: usize) {
        self.journal.premise(Invariant::I9);
        let Some(since) = self.hosts[host].stopping else {
            if self.hosts[host].member.stage == Stage::Fenced {
                // It was replaced for good, and says so.
                self.gone(host);
                if host < self.plan.servers {
                    self.after(SECOND, Event::Start { host });
                }
                return;
            }
            self.journal.violate(Invariant::I9, self.now, || format!("{} ended, and nobody asked it to", name(host)));
            return;
        };
        self.late_end(host, since);
        if let super::Role::Client(_) = self.hosts[host].role {
            self.last_call(host);
            self.dispatch(host, Input::Closed);
        }
        let life = self.hosts[host].life;
        if let Some(call) = self
            .journal
            .calls
            .iter()
            .find(|it| it.host == host && it.life == life && it.ended.is_none() && it.dropped.is_none())
        {
            let number = call.spec.call;
            self.journal
                .violate(Invariant::I1, self.now, || format!("{} ended, and call {number} did not", name(host)));
        }
        if let Some((what, held)) = self.left_over(host) {
            self.journal.violate(Invariant::I6, self.now, || format!("{} ended with {held} {what}", name(host)));
        }
        self.gone(host);
    }

    /// Another thread calls while the client closes, as it may.
    fn last_call(&mut self, host: usize) {
        if !self.resting {
            return;
        }
        let call = (1 << 62) + u64::try_from(host).unwrap_or(0);
        let (timeout, work) = (std::time::Duration::from_secs(1), Work::Takes(std::time::Duration::ZERO));
        let spec = CallSpec { call, timeout, key: None, idempotent: false, body: call, work };
        let life = self.hosts[host].life;
        self.journal.called(host, life, spec, self.now);
        self.dispatch(host, Input::Call(spec));
    }

    /// How long it may take to end.
    fn stop_bound(&self, host: usize) -> Time {
        match &self.hosts[host].role {
            super::Role::Server(setup) => setup.drain_ms * MS + STOP_BOUND,
            super::Role::Client(_) => STOP_BOUND,
        }
    }

    pub(super) fn late_end(&mut self, host: usize, since: Time) {
        let bound = self.stop_bound(host);
        let calm = !self.disturbed(since, self.now);
        if calm && self.now > since + bound {
            let took = (self.now - since) / MS;
            self.journal.violate(Invariant::I9, self.now, || format!("{} took {took} ms to end", name(host)));
        }
    }

    /// What a process holds though nothing is under way.
    pub(super) fn left_over(&mut self, host: usize) -> Option<(&'static str, usize)> {
        let mut left = None;
        if let Some(process) = &self.hosts[host].process {
            process.holds(&mut Holdings {
                report: &mut |what, held, _| {
                    if held > 0 {
                        left.get_or_insert((what, held));
                    }
                },
            });
        }
        left
    }

    /// A handler ended its process. It is started anew.
    pub(super) fn dies(&mut self, host: usize) {
        self.reach(FaultKind::Poison);
        self.check_deaths(host);
        self.disturb(self.now, self.now + 8 * SECOND);
        // The partition that it stands on is read one by one until it is found.
        for partition in self.poisoned() {
            self.disturb_scope(self.now, self.now + 60 * SECOND, Scope::Partition(Topic::Requests, partition));
        }
        self.kill(host);
        let pause = self.rng.random_range(200 * MS..1_500 * MS);
        self.after(pause, Event::Start { host });
    }

    /// Where the requests stand that end their processes.
    fn poisoned(&self) -> Vec<i32> {
        let poison = self.journal.calls.iter().filter(|call| matches!(call.spec.work, Work::Kills(_)));
        poison.flat_map(|call| call.written.iter().map(|(partition, _)| *partition)).collect()
    }

    pub(super) fn kill(&mut self, host: usize) {
        if !self.hosts[host].runs() {
            return;
        }
        self.trace(|| format!("{} is killed", name(host)));
        let life = self.hosts[host].life;
        self.explain(host);
        self.doubt_partitions(host);
        self.journal.process_gone(host, life, self.now);
        // What it had sent may be written yet.
        for send in std::mem::take(&mut self.hosts[host].producer.sends) {
            if send.transmitted {
                self.haunt(send);
            } else if self.reach_partition(send.topic, send.partition) == super::Reach::Up && self.chance(2) {
                self.append(host, send.topic, send.partition, send.record);
            }
        }
        self.silent(host);
        self.gone(host);
    }

    /// A process that ends leaves its mark on the partitions that it held. Where it is the second in a
    /// row, nobody can tell which partition had the request that ended them: the next owner searches
    /// all of these, one after another, and calls on them may wait for as long.
    fn doubt_partitions(&mut self, host: usize) {
        let held = self.hosts[host].reading.iter().filter(|it| it.topic == Topic::Requests);
        let doubtful: Vec<i32> = held
            .map(|it| it.partition)
            .filter(|partition| {
                let Some(committed) = self.group.committed(*partition) else { return false };
                match read_metadata(committed.offset, &committed.metadata) {
                    Found::Known(found) => found.owners >= OWNERS,
                    Found::Newer | Found::Nothing => false,
                }
            })
            .collect();
        let searched = doubtful.len() as Time * SEARCH;
        for partition in doubtful {
            let until = self.now + super::group::SESSION + 2 * SECOND + searched;
            self.disturb_scope(self.now, until, Scope::Partition(Topic::Requests, partition));
        }
    }

    fn gone(&mut self, host: usize) {
        let state = &mut self.hosts[host];
        state.state = State::Gone;
        state.process = None;
        state.mail.clear();
        state.reading.clear();
        state.producer.sends.clear();
        state.producer.lanes.clear();
        state.member.stage = Stage::Out;
    }

    pub(super) fn freeze(&mut self, host: usize, until: Time) {
        if self.hosts[host].state != State::Running {
            return;
        }
        self.trace(|| format!("{} is frozen", name(host)));
        self.hosts[host].state = State::Frozen(self.now);
        self.silent(host);
        self.at(until, Event::Continue { host });
    }

    /// A frozen process goes on, with all that came meanwhile.
    pub(super) fn proceed(&mut self, host: usize) {
        let State::Frozen(since) = self.hosts[host].state else { return };
        self.trace(|| format!("{} goes on", name(host)));
        let given_up = self.group_has_given_up(host) && self.now - since >= SESSION / 2;
        self.hosts[host].forgotten = given_up.then_some(self.hosts[host].member.assignments);
        self.hosts[host].state = State::Running;
        self.hosts[host].continued = self.now;
        let life = self.hosts[host].life;
        self.fetch_all(host);
        while let Some(input) = self.hosts[host].mail.pop_front() {
            self.dispatch(host, input);
            if self.hosts[host].life != life || !self.hosts[host].runs() {
                return;
            }
        }
    }

    pub(super) fn call(&mut self, host: usize, spec: CallSpec) {
        let state = &self.hosts[host];
        if state.process.is_none() || state.stopping.is_some() || state.state != State::Running {
            return;
        }
        let life = state.life;
        self.journal.called(host, life, spec, self.now);
        if self.plan.during(FaultKind::CallersGiveUp, self.now) && self.chance(2) {
            let patience = self.rng.random_range(0..200 * MS);
            self.after(patience, Event::GiveUp { host, life, call: spec.call });
        }
        self.dispatch(host, Input::Call(spec));
    }

    pub(super) fn give_up(&mut self, host: usize, life: u32, number: u64) {
        if self.hosts[host].life != life || self.hosts[host].state != State::Running {
            return;
        }
        let now = self.now;
        let Some(call) = self.journal.call(number).filter(|call| call.ended.is_none() && call.dropped.is_none()) else {
            return;
        };
        call.dropped = Some(now);
        self.reach(FaultKind::CallersGiveUp);
        self.dispatch(host, Input::GiveUp { call: number });
    }
}
