//! The world of one history: virtual time, a cluster, processes, and what befalls them.

mod actions;
mod befall;
mod blame;
mod brokers;
mod check;
mod event;
mod group;
mod host;
mod log;
mod metadata;
mod producer;
mod reader;
mod rest;
mod runs;
mod tokens;
mod told;

use rand::{RngExt as _, SeedableRng as _};
use rand_xorshift::XorShiftRng;

use crate::cx::{Action, Cx, Holdings};
use crate::fault::{FaultKind, KINDS};
use crate::input::{Input, LookUp};
use crate::invariant::{Invariant, Violation};
use crate::journal::Journal;
use crate::plan::Plan;
use crate::record::Topic;
use crate::time::{BEGINNING_MS, MS, SECOND, Time, instant};

pub(crate) use self::brokers::{Brokers, Reach};
pub(crate) use self::check::Disturbance;
use self::event::Schedule;
pub(crate) use self::event::{CommitRequest, Event};
pub(crate) use self::group::Group;
pub(crate) use self::host::{Factory, Host, Member, Outstanding, Producer, Reading, Role, Stage, State};
pub(crate) use self::log::{Runner, Topics};

/// Records that librdkafka's queue takes (`queue.buffering.max.messages`), scaled down.
pub(crate) const PRODUCER_QUEUE: usize = 256;

/// How long a question waits for an answer.
pub(crate) const QUESTION: Time = 3 * SECOND;

/// What a history was.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) events: u64,
    pub(crate) calls: u64,
    pub(crate) runs: u64,
    pub(crate) violation: Option<Violation>,
    pub(crate) premises: [u64; 10],
    /// Which kinds of faults it contained, and which of those bit.
    pub(crate) wanted: [bool; KINDS],
    pub(crate) reached: [bool; KINDS],
}

/// Hears every event of a history.
pub(crate) type Tracer<'a> = Option<&'a mut dyn FnMut(Time, String)>;

pub(crate) struct World<'a> {
    pub(crate) now: Time,
    pub(crate) rng: XorShiftRng,
    schedule: Schedule,
    pub(crate) events: u64,
    pub(crate) topics: Topics,
    pub(crate) brokers: Brokers,
    pub(crate) group: Group,
    pub(crate) hosts: Vec<Host>,
    pub(crate) factory: Factory,
    pub(crate) journal: Journal,
    pub(crate) plan: Plan,
    pub(crate) reached: [bool; KINDS],
    pub(crate) disturbances: Vec<Disturbance>,
    explanations: Vec<check::Explanation>,
    /// Counts sends, and members.
    pub(crate) numbers: u64,
    pub(crate) runs: u64,
    /// How far each request partition was found finished.
    pub(crate) checked: Vec<i64>,
    pub(crate) resting: bool,
    /// Records that are written later though nobody hears of them any more.
    ghosts: Vec<(crate::record::Topic, i32, crate::record::SimRecord)>,
    actions: Vec<Action>,
    tracer: Tracer<'a>,
    over: bool,
}

impl<'a> World<'a> {
    pub(crate) fn new(plan: Plan, factory: Factory, tracer: Tracer<'a>) -> Self {
        let brokers = Brokers::default();
        let topics = Topics::new(plan.requests, plan.replies, brokers.count(), plan.by_broker);
        Self {
            now: 0,
            rng: XorShiftRng::seed_from_u64(plan.seed ^ 0x5eed_0f_a_11fe),
            schedule: Schedule::default(),
            events: 0,
            topics,
            brokers,
            group: Group::default(),
            hosts: plan.hosts.iter().cloned().map(Host::new).collect(),
            factory,
            journal: Journal::default(),
            reached: [false; KINDS],
            disturbances: Vec::new(),
            explanations: Vec::new(),
            numbers: 0,
            runs: 0,
            checked: vec![0; plan.requests],
            resting: false,
            ghosts: Vec::new(),
            actions: Vec::new(),
            tracer,
            over: false,
            plan,
        }
    }

    /// Runs the history to its end, or to its first violation.
    pub(crate) fn run(mut self) -> Report {
        self.schedule_plan();
        while !self.over && self.journal.violation.is_none() {
            let Some((at, event)) = self.schedule.next() else { break };
            self.now = at;
            self.events += 1;
            if self.events > 200_000 {
                self.journal.violate(Invariant::I9, at, || "a process turns round without an end".to_owned());
            }
            self.happen(event);
        }
        if let Some(violation) = &self.journal.violation {
            let text = format!("{:?} {}: {}", violation.invariant, violation.invariant.says(), violation.what);
            self.trace(|| text);
        }
        let mut wanted = [false; KINDS];
        for fault in &self.plan.faults {
            wanted[fault.kind.index()] = true;
        }
        Report {
            events: self.events,
            calls: self.journal.calls.len() as u64,
            runs: self.runs,
            violation: self.journal.violation,
            premises: self.journal.premises,
            wanted,
            reached: self.reached,
        }
    }

    fn schedule_plan(&mut self) {
        for (host, at) in self.plan.starts.clone() {
            self.at(at, Event::Start { host });
        }
        for fault in self.plan.left_away.clone() {
            self.disturbance_of(fault);
        }
        for index in 0..self.plan.faults.len() {
            self.at(self.plan.faults[index].at, Event::Fault(index));
        }
        for (at, host, spec) in std::mem::take(&mut self.plan.calls) {
            self.at(at, Event::Call { host, spec });
        }
        self.at(self.plan.rest, Event::Rest);
    }

    pub(crate) fn at(&mut self, at: Time, event: Event) {
        self.schedule.add(at.max(self.now), event);
    }

    pub(crate) fn after(&mut self, delay: Time, event: Event) {
        self.at(self.now + delay, event);
    }

    /// How long a message takes, one way: mostly below a millisecond, sometimes much longer.
    pub(crate) fn latency(&mut self) -> Time {
        match self.rng.random_range(0..64_u32) {
            0 => self.rng.random_range(5 * MS..40 * MS),
            1..=8 => self.rng.random_range(MS..5 * MS),
            _ => self.rng.random_range(100..MS),
        }
    }

    pub(crate) fn chance(&mut self, one_in: u32) -> bool {
        self.rng.random_range(0..one_in) == 0
    }

    /// The true time, which no process knows, in milliseconds since the Unix epoch.
    pub(crate) fn true_ms(&self) -> i64 {
        BEGINNING_MS + i64::try_from(self.now / MS).unwrap_or(0)
    }

    pub(crate) fn trace(&mut self, line: impl FnOnce() -> String) {
        if let Some(tracer) = &mut self.tracer {
            tracer(self.now, line());
        }
    }

    /// A fault of this kind had an effect.
    pub(crate) fn reach(&mut self, kind: FaultKind) {
        self.reached[kind.index()] = true;
    }

    pub(crate) fn finish(&mut self) {
        self.over = true;
    }

    /// A process hears something some time later.
    pub(crate) fn tell(&mut self, host: usize, delay: Time, input: Input) {
        let life = self.hosts[host].life;
        self.after(delay, Event::Deliver { host, life, input });
    }

    fn alive(&self, host: usize, life: u32) -> bool {
        let host = &self.hosts[host];
        host.life == life && host.runs()
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver { host, life, input } => {
                if self.alive(host, life) {
                    self.dispatch(host, input);
                }
            }
            Event::CommitAnswer { host, life, input, id } => {
                if self.alive(host, life) {
                    self.hosts[host].commits = self.hosts[host].commits.saturating_sub(1);
                    if self.hosts[host].blocked == Some(id) {
                        self.hosts[host].blocked = None;
                        self.fetch_all(host);
                    }
                    self.dispatch(host, input);
                }
            }
            Event::Arrive { host, producer, send } => self.arrive(host, producer, send),
            Event::Thaw { host, producer, send, times } => self.thaw(host, producer, send, times),
            Event::Acknowledge { host, producer, send, offset, stamp_ms } => {
                self.acknowledge(host, producer, send, offset, stamp_ms);
            }
            Event::GiveUpSend { host, producer, send } => self.give_up_send(host, producer, send),
            Event::Fetch { host, life, reading } => {
                if self.alive(host, life) {
                    self.fetch(host, reading);
                }
            }
            Event::Watermark { host, life, topic, partition, end, since } => {
                if self.alive(host, life) {
                    self.watermark(host, topic, partition, end, since);
                }
            }
            Event::LookUp { host, life, topic, since } => {
                if self.alive(host, life) {
                    self.answer_look_up(host, topic, since);
                }
            }
            Event::Refresh { host, life } => {
                if self.alive(host, life) {
                    self.refresh(host);
                }
            }
            Event::RefreshOnce { host, life } => {
                if self.alive(host, life) {
                    self.refresh_known(host);
                }
            }
            Event::BrokersSeen { host, life } => {
                if self.alive(host, life) {
                    self.brokers_seen(host);
                }
            }
            Event::AskCommitted { host, life, partitions, since } => {
                if self.alive(host, life) {
                    self.answer_committed(host, partitions, since);
                }
            }
            Event::Join { host, life } => {
                if self.alive(host, life) {
                    self.join(host);
                }
            }
            Event::Leave { member, instance } => self.leave(member, instance),
            Event::Told { member } => self.told(member),
            Event::RoundOver { round } => self.round_over(round),
            Event::Sync { host, life, member, generation, partitions } => {
                if self.alive(host, life) {
                    self.sync(host, member, generation, partitions);
                }
            }
            Event::Expire { member, silent_since } => self.expire(member, silent_since),
            Event::SessionOver { host, life, member } => {
                if self.alive(host, life) {
                    self.session_over(host, member);
                }
            }
            Event::Unreached { host, life, member } => {
                if self.alive(host, life) {
                    self.unreached(host, member);
                }
            }
            Event::FencedNow { host, life, member } => {
                if self.alive(host, life) {
                    self.fenced(host, member);
                }
            }
            Event::Supervise { host, life } => {
                if self.alive(host, life) {
                    self.supervise(host);
                }
            }
            Event::Commit(request) => self.commit_arrives(*request),
            Event::Call { host, spec } => self.call(host, spec),
            Event::GiveUp { host, life, call } => self.give_up(host, life, call),
            Event::Fault(index) => self.fault(index),
            Event::Start { host } => self.start(host),
            Event::Stop { host } => self.stop(host),
            Event::Roll { host } => {
                if !self.resting {
                    self.roll(host);
                }
            }
            Event::Continue { host } => self.proceed(host),
            Event::Woken { topic } => {
                for partition in 0..self.topics.count(topic) {
                    if let Ok(partition) = i32::try_from(partition) {
                        self.appended(topic, partition);
                    }
                }
            }
            Event::Rest => self.rest(),
            Event::End => self.end(),
        }
    }

    /// Lets a process handle an event, and carries out what it wants done.
    pub(crate) fn dispatch(&mut self, at: usize, input: Input) {
        if matches!(self.hosts[at].state, State::Frozen(_)) {
            self.hosts[at].mail.push_back(input);
            return;
        }
        let Some(mut process) = self.hosts[at].process.take() else { return };
        self.trace(|| format!("{} <- {}", name(at), brief(&input)));
        if let Input::Topic { topic: Topic::Requests, answer: LookUp::Found { id, .. } } = &input {
            self.hosts[at].topic = Some(*id);
        }
        self.tell_input(at, &input);
        let true_ms = self.true_ms();
        // Full of what others of the process send.
        let queue = if self.plan.during(FaultKind::QueueFull, self.now) { 1 } else { PRODUCER_QUEUE };
        let host = &mut self.hosts[at];
        let mut actions = std::mem::take(&mut self.actions);
        let mut cx = Cx {
            now: instant(self.now),
            wall_ms: true_ms + host.clock_ms,
            rng: &mut self.rng,
            room: queue.saturating_sub(host.producer.sends.len()),
            next_commit: &mut host.next_commit,
            actions: &mut actions,
        };
        process.handle(input, &mut cx);
        let queue_full = cx.room == 0;
        let (mut over, mut full) = (None, false);
        process.holds(&mut Holdings {
            report: &mut |what, held, bound| {
                full |= held >= bound;
                if held > bound {
                    over = Some((what, held, bound));
                }
            },
        });
        self.journal.premise(Invariant::I6);
        if let Some((what, held, bound)) = over {
            self.journal
                .violate(Invariant::I6, self.now, || format!("{} holds {held} {what}, more than {bound}", name(at)));
        }
        if queue_full {
            self.reach(FaultKind::QueueFull);
        }
        if full {
            self.reach(FaultKind::Overload);
        }
        self.hosts[at].process = Some(process);
        let life = self.hosts[at].life;
        for action in actions.drain(..) {
            if self.hosts[at].life != life || !self.hosts[at].runs() {
                break;
            }
            self.trace(|| format!("  {} -> {action:?}", name(at)));
            self.tell_action(at, &action);
            self.act(at, action);
        }
        self.actions = actions;
    }
}

/// How a trace calls a process.
pub(crate) fn name(host: usize) -> String {
    format!("p{host}")
}

fn brief(input: &Input) -> String {
    format!("{input:?}")
}
