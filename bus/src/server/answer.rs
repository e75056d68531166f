//! Answers and dead letters on their way out. When the broker has them, the request is finished.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use bytes::Bytes;

use super::clock::now_ms;
use super::core::Core;
use super::ticket::Ticket;
use crate::contract::Contract;
use crate::counters::count;
use crate::kafka::{HeaderList, Outgoing, Receipt, RecordView, SendFailure};
use crate::message::{Fault, Reply, Status};
use crate::sync::lock;
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
        handed_over: AtomicI64::new(0),
        ticket: Mutex::new(Some(ticket)),
    });
    core.shared.producer.send(Outgoing {
        topic: Arc::clone(&core.reply_topic),
        partition,
        key: Some(key),
        headers,
        value,
        receipt,
    });
}

/// Waits for the broker to have an answer.
struct AnswerReceipt {
    core: Arc<Core>,
    contract: &'static Contract,
    address: Address,
    ours: bool,
    is_fault: bool,
    deadline: Instant,
    /// Milliseconds since the Unix epoch; zero where the clock wants no sample.
    handed_over: AtomicI64,
    ticket: Mutex<Option<Ticket>>,
}

impl Receipt for AnswerReceipt {
    fn hand_over(&self) -> bool {
        let now = Instant::now();
        if now >= self.deadline {
            // Late answers are not sent: nobody waits for them.
            if let Some(ticket) = lock(&self.ticket).take() {
                count(&self.core.shared.counts.expired);
                ticket.finish();
            }
            return false;
        }
        if self.core.clock.wants_sample(now) {
            self.handed_over.store(now_ms(), Ordering::Relaxed);
        }
        true
    }

    /// A caller takes one answer, however many come.
    fn take_back(&self, _: bool) -> bool {
        true
    }

    fn given_up(&self) -> bool {
        Instant::now() >= self.deadline
    }

    fn acknowledged(&self, appended: Option<i64>) {
        let handed_over = self.handed_over.load(Ordering::Relaxed);
        if handed_over != 0 {
            self.core.last_answer.now();
            if let Some(appended) = appended {
                self.core.clock.sample(handed_over, appended);
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
        if failure.too_large && !self.is_fault {
            let reply = Reply::fault(Fault::TooLarge, format!("the answer: {}", failure.reason));
            send_to(&self.core, self.address.clone(), self.ours, self.contract, &reply, self.deadline, ticket);
            return;
        }
        count(&self.core.shared.counts.lost_answers);
        tracing::debug!(reason = failure.reason, "an answer was not taken by the broker");
        self.core.unanswered(self.deadline, ticket);
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
    core.shared.producer.send(Outgoing {
        topic: Arc::clone(&core.dead_topic),
        partition: 0,
        key,
        headers,
        value,
        receipt: Arc::new(BurialReceipt { core: Arc::clone(core), left }),
    });
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
    fn hand_over(&self) -> bool {
        true
    }

    /// Twice is better than not at all.
    fn take_back(&self, _: bool) -> bool {
        true
    }

    fn given_up(&self) -> bool {
        false
    }

    fn acknowledged(&self, _: Option<i64>) {
        let Some(unburied) = lock(&self.left).take() else { return };
        count(&self.core.shared.counts.dead_letters);
        self.go_on(unburied);
    }

    fn failed(&self, failure: SendFailure) {
        let Some(mut unburied) = lock(&self.left).take() else { return };
        if failure.too_large
            && let Some(smaller) = unburied.letter.smaller()
        {
            write_letter(&self.core, smaller, unburied.reason, unburied.owed, unburied.ticket);
            return;
        }
        // A letter that cannot be written must not stop its partition.
        count(&self.core.shared.counts.lost_dead_letters);
        let topic = &self.core.dead_topic;
        self.core.shared.connection.complaints().error_of_kind(
            &format!("dead letters on {topic}"),
            &format!("a dead letter could not be written to `{topic}`: {}", failure.reason),
        );
        self.go_on(unburied);
    }
}
