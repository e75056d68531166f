//! What a history is made of: drawn from its seed before it begins, so that a shorter one can be
//! tried.

use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_xorshift::XorShiftRng;

use crate::cx::{ClientSetup, ServerSetup};
use crate::fault::{Fault, FaultKind, ProduceTrouble};
use crate::input::CallSpec;
use crate::record::{Topic, Work};
use crate::time::{MS, SECOND, Time};
use crate::world::Role;

/// When the last fault begins.
const LAST_FAULT: Time = 20 * SECOND;

/// How long everything may take to come to itself after the last fault.
pub(crate) const RECOVERY: Time = 12 * SECOND;

/// How a history with few kinds of faults is bent, so that what they bring about is common in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As it is drawn.
    #[default]
    Drawn,
    /// The faults begin within half a second of each other.
    Together,
    /// Together, and far more calls than handlers, with a place for each.
    Flood,
    /// Together, and few calls may wait for a place.
    FewWaiters,
    /// Nobody calls after the faults: what they left undone stays undone.
    Quiet,
    /// Calls by key crowd the partition that is struck, and others go in bursts.
    Crowd,
    /// All servers are killed, twice, while a request runs that takes long.
    KilledTwice,
}

/// A history before it happens.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) hosts: Vec<Role>,
    pub(crate) servers: usize,
    /// The host of the server that joins later.
    pub(crate) spare_server: usize,
    /// The host of the client that starts later.
    pub(crate) spare_client: usize,
    pub(crate) requests: usize,
    pub(crate) replies: usize,
    pub(crate) by_broker: bool,
    pub(crate) broker_clock_ms: i64,
    pub(crate) faults: Vec<Fault>,
    /// Faults that were left away: what they would have disturbed is not judged still.
    pub(crate) left_away: Vec<Fault>,
    pub(crate) starts: Vec<(usize, Time)>,
    pub(crate) calls: Vec<(Time, usize, CallSpec)>,
    /// When everything must have come to rest.
    pub(crate) rest: Time,
}

impl Plan {
    /// The history of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = XorShiftRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed);
        let faults = draw_faults(&mut rng);
        Self::with_faults(seed, &mut rng, faults, Shape::Drawn)
    }

    /// The history of a seed with one kind of fault alone (and those that come with it).
    pub(crate) fn scenario(seed: u64, kinds: &[FaultKind]) -> Self {
        Self::shaped(seed, kinds, Shape::Drawn)
    }

    /// The same, bent.
    pub(crate) fn shaped(seed: u64, kinds: &[FaultKind], shape: Shape) -> Self {
        let mut rng = XorShiftRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed);
        let mut faults: Vec<Fault> = kinds.iter().map(|kind| draw_fault(&mut rng, *kind)).collect();
        match shape {
            Shape::Together | Shape::Flood | Shape::FewWaiters => {
                let first = faults.first().map_or(0, |fault| fault.at);
                for fault in faults.iter_mut().skip(1) {
                    let lasts = fault.until - fault.at;
                    fault.at = first + rng.random_range(0..SECOND / 2);
                    fault.until = fault.at + lasts;
                }
            }
            Shape::KilledTwice => {
                let first = rng.random_range(4 * SECOND..6 * SECOND);
                let kill = |at: Time, luck| Fault { kind: FaultKind::KillServer, at, until: at + SECOND, luck };
                // The first server, and the second.
                faults = [first, first + 9 * SECOND].into_iter().flat_map(|at| [kill(at, 0), kill(at, 1)]).collect();
            }
            Shape::Crowd => faults.iter_mut().for_each(|fault| fault.until = fault.at + 12 * SECOND),
            Shape::Drawn | Shape::Quiet => {}
        }
        Self::with_faults(seed, &mut rng, faults, shape)
    }

    fn with_faults(seed: u64, rng: &mut XorShiftRng, faults: Vec<Fault>, shape: Shape) -> Self {
        let has = |kind: FaultKind| faults.iter().any(|fault| fault.kind == kind);
        let (requests, replies) = (rng.random_range(2..=4), rng.random_range(2..=3));
        let (servers, clients) = (2, rng.random_range(2..=3_usize));
        let fixed = has(FaultKind::StaticMembers) || rng.random_range(0..6) == 0;
        // Few handlers, where the calls at other times do not need more.
        let few = has(FaultKind::Overload) && !has(FaultKind::RollServers);
        let (concurrency, queue) = match shape {
            Shape::Flood => (4, 4),
            _ if few => (4, 16),
            _ => (64, 64),
        };
        let server = |at: usize| {
            let instance = fixed.then(|| u32::try_from(at).unwrap_or(0));
            Role::Server(ServerSetup { instance, concurrency, queue, drain_ms: 10_000 })
        };
        let places = if has(FaultKind::Overload) && shape != Shape::Flood { 16 } else { 256 };
        let waiting = if shape == Shape::FewWaiters { 4 } else { 64 };
        let client = |reply_partition: Option<i32>| Role::Client(ClientSetup { reply_partition, places, waiting });
        let mut hosts: Vec<Role> = (0..=servers).map(server).collect();
        hosts.extend((0..clients).map(|at| client(i32::try_from(at % replies).ok())));
        // The late one reads a partition that is added, where one is.
        hosts.push(client(i32::try_from(if has(FaultKind::GrowReplies) { replies } else { 0 }).ok()));
        let by_broker = rng.random_range(0..4) != 0;
        let broker_clock_ms = if has(FaultKind::ClocksDiffer) { rng.random_range(-20_000..20_000) } else { 0 };
        let first_client = servers + 1;
        let mut starts: Vec<(usize, Time)> = (0..servers).map(|at| (at, rng.random_range(0..300 * MS))).collect();
        starts.extend((0..clients).map(|at| (first_client + at, rng.random_range(0..300 * MS))));
        let healed = faults.iter().map(|fault| fault.until).max().unwrap_or(0);
        let mut plan = Self {
            seed,
            servers,
            spare_server: servers,
            spare_client: hosts.len() - 1,
            hosts,
            requests,
            replies,
            by_broker,
            broker_clock_ms,
            faults,
            left_away: Vec::new(),
            starts,
            calls: Vec::new(),
            rest: 0,
        };
        plan.draw_calls(rng, first_client, clients, healed, shape);
        plan
    }

    fn draw_calls(&mut self, rng: &mut XorShiftRng, first: usize, clients: usize, healed: Time, shape: Shape) {
        let mut times = Vec::new();
        let faults = self.faults.clone();
        let active =
            |kind: FaultKind, at: Time| faults.iter().any(|it| it.kind == kind && it.at <= at && at < it.until);
        let count = rng.random_range(60..110);
        for _ in 0..count {
            times.push(rng.random_range(600 * MS..healed.max(LAST_FAULT)));
        }
        for fault in &faults {
            let (count, spread) = match fault.kind {
                FaultKind::Overload if shape == Shape::Flood => (400, SECOND / 2),
                FaultKind::Overload => (90, SECOND / 2),
                FaultKind::SlowHandlers | FaultKind::HangingHandlers | FaultKind::CallersGiveUp => (12, SECOND),
                FaultKind::PanickingHandlers | FaultKind::Unreadable => (6, SECOND),
                FaultKind::RollServers => (30, 8 * SECOND),
                FaultKind::RecreateRequests => (30, 5 * SECOND),
                FaultKind::FreezeBroker | FaultKind::FreezeLong | FaultKind::Outage => (20, SECOND),
                FaultKind::GrowRequests | FaultKind::GrowReplies => (20, 12 * SECOND),
                _ => (2, SECOND),
            };
            times.extend((0..count).map(|_| fault.at + rng.random_range(0..spread)));
        }
        // The proof that all is well again.
        if shape != Shape::Quiet {
            times.extend((0..12).map(|_| healed + RECOVERY + rng.random_range(0..4 * SECOND)));
        }
        let crowd = if shape == Shape::Crowd { self.crowd(rng, &mut times) } else { Vec::new() };
        times.sort_unstable();
        let mut last = 0;
        for (number, at) in times.into_iter().enumerate() {
            let number = number as u64;
            let grown = active(FaultKind::GrowReplies, at)
                || faults.iter().any(|it| it.kind == FaultKind::GrowReplies && it.at + SECOND < at);
            let host = if grown && rng.random_range(0..3) == 0 {
                self.spare_client
            } else {
                first + rng.random_range(0..clients)
            };
            let quick = Work::Takes(Duration::from_micros(rng.random_range(200..20_000)));
            let chosen = rng.random_range(0..4_u32);
            let slow = Duration::from_millis(rng.random_range(500..3_000));
            let mut timeout =
                Duration::from_millis(if rng.random_range(0..4) == 0 { rng.random_range(1_000..8_000) } else { 5_000 });
            let work = if chosen == 0 {
                quick
            } else if active(FaultKind::HangingHandlers, at) {
                Work::Hangs
            } else if active(FaultKind::PanickingHandlers, at) {
                Work::Panics(Duration::from_millis(2))
            } else if active(FaultKind::Unreadable, at) {
                Work::Unreadable
            } else if active(FaultKind::SlowHandlers, at) || active(FaultKind::Overload, at) {
                Work::Takes(slow / 4)
            } else if active(FaultKind::RollServers, at) {
                timeout = Duration::from_millis(rng.random_range(6_000..12_000));
                Work::Takes(slow)
            } else {
                quick
            };
            let key = (rng.random_range(0..5) == 0).then(|| rng.random_range(0..64));
            let spec = CallSpec {
                call: number,
                timeout,
                key: crowd.iter().find(|(crowded, _)| *crowded == at).map_or(key, |(_, key)| *key),
                idempotent: rng.random_range(0..4) == 0,
                body: (u64::from(rng.random::<u32>()) << 32) | number,
                work,
            };
            last = last.max(at + u64::try_from(timeout.as_micros()).unwrap_or(0));
            self.calls.push((at, host, spec));
        }
        for fault in &faults {
            if fault.kind == FaultKind::Poison {
                // The first call after it began is the one.
                let timeout = Duration::from_secs(60);
                if let Some((at, _, spec)) = self.calls.iter_mut().find(|(at, ..)| *at >= fault.at) {
                    spec.work = Work::Kills(Duration::from_millis(20));
                    spec.timeout = timeout;
                    last = last.max(*at + 60 * SECOND);
                }
            }
        }
        if shape == Shape::KilledTwice {
            // One runs when the first is killed, for longer than all the rest takes.
            let first = faults.first().map_or(0, |fault| fault.at);
            if let Some((at, _, spec)) = self.calls.iter_mut().rev().find(|(at, ..)| *at + SECOND / 2 < first) {
                spec.work = Work::Takes(Duration::from_secs(55));
                spec.timeout = Duration::from_secs(60);
                last = last.max(*at + 60 * SECOND);
            }
        }
        self.rest = last.max(healed + RECOVERY + 4 * SECOND) + 6 * SECOND;
    }

    /// Calls to the partition that is struck, by its key, and bursts of others beside them. Says which
    /// have which key.
    fn crowd(&self, rng: &mut XorShiftRng, times: &mut Vec<Time>) -> Vec<(Time, Option<u32>)> {
        let mut keys = Vec::new();
        for fault in &self.faults {
            let struck = u32::try_from(fault.partition(self.requests)).unwrap_or(0);
            // A key goes to the partition of its remainder.
            keys.extend((0..300).map(|_| (fault.at + rng.random_range(5 * SECOND..8 * SECOND), Some(struck))));
            for _ in 0..3 {
                let burst = fault.at + rng.random_range(15 * SECOND / 2..9 * SECOND);
                keys.extend((0..30).map(|at| (burst + at, None)));
            }
            times.extend((0..40).map(|_| fault.at + rng.random_range(7 * SECOND..12 * SECOND)));
        }
        times.extend(keys.iter().map(|(at, _)| *at));
        keys
    }

    /// Whether a fault of this kind is under way.
    pub(crate) fn during(&self, kind: FaultKind, now: Time) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind && fault.at <= now && now < fault.until)
    }

    pub(crate) fn has(&self, kind: FaultKind) -> bool {
        self.faults.iter().any(|fault| fault.kind == kind)
    }

    /// What goes wrong with a record that arrives now.
    pub(crate) fn trouble(&self, topic: Topic, partition: i32, now: Time) -> Option<ProduceTrouble> {
        self.faults
            .iter()
            .filter(|fault| fault.at <= now && now < fault.until)
            .find_map(|fault| fault.trouble(topic, partition))
    }

    /// The same history without one of its faults.
    pub(crate) fn without_fault(&self, index: usize) -> Self {
        let mut shorter = self.clone();
        let fault = shorter.faults.remove(index);
        shorter.left_away.push(fault);
        shorter
    }

    /// The same history with some of its calls.
    pub(crate) fn with_calls(&self, keep: impl Fn(usize) -> bool) -> Self {
        let mut shorter = self.clone();
        let mut index = 0;
        shorter.calls.retain(|_| {
            index += 1;
            keep(index - 1)
        });
        shorter
    }
}

fn draw_fault(rng: &mut XorShiftRng, kind: FaultKind) -> Fault {
    let at = rng.random_range(2 * SECOND..LAST_FAULT);
    let (least, most) = kind.lasts();
    Fault { kind, at, until: at + rng.random_range(least..most), luck: rng.random() }
}

/// Three to five faults of different kinds.
fn draw_faults(rng: &mut XorShiftRng) -> Vec<Fault> {
    let count = rng.random_range(3..=5);
    let total: u32 = FaultKind::ALL.iter().map(|kind| kind.weight()).sum();
    let mut faults: Vec<Fault> = Vec::new();
    while faults.len() < count {
        let mut draw = rng.random_range(0..total);
        let kind = FaultKind::ALL.into_iter().find(|kind| {
            let weight = kind.weight();
            let found = draw < weight;
            draw = draw.saturating_sub(weight);
            found
        });
        if let Some(kind) = kind
            && !faults.iter().any(|fault| fault.kind == kind)
        {
            faults.push(draw_fault(rng, kind));
        }
    }
    faults
}
