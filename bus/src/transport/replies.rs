//! Gives replies to the calls that wait for them.

use std::sync::Arc;
use std::task::Waker;

use super::pending::Pending;
use crate::counters::{Counts, count};
use crate::kafka::{ReaderHandler, RecordView};
use crate::protocol::calls::Reply;
use crate::sync::Moment;
use crate::wire;

/// Gives replies to the calls that wait for them.
pub(super) struct Replies {
    pending: Arc<Pending>,
    counts: Arc<Counts>,
    /// Whose replies have been read. As many as the reader reads before a rest.
    woken: Vec<Waker>,
    /// When the last of them came, to within one rest.
    last_answer: Arc<Moment>,
}

impl Replies {
    pub(super) fn new(pending: Arc<Pending>, counts: Arc<Counts>, last_answer: Arc<Moment>) -> Self {
        Self { pending, counts, woken: Vec::new(), last_answer }
    }
}

impl ReaderHandler for Replies {
    /// Foreign tokens go no further than this look.
    fn record(&mut self, record: &RecordView<'_>) {
        let token = wire::read_token(record.headers()).ok().and_then(|(token, _)| wire::own_token(token));
        match token.map_or(Reply::Unknown, |token| self.pending.reply(token)) {
            Reply::Answers(call) => {
                let reply = wire::read_reply(record.headers(), record.value(), call.codec());
                self.woken.extend(call.complete(Ok(reply)));
            }
            unwaited => {
                count(&self.counts.foreign_replies);
                match unwaited {
                    Reply::Late => count(&self.counts.late_replies),
                    Reply::Duplicate => count(&self.counts.duplicate_replies),
                    Reply::Unknown | Reply::Answers(_) => {}
                }
            }
        }
    }

    fn end_of_batch(&mut self) {
        if !self.woken.is_empty() {
            self.last_answer.set();
        }
        for waker in self.woken.drain(..) {
            waker.wake();
        }
    }
}
