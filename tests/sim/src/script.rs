//! Small scripted processes, honest but for one vice each: they show that the world works without
//! the cores, and that every invariant catches what it is there for.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

use crate::cx::{Cx, Disposal, Holdings, Outcome, Process};
use crate::input::{CallSpec, Committed, Input, LookUp};
use crate::record::{Fault, Kind, SimRecord, Status, Topic, Work, answer_to};
use crate::world::Role;

/// What a scripted process does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vice {
    None,
    NeverEndsACall,
    EndsTwice,
    TakesAnyAnswer,
    ClaimsAnAnswer,
    SaysNotSent,
    SaysTooMuchTime,
    RunsTwice,
    RunsWhatIsTooOld,
    ForgetsCalls,
    CommitsAtOnce,
    DropsSilently,
    StopsServing,
    NeverEnds,
    Panics,
    CommitsTokens,
    PrintsTokens,
}

thread_local! {
    static VICE: Cell<Vice> = const { Cell::new(Vice::None) };
}

/// Chooses the vice of all scripted processes of this thread.
pub(crate) fn corrupt(vice: Vice) {
    VICE.set(vice);
}

pub(crate) fn scripted(role: &Role) -> Box<dyn Process> {
    let vice = VICE.get();
    match role {
        Role::Client(setup) => Box::new(ScriptedClient {
            vice,
            reply_partition: setup.reply_partition.unwrap_or(0),
            reads: false,
            closed: false,
            count: 0,
            led: Vec::new(),
            calls: BTreeMap::new(),
            tokens: HashMap::new(),
            early: Vec::new(),
        }),
        Role::Server(_) => Box::new(ScriptedServer { vice, ..ScriptedServer::default() }),
    }
}

const MS: Duration = Duration::from_millis(1);

struct ScriptedClient {
    vice: Vice,
    reply_partition: i32,
    reads: bool,
    closed: bool,
    count: u32,
    led: Vec<i32>,
    calls: BTreeMap<u64, (CallSpec, u128, Instant)>,
    tokens: HashMap<u128, u64>,
    early: Vec<(CallSpec, Instant)>,
}

impl fmt::Debug for ScriptedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.vice == Vice::PrintsTokens {
            return write!(f, "{:?} {}", self.tokens, u128::MAX);
        }
        f.debug_struct("ScriptedClient").finish_non_exhaustive()
    }
}

impl ScriptedClient {
    fn send(&mut self, spec: CallSpec, deadline: Instant, cx: &mut Cx<'_>) {
        let token = u128::from(cx.random()) << 64 | u128::from(cx.random());
        cx.call_began(spec.call, token);
        self.calls.insert(spec.call, (spec, token, deadline));
        self.tokens.insert(token, spec.call);
        cx.wake_at(deadline, spec.call);
        let partition = self.led[usize::try_from(spec.call).unwrap_or(0) % self.led.len().max(1)];
        let left = deadline.saturating_duration_since(cx.now())
            + if self.vice == Vice::SaysTooMuchTime { MS * 500 } else { MS * 0 };
        let record = SimRecord {
            kind: Kind::Request,
            reply_partition: self.reply_partition,
            token,
            timeout_ms: u32::try_from(left.as_millis()).ok(),
            body: spec.body,
            attempt: 0,
            key: spec.key,
            work: spec.work,
        };
        let _ = cx.produce(Topic::Requests, partition, record, spec.call);
        match self.vice {
            Vice::SaysNotSent => self.end(spec.call, Outcome::NotSent, cx),
            Vice::ClaimsAnAnswer => self.end(spec.call, Outcome::Answered(answer_to(token, spec.body)), cx),
            _ => {}
        }
    }

    fn end(&mut self, call: u64, outcome: Outcome, cx: &mut Cx<'_>) {
        if self.calls.remove(&call).is_some() || self.vice == Vice::EndsTwice {
            cx.call_ended(call, outcome);
        }
    }

    fn start(&mut self, cx: &mut Cx<'_>) {
        if self.reads && !self.led.is_empty() {
            for (spec, deadline) in std::mem::take(&mut self.early) {
                self.send(spec, deadline, cx);
            }
        }
    }
}

impl Process for ScriptedClient {
    fn handle(&mut self, input: Input, cx: &mut Cx<'_>) {
        match input {
            Input::Started => {
                cx.look_up(Topic::Requests);
                cx.end_offset(Topic::Replies, self.reply_partition);
            }
            Input::Topic { answer, .. } => match answer {
                LookUp::Found { count, led, .. } => {
                    (self.count, self.led) = (count, led);
                    self.start(cx);
                }
                _ => cx.look_up(Topic::Requests),
            },
            Input::End { partition, offset, .. } => match offset {
                Some(offset) => {
                    cx.assign(Topic::Replies, partition, offset);
                    self.reads = true;
                    self.start(cx);
                }
                None => cx.end_offset(Topic::Replies, partition),
            },
            Input::Call(spec) if self.closed => cx.call_ended(spec.call, Outcome::Closed { sent: false }),
            Input::Call(spec) => {
                let deadline = cx.now() + spec.timeout;
                self.early.push((spec, deadline));
                self.start(cx);
            }
            Input::Wake(call) => {
                if self.vice != Vice::NeverEndsACall && self.vice != Vice::ForgetsCalls {
                    self.end(call, Outcome::TimedOut, cx);
                }
            }
            Input::GiveUp { call } => drop(self.calls.remove(&call)),
            Input::Record { record, .. } => {
                let known = self.tokens.get(&record.token).copied();
                let call =
                    if self.vice == Vice::TakesAnyAnswer { self.calls.keys().next_back().copied() } else { known };
                if let (Some(call), Kind::Reply(status)) = (call, record.kind)
                    && self.vice != Vice::NeverEndsACall
                {
                    let outcome = match status {
                        Status::Ok => Outcome::Answered(record.body),
                        Status::Fault(_) => Outcome::Refused { ran: true },
                    };
                    self.end(call, outcome, cx);
                }
            }
            Input::Failed { cookie, certain, .. } => {
                if certain {
                    self.end(cookie, Outcome::NotSent, cx);
                }
            }
            Input::Stop => {
                self.closed = true;
                for call in std::mem::take(&mut self.calls).into_keys() {
                    cx.call_ended(call, Outcome::Closed { sent: true });
                }
                if self.vice != Vice::NeverEnds {
                    cx.exit();
                }
            }
            _ => {}
        }
    }

    fn holds(&self, report: &mut Holdings<'_>) {
        report.held("calls", self.calls.len(), if self.vice == Vice::ForgetsCalls { 2 } else { 1_000 });
    }
}

#[derive(Debug, Default)]
struct Owned {
    position: i64,
    unfinished: BTreeSet<i64>,
}

#[derive(Debug)]
enum Sent {
    Reply(i32, i64),
    Dead(i32, i64),
}

#[derive(Debug)]
struct ScriptedServer {
    vice: Vice,
    owned: BTreeMap<i32, Owned>,
    running: BTreeMap<u64, (i32, i64, SimRecord)>,
    sent: BTreeMap<u64, Sent>,
    next: u64,
    leaving: bool,
    revoked: bool,
    last_commit: Option<u64>,
}

impl Default for ScriptedServer {
    fn default() -> Self {
        Self {
            vice: Vice::None,
            owned: BTreeMap::new(),
            running: BTreeMap::new(),
            sent: BTreeMap::new(),
            next: 1,
            leaving: false,
            revoked: false,
            last_commit: None,
        }
    }
}

impl ScriptedServer {
    fn commits(&self) -> Vec<(i32, Committed)> {
        let metadata = if self.vice == Vice::CommitsTokens {
            self.running.values().map(|(.., record)| record.token.to_string()).collect::<Vec<_>>().join(" ")
        } else {
            String::new()
        };
        let point = |owned: &Owned| match self.vice {
            Vice::CommitsAtOnce => owned.position,
            _ => owned.unfinished.first().copied().unwrap_or(owned.position),
        };
        let list = self.owned.iter().filter(|(_, owned)| owned.position > 0);
        list.map(|(partition, owned)| (*partition, Committed { offset: point(owned), metadata: metadata.clone() }))
            .collect()
    }

    fn finish(&mut self, partition: i32, offset: i64) {
        if let Some(owned) = self.owned.get_mut(&partition) {
            owned.unfinished.remove(&offset);
        }
    }

    /// Waits for what runs before it gives anything up.
    fn go_on(&mut self, cx: &mut Cx<'_>) {
        let idle = self.running.is_empty() && self.sent.is_empty();
        if !(self.revoked || self.leaving) || !idle {
            return;
        }
        if self.last_commit.is_none() && !self.owned.is_empty() {
            let list = self.commits();
            self.last_commit = Some(cx.commit(list, true));
        } else if self.last_commit.is_none() {
            self.over(cx);
        }
    }

    fn over(&mut self, cx: &mut Cx<'_>) {
        self.owned.clear();
        self.last_commit = None;
        if self.leaving {
            cx.leave();
            if self.vice != Vice::NeverEnds {
                cx.exit();
            }
        } else {
            self.revoked = false;
            cx.unassign();
        }
    }

    fn record(&mut self, partition: i32, offset: i64, record: SimRecord, age: Duration, cx: &mut Cx<'_>) {
        let Some(owned) = self.owned.get_mut(&partition) else { return };
        owned.position = offset + 1;
        if self.revoked || self.leaving {
            owned.position = offset;
            cx.assign(Topic::Requests, partition, offset);
            cx.pause(partition);
            return;
        }
        if self.vice == Vice::DropsSilently && offset % 4 == 1 {
            return;
        }
        cx.disposed(partition, offset, record.body, Disposal::Taken);
        let allowed = Duration::from_millis(u64::from(record.timeout_ms.unwrap_or(5_000)));
        if age >= allowed && self.vice != Vice::RunsWhatIsTooOld {
            cx.disposed(partition, offset, record.body, Disposal::Expired);
            return;
        }
        owned.unfinished.insert(offset);
        let id = self.next;
        self.next += 1;
        if record.reply_partition > 2 || record.work == Work::Unreadable {
            let kind = Kind::Dead { partition, offset, reason: Fault::Malformed };
            let _ = cx.produce(Topic::Dead, 0, SimRecord { kind, ..record }, id);
            self.sent.insert(id, Sent::Dead(partition, offset));
            return;
        }
        cx.run_began(partition, offset, record.token);
        if self.vice == Vice::RunsTwice {
            cx.run_began(partition, offset, record.token);
        }
        let takes = match record.work {
            Work::Takes(takes) | Work::Panics(takes) => takes,
            _ => MS,
        };
        self.running.insert(id, (partition, offset, record));
        cx.wake_at(cx.now() + takes, id);
    }
}

impl Process for ScriptedServer {
    fn handle(&mut self, input: Input, cx: &mut Cx<'_>) {
        match input {
            Input::Started => {
                cx.join(None);
                cx.wake_at(cx.now() + MS * 200, 0);
            }
            Input::Assigned(partitions) => {
                if self.vice != Vice::StopsServing {
                    cx.committed(partitions);
                }
            }
            Input::Committed(Some(list)) => {
                for (partition, committed) in list {
                    let position = committed.map_or(0, |it| it.offset);
                    self.owned.insert(partition, Owned { position, unfinished: BTreeSet::new() });
                    cx.assign(Topic::Requests, partition, position);
                }
            }
            Input::Record { partition, offset, record, stamp, .. } => {
                if self.vice == Vice::Panics && offset == 3 {
                    panic!("a vice");
                }
                let age = u64::try_from(cx.wall_ms() - stamp.ms).unwrap_or(0);
                self.record(partition, offset, record, Duration::from_millis(age), cx);
            }
            Input::Wake(0) => {
                let list = self.commits();
                if !list.is_empty() && !self.leaving && !self.revoked {
                    cx.commit(list, false);
                }
                cx.wake_at(cx.now() + MS * 200, 0);
            }
            Input::Wake(id) => {
                let Some((partition, offset, record)) = self.running.remove(&id) else { return };
                let ok = matches!(record.work, Work::Takes(_));
                cx.run_ended(partition, offset, record.token, ok);
                let status = if ok { Status::Ok } else { Status::Fault(Fault::Panicked) };
                let body = answer_to(record.token, record.body);
                let reply = SimRecord { kind: Kind::Reply(status), body, timeout_ms: None, ..record };
                let _ = cx.produce(Topic::Replies, record.reply_partition, reply, id);
                self.sent.insert(id, Sent::Reply(partition, offset));
            }
            Input::Delivered { cookie, .. } => {
                if let Some(Sent::Reply(partition, offset) | Sent::Dead(partition, offset)) = self.sent.remove(&cookie)
                {
                    self.finish(partition, offset);
                }
                self.go_on(cx);
            }
            Input::Revoked => {
                self.revoked = true;
                self.go_on(cx);
            }
            Input::Stop => {
                self.leaving = true;
                self.go_on(cx);
            }
            Input::CommitDone { id } | Input::CommitRefused { id, .. } if self.last_commit == Some(id) => self.over(cx),
            _ => {}
        }
    }

    fn holds(&self, report: &mut Holdings<'_>) {
        report.held("handlers", self.running.len(), 1_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invariant::Invariant;
    use crate::plan::Plan;
    use crate::run::history;

    fn violation(seed: u64, vice: Vice) -> Option<(Invariant, String)> {
        corrupt(vice);
        let plan = Plan::scenario(seed, &[]);
        history(plan, scripted, None).violation.map(|it| (it.invariant, it.what))
    }

    #[test]
    fn honest_processes_break_nothing() {
        for seed in 0..50 {
            assert_eq!(violation(seed, Vice::None), None, "seed {seed}");
        }
    }

    #[test]
    fn a_history_is_the_same_every_time() {
        corrupt(Vice::None);
        let record = |seed| {
            let mut lines = Vec::new();
            let mut tracer = |at, line| lines.push((at, line));
            history(Plan::scenario(seed, &[]), scripted, Some(&mut tracer));
            lines
        };
        let first = record(7);
        assert!(first.len() > 300, "{} events", first.len());
        assert_eq!(first, record(7));
        assert_ne!(first, record(8));
    }

    /// Every anomaly is caught, and by the invariant that it breaks.
    #[test]
    fn every_vice_is_caught_by_its_invariant() {
        let vices = [
            (Vice::NeverEndsACall, Invariant::I1),
            (Vice::EndsTwice, Invariant::I1),
            (Vice::TakesAnyAnswer, Invariant::I2),
            (Vice::ClaimsAnAnswer, Invariant::I3),
            (Vice::SaysNotSent, Invariant::I4),
            (Vice::SaysTooMuchTime, Invariant::I4),
            (Vice::RunsTwice, Invariant::I5),
            (Vice::ForgetsCalls, Invariant::I6),
            (Vice::CommitsAtOnce, Invariant::I7),
            (Vice::DropsSilently, Invariant::I7),
            (Vice::StopsServing, Invariant::I8),
            (Vice::NeverEnds, Invariant::I9),
            (Vice::Panics, Invariant::I9),
            (Vice::CommitsTokens, Invariant::I10),
            (Vice::PrintsTokens, Invariant::I10),
        ];
        for (vice, expected) in vices {
            let found = (0..40).find_map(|seed| violation(seed, vice));
            assert!(matches!(&found, Some((invariant, _)) if *invariant == expected), "{vice:?}: {found:?}");
        }
    }
}
