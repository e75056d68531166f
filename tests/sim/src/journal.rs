//! What happened to every call, and the checks that need nothing else.

use std::collections::HashMap;

use crate::cx::Outcome;
use crate::input::CallSpec;
use crate::invariant::{Invariant, Violation};
use crate::record::answer_to;
use crate::time::{MS, Time, micros};

/// How late a call may end.
const LATE: Time = 50 * MS;

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) spec: CallSpec,
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) began: Time,
    pub(crate) deadline: Time,
    pub(crate) token: Option<u128>,
    pub(crate) ended: Option<(Time, Outcome)>,
    /// Nobody waits any more: the caller gave up, or its process is gone.
    pub(crate) dropped: Option<Time>,
    /// Where its records were written: partition, offset.
    pub(crate) written: Vec<(i32, i64)>,
    /// The partition that its record was handed over for.
    pub(crate) partition: Option<i32>,
    pub(crate) reply_partition: Option<i32>,
    pub(crate) runs: u32,
    pub(crate) answered: bool,
    /// A server that did not know the time yet took it for too old.
    pub(crate) guessed: bool,
}

/// All calls of a history.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) calls: Vec<Call>,
    tokens: HashMap<u128, usize>,
    /// The first violation ends the history.
    pub(crate) violation: Option<Violation>,
    /// How often the premise of each invariant held.
    pub(crate) premises: [u64; 10],
}

impl Journal {
    pub(crate) fn violate(&mut self, invariant: Invariant, at: Time, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            self.violation = Some(Violation { invariant, at, what: what() });
        }
    }

    pub(crate) fn premise(&mut self, invariant: Invariant) {
        self.premises[invariant.index()] += 1;
    }

    pub(crate) fn called(&mut self, host: usize, life: u32, spec: CallSpec, now: Time) {
        self.calls.push(Call {
            spec,
            host,
            life,
            began: now,
            deadline: now + micros(spec.timeout),
            token: None,
            ended: None,
            dropped: None,
            written: Vec::new(),
            partition: None,
            reply_partition: None,
            runs: 0,
            answered: false,
            guessed: false,
        });
    }

    /// The call of this number.
    pub(crate) fn call(&mut self, call: u64) -> Option<&mut Call> {
        // Numbers are given in order, but calls to processes that are gone never begin.
        let at = self.calls.binary_search_by_key(&call, |known| known.spec.call).ok()?;
        self.calls.get_mut(at)
    }

    pub(crate) fn by_token(&mut self, token: u128) -> Option<&mut Call> {
        let at = *self.tokens.get(&token)?;
        self.calls.get_mut(at)
    }

    pub(crate) fn began(&mut self, number: u64, token: u128, now: Time) {
        let Ok(at) = self.calls.binary_search_by_key(&number, |known| known.spec.call) else {
            self.violate(Invariant::I1, now, || format!("call {number} began, and nobody called"));
            return;
        };
        if self.tokens.get(&token).is_some_and(|other| *other != at) {
            self.violate(Invariant::I2, now, || format!("call {number} has the token of another"));
            return;
        }
        self.tokens.insert(token, at);
        self.calls[at].token = Some(token);
    }

    pub(crate) fn ended(&mut self, number: u64, outcome: Outcome, now: Time, frozen_until: Time) {
        self.premise(Invariant::I1);
        let Some(call) = self.call(number) else {
            self.violate(Invariant::I1, now, || format!("call {number} ended, and nobody called"));
            return;
        };
        if let Some((_, before)) = call.ended {
            self.violate(Invariant::I1, now, || format!("call {number} ended twice: {before:?}, {outcome:?}"));
            return;
        }
        if call.dropped.is_some() {
            self.violate(Invariant::I1, now, || format!("call {number} ended after its caller gave it up"));
            return;
        }
        call.ended = Some((now, outcome));
        let (deadline, body, token, runs, answered, written) =
            (call.deadline, call.spec.body, call.token, call.runs, call.answered, call.written.len());
        if now > deadline.max(frozen_until) + LATE {
            let late = (now - deadline) / MS;
            self.violate(Invariant::I1, now, || format!("call {number} ended {late} ms after its deadline"));
        }
        match outcome {
            Outcome::TimedOut if now < deadline => {
                self.violate(Invariant::I1, now, || format!("call {number} timed out before its deadline"));
            }
            Outcome::TimedOut => {}
            Outcome::Answered(answer) => {
                self.premise(Invariant::I2);
                self.premise(Invariant::I3);
                if token.is_none_or(|token| answer_to(token, body) != answer) {
                    self.violate(Invariant::I2, now, || format!("call {number} got the answer of another"));
                } else if !answered {
                    self.violate(Invariant::I3, now, || format!("call {number} was answered and no handler did"));
                }
            }
            Outcome::NotSent | Outcome::Closed { sent: false } => {
                self.premise(Invariant::I4);
                if written > 0 || runs > 0 {
                    self.violate(Invariant::I4, now, || format!("call {number} ended as {outcome:?} and was sent"));
                }
            }
            Outcome::Refused { ran: false } => {
                self.premise(Invariant::I4);
                if runs > 0 {
                    self.violate(Invariant::I4, now, || format!("call {number} was refused as not run, and ran"));
                }
            }
            Outcome::Refused { ran: true } | Outcome::Closed { sent: true } => {}
        }
    }

    /// A request of this call is in the topic.
    pub(crate) fn written(&mut self, token: u128, partition: i32, offset: i64, now: Time) {
        let Some(call) = self.by_token(token) else { return };
        call.written.push((partition, offset));
        if let Some((_, outcome @ (Outcome::NotSent | Outcome::Closed { sent: false }))) = call.ended {
            let number = call.spec.call;
            self.violate(Invariant::I4, now, || format!("call {number} ended as {outcome:?} and was sent later"));
        }
    }

    /// A handler began to run it.
    pub(crate) fn ran(&mut self, token: u128, now: Time, ages_known: bool) {
        let Some(call) = self.by_token(token) else { return };
        call.runs += 1;
        if let Some((_, Outcome::Refused { ran: false })) = call.ended
            && ages_known
        {
            let number = call.spec.call;
            self.violate(Invariant::I4, now, || format!("call {number} was refused as not run, and ran later"));
        }
    }

    /// Its process is gone: nobody waits for its calls.
    pub(crate) fn process_gone(&mut self, host: usize, life: u32, now: Time) {
        for call in self.calls.iter_mut().filter(|call| call.host == host && call.life == life) {
            if call.ended.is_none() {
                call.dropped.get_or_insert(now);
            }
        }
    }
}
