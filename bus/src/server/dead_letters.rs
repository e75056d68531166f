//! Dead letters on their way out. When the broker has one, its request is answered.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::answer::{self, ReplyDue};
use super::letter::DeadLetter;
use super::ticket::Ticket;
use super::topic_server::TopicServer;
use crate::counters::count;
use crate::kafka::{HeaderList, SendFailure, Why};
use crate::sync::lock;
use crate::transport::{Outgoing, Receipt, RecordKey, What};
use crate::wire;

/// Writes a dead letter, unless too many are written, and then the reply, if there is somebody to
/// reply to.
pub(super) fn write(
    server: &Arc<TopicServer>,
    letter: DeadLetter,
    reason: String,
    due: Option<ReplyDue>,
    ticket: Ticket,
) {
    if lock(&server.letter_budget).take(letter.bytes() + reason.len(), Instant::now()) {
        return keep(server, letter, reason, due, ticket);
    }
    count(&server.shared.counts.suppressed_dead_letters);
    if let Some(repeated) = server.repeats.worth_logging("too many dead letters") {
        tracing::warn!(
            repeated,
            "more requests on `{}` cannot be read than `{}` is to keep: they are refused and counted, and not kept; \
             `Serve::max_dead_letters` raises the bound",
            server.topic(),
            server.dead_letters.name()
        );
    }
    complete(server, due, ticket);
}

/// Writes a dead letter however many there are.
pub(super) fn keep(
    server: &Arc<TopicServer>,
    letter: DeadLetter,
    reason: String,
    due: Option<ReplyDue>,
    ticket: Ticket,
) {
    let place = (server.topic(), ticket.partition(), ticket.offset());
    let mut headers = HeaderList::with_capacity(letter.headers.len() + wire::DEAD_LETTER_HEADERS);
    let carried = letter.headers.iter().map(|(name, value)| (&name[..], value.as_deref()));
    wire::write_dead_letter(carried, &reason, place, letter.left_out.as_deref(), |name, value| {
        headers.push(name, value);
    });
    let (key, value) = (letter.key.clone().map(RecordKey::Other), letter.value.clone());
    let left = Mutex::new(Some(Unwritten { letter, reason, due, ticket }));
    let what = What::Other(headers, Arc::new(LetterReceipt { server: Arc::clone(server), left }));
    let outgoing = Outgoing { topic: Arc::clone(&server.dead_letters), partition: 0, key, value, what };
    server.shared.sender.send(outgoing, Instant::now());
}

/// A dead letter that the broker does not have yet.
struct Unwritten {
    letter: DeadLetter,
    reason: String,
    due: Option<ReplyDue>,
    ticket: Ticket,
}

/// Waits for the broker to have a dead letter.
struct LetterReceipt {
    server: Arc<TopicServer>,
    left: Mutex<Option<Unwritten>>,
}

/// What is due once a letter is written, or is not.
fn complete(server: &Arc<TopicServer>, due: Option<ReplyDue>, ticket: Ticket) {
    match due {
        Some(due) => answer::send(server, due, ticket),
        None => ticket.finish(),
    }
}

impl Receipt for LetterReceipt {
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
        let Some(unwritten) = lock(&self.left).take() else { return };
        count(&self.server.shared.counts.dead_letters);
        complete(&self.server, unwritten.due, unwritten.ticket);
    }

    fn failed(&self, failure: SendFailure) {
        let Some(mut unwritten) = lock(&self.left).take() else { return };
        if failure.why == Why::TooLarge
            && let Some(smaller) = unwritten.letter.smaller()
        {
            keep(&self.server, smaller, unwritten.reason, unwritten.due, unwritten.ticket);
            return;
        }
        // A letter that cannot be written must not stop its partition.
        count(&self.server.shared.counts.lost_dead_letters);
        if let Some(repeated) = self.server.repeats.worth_logging("dead letter") {
            let topic = self.server.dead_letters.name();
            tracing::error!(repeated, "a dead letter could not be written to `{topic}`: {}", failure.reason);
        }
        complete(&self.server, unwritten.due, unwritten.ticket);
    }
}
