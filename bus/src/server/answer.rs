//! Answers and dead letters on their way out. When the broker has them, the request is finished.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;

use super::core::{Core, now};
use super::ticket::Ticket;
use crate::contract::Contract;
use crate::counters::count;
use crate::kafka::{HeaderList, RecordView, SendFailure, Why};
use crate::message::{Fault, Reply, Status};
use crate::protocol::requests::Stamp;
use crate::sync::lock;
use crate::transport::{Outgoing, Receipt, What};
use crate::wire::{self, Address, Incoming};

/// What a reply is sent for.
type Owed = (Incoming, &'static Contract, Reply, Instant);

/// Sends a reply. The request is finished when the broker has it, or when nobody waits any more.
pub(super) fn send(
    core: &Arc<Core>,
    incoming: Incoming,
    contract: &'static Contract,
    reply: &Reply,
    deadline: Instant,
    ticket: Ticket,
) {
    send_to(core, incoming.address, incoming.ours, contract, reply, deadline, ticket);
}

fn send_to(
    core: &Arc<Core>,
    address: Address,
    ours: bool,
    contract: &'static Contract,
    reply: &Reply,
    deadline: Instant,
    ticket: Ticket,
) {
    let mut headers = HeaderList::with_capacity(wire::REPLY_HEADERS + reply.headers().len());
    let value =
        wire::write_reply(&address, ours, contract.codec(), reply, |name, value| headers.push(name, value)).cloned();
    let (partition, key) = (address.partition, Bytes::copy_from_slice(&address.key));
    let receipt = Arc::new(AnswerReceipt {
        core: Arc::clone(core),
        contract,
        address,
        ours,
        is_fault: matches!(reply.status(), Status::Fault(_)),
        deadline,
        handed_over: Mutex::new(None),
        ticket: Mutex::new(Some(ticket)),
    });
    let what = What::Other(headers, receipt);
    let outgoing = Outgoing { topic: Arc::clone(&core.replies), partition, key: Some(key), value, what };
    core.shared.sender.send(outgoing, Instant::now());
}

/// Waits for the broker to have an answer.
struct AnswerReceipt {
    core: Arc<Core>,
    contract: &'static Contract,
    address: Address,
    ours: bool,
    is_fault: bool,
    deadline: Instant,
    /// When it was handed over last, where the clock wants a sample.
    handed_over: Mutex<Option<Instant>>,
    ticket: Mutex<Option<Ticket>>,
}

impl Receipt for AnswerReceipt {
    fn hand_over(&self, now: Instant) -> bool {
        if now >= self.deadline {
            // Late answers are not sent: nobody waits for them.
            if let Some(ticket) = lock(&self.ticket).take() {
                count(&self.core.shared.counts.expired);
                ticket.finish();
            }
            return false;
        }
        if self.core.clock.wants_sample(now) {
            *lock(&self.handed_over) = Some(now);
        }
        true
    }

    fn given_up(&self, now: Instant) -> bool {
        now >= self.deadline
    }

    /// A caller takes one answer, however many come.
    fn goes_again(&self, _: bool) -> bool {
        true
    }

    fn acknowledged(&self, appended: Option<i64>) {
        self.core.last_answer.taken();
        if let Some(handed_over) = *lock(&self.handed_over) {
            self.core.last_answer.now();
            if let Some(appended) = appended {
                self.core.clock.sample(handed_over, now(), Stamp::Broker(appended));
            }
        }
        if let Some(ticket) = lock(&self.ticket).take() {
            if !self.is_fault {
                count(&self.core.shared.counts.answered);
            }
            ticket.finish();
        }
    }

    fn failed(&self, failure: SendFailure) {
        let Some(ticket) = lock(&self.ticket).take() else { return };
        if failure.why == Why::TooLarge && !self.is_fault {
            let reply = Reply::fault(Fault::TooLarge, format!("the answer: {}", failure.reason));
            send_to(&self.core, self.address.clone(), self.ours, self.contract, &reply, self.deadline, ticket);
            return;
        }
        count(&self.core.shared.counts.lost_answers);
        if failure.why == Why::Denied {
            self.core.last_answer.refused(&failure.reason);
            let topic = self.core.replies.name();
            self.core.shared.connection.complaints().error_of_kind(
                &format!("answers on {topic}"),
                &format!("answers to requests on `{}` are lost: {}", self.core.topic(), failure.reason),
            );
        }
        tracing::debug!(reason = failure.reason, "an answer was not taken by the broker");
        ticket.unanswered(self.deadline);
    }
}

/// A request that nobody can read, with all that it carried.
pub(super) struct DeadLetter {
    key: Option<Bytes>,
    headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    value: Option<Bytes>,
    /// What the broker had no room for, as people read it.
    left_out: Option<String>,
}

impl DeadLetter {
    /// The letter without what is largest in it, where the broker finds it too large: the headers
    /// that say why it died may be just too much. First without its body, then without its request's
    /// headers and key.
    fn smaller(&mut self) -> Option<Self> {
        if let Some(body) = self.value.take().filter(|body| !body.is_empty()) {
            let left_out = Some(format!("the body of {} bytes", body.len()));
            return Some(Self {
                key: self.key.take(),
                headers: std::mem::take(&mut self.headers),
                value: None,
                left_out,
            });
        }
        if self.headers.is_empty() && self.key.is_none() {
            return None;
        }
        let before = self.left_out.take().map_or_else(String::new, |before| format!("{before}, "));
        let left_out = Some(format!("{before}the key and {} headers", self.headers.len()));
        Some(Self { key: None, headers: Vec::new(), value: None, left_out })
    }

    pub(super) fn of_record(record: &RecordView<'_>) -> Self {
        Self {
            key: record.key().map(Bytes::copy_from_slice),
            headers: record.headers().map(|(name, value)| (name.to_vec(), value.map(<[u8]>::to_vec))).collect(),
            value: record.value().map(Bytes::copy_from_slice),
            left_out: None,
        }
    }

    /// A request whose record is gone: what was read of it, written as it came.
    pub(super) fn of_request(incoming: &Incoming, body: &Bytes) -> Self {
        let mut headers = Vec::new();
        wire::rewrite_request(incoming, |name, value| {
            headers.push((name.as_bytes().to_vec(), value.map(<[u8]>::to_vec)));
        });
        Self {
            key: Some(Bytes::copy_from_slice(&incoming.address.key)),
            headers,
            value: Some(body.clone()),
            left_out: None,
        }
    }
}

/// Writes a dead letter, and then the reply, if there is somebody to reply to.
pub(super) fn bury(core: &Arc<Core>, letter: DeadLetter, owed: Option<Owed>, ticket: Ticket) {
    let reason = owed.as_ref().map_or_else(|| "unreadable".to_owned(), |(_, _, reply, _)| reply.detail().to_owned());
    bury_for(core, letter, &reason, owed, ticket);
}

/// As [`bury`], for a reason of its own.
pub(super) fn bury_for(core: &Arc<Core>, letter: DeadLetter, reason: &str, owed: Option<Owed>, ticket: Ticket) {
    write_letter(core, letter, reason.to_owned(), owed, ticket);
}

fn write_letter(core: &Arc<Core>, letter: DeadLetter, reason: String, owed: Option<Owed>, ticket: Ticket) {
    let place = (core.topic(), ticket.partition(), ticket.offset());
    let mut headers = HeaderList::with_capacity(letter.headers.len() + wire::DEAD_LETTER_HEADERS);
    let carried = letter.headers.iter().map(|(name, value)| (&name[..], value.as_deref()));
    wire::write_dead_letter(carried, &reason, place, letter.left_out.as_deref(), |name, value| {
        headers.push(name, value);
    });
    let (key, value) = (letter.key.clone(), letter.value.clone());
    let left = Mutex::new(Some(Unburied { letter, reason, owed, ticket }));
    let what = What::Other(headers, Arc::new(BurialReceipt { core: Arc::clone(core), left }));
    let outgoing = Outgoing { topic: Arc::clone(&core.dead_letters), partition: 0, key, value, what };
    core.shared.sender.send(outgoing, Instant::now());
}

/// A dead letter that the broker does not have yet.
struct Unburied {
    letter: DeadLetter,
    reason: String,
    owed: Option<Owed>,
    ticket: Ticket,
}

/// Waits for the broker to have a dead letter.
struct BurialReceipt {
    core: Arc<Core>,
    left: Mutex<Option<Unburied>>,
}

impl BurialReceipt {
    fn go_on(&self, unburied: Unburied) {
        match unburied.owed {
            Some((incoming, contract, reply, deadline)) => {
                send(&self.core, incoming, contract, &reply, deadline, unburied.ticket);
            }
            None => unburied.ticket.finish(),
        }
    }
}

impl Receipt for BurialReceipt {
    fn hand_over(&self, _: Instant) -> bool {
        true
    }

    fn given_up(&self, _: Instant) -> bool {
        false
    }

    /// Twice is better than not at all.
    fn goes_again(&self, _: bool) -> bool {
        true
    }

    fn acknowledged(&self, _: Option<i64>) {
        let Some(unburied) = lock(&self.left).take() else { return };
        count(&self.core.shared.counts.dead_letters);
        self.go_on(unburied);
    }

    fn failed(&self, failure: SendFailure) {
        let Some(mut unburied) = lock(&self.left).take() else { return };
        if failure.why == Why::TooLarge
            && let Some(smaller) = unburied.letter.smaller()
        {
            write_letter(&self.core, smaller, unburied.reason, unburied.owed, unburied.ticket);
            return;
        }
        // A letter that cannot be written must not stop its partition.
        count(&self.core.shared.counts.lost_dead_letters);
        let topic = self.core.dead_letters.name();
        self.core.shared.connection.complaints().error_of_kind(
            &format!("dead letters on {topic}"),
            &format!("a dead letter could not be written to `{topic}`: {}", failure.reason),
        );
        self.go_on(unburied);
    }
}
