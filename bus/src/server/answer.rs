//! Answers on their way out. When the broker has one, its request is finished.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::ticket::Ticket;
use super::topic_server::{TopicServer, now};
use crate::contract::Contract;
use crate::counters::count;
use crate::kafka::{HeaderList, SendFailure, Why};
use crate::message::{Fault, Reply, Status};
use crate::protocol::requests::Stamp;
use crate::sync::lock;
use crate::transport::{Outgoing, Receipt, RecordKey, What};
use crate::wire::{self, Address, Incoming};

/// A reply that is to be sent.
pub(super) struct ReplyDue {
    address: Address,
    sends_bus_headers: bool,
    contract: &'static Contract,
    reply: Reply,
    deadline: Instant,
}

impl ReplyDue {
    pub(super) fn new(incoming: Incoming, contract: &'static Contract, reply: Reply, deadline: Instant) -> Self {
        let Incoming { address, sends_bus_headers, .. } = incoming;
        Self { address, sends_bus_headers, contract, reply, deadline }
    }
}

/// Sends a reply. The request is finished when the broker has it, or when nobody waits any more.
pub(super) fn send(server: &Arc<TopicServer>, due: ReplyDue, ticket: Ticket) {
    let ReplyDue { address, sends_bus_headers, contract, reply, deadline } = due;
    let mut headers = HeaderList::with_capacity(wire::REPLY_HEADERS + reply.headers().len());
    let value = wire::write_reply(&address, sends_bus_headers, contract.codec(), &reply, |name, value| {
        headers.push(name, value);
    })
    .cloned();
    let (partition, key) = (address.partition, RecordKey::Partition(address.key));
    let receipt = Arc::new(AnswerReceipt {
        server: Arc::clone(server),
        contract,
        address,
        sends_bus_headers,
        is_fault: matches!(reply.status(), Status::Fault(_)),
        deadline,
        handed_over: Mutex::new(None),
        ticket: Mutex::new(Some(ticket)),
    });
    let what = What::Other(headers, receipt);
    let outgoing = Outgoing { topic: Arc::clone(&server.replies), partition, key: Some(key), value, what };
    server.shared.sender.send(outgoing, Instant::now());
}

/// Waits for the broker to have an answer.
struct AnswerReceipt {
    server: Arc<TopicServer>,
    contract: &'static Contract,
    address: Address,
    sends_bus_headers: bool,
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
                count(&self.server.shared.counts.expired);
                ticket.finish();
            }
            return false;
        }
        if self.server.clock.wants_sample(now) {
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
        self.server.last_answer.taken();
        if let Some(handed_over) = *lock(&self.handed_over) {
            self.server.last_answer.now();
            if let Some(appended) = appended {
                self.server.clock.sample(handed_over, now(), Stamp::Broker(appended));
            }
        }
        if let Some(ticket) = lock(&self.ticket).take() {
            if !self.is_fault {
                count(&self.server.shared.counts.answered);
            }
            ticket.finish();
        }
    }

    fn failed(&self, failure: SendFailure) {
        let Some(ticket) = lock(&self.ticket).take() else { return };
        if failure.why == Why::TooLarge && !self.is_fault {
            let reply = Reply::fault(Fault::TooLarge, format!("the answer: {}", failure.reason));
            let (address, sends_bus_headers, contract, deadline) =
                (self.address.clone(), self.sends_bus_headers, self.contract, self.deadline);
            send(&self.server, ReplyDue { address, sends_bus_headers, contract, reply, deadline }, ticket);
            return;
        }
        count(&self.server.shared.counts.lost_answers);
        if failure.why == Why::Denied {
            self.server.last_answer.refused(&failure.reason);
            if let Some(repeated) = self.server.repeats.worth_logging("answer") {
                let topic = self.server.topic();
                tracing::error!(repeated, "answers to requests on `{topic}` are lost: {}", failure.reason);
            }
        }
        tracing::debug!(reason = failure.reason, "an answer was not taken by the broker");
        ticket.unanswered(self.deadline);
    }
}
