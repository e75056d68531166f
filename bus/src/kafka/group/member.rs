//! A member of a group over all the Kafka clients that it needs: it joins anew where one is of no
//! more use.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::consumer::{Consumer, Maker};
use super::control::Control;
use super::handler::{Action, Committed, GroupHandler};
use super::session::{BUSY_POLL, End, POLL, Session, State};
use super::trouble::{self, Backoff, Verdict};
use crate::error::ConnectError;

/// How long to wait before the broker that keeps the group is asked for again.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// A member over all the Kafka clients that it needs.
pub(super) struct GroupMember<H> {
    maker: Maker,
    state: State<H>,
}

impl<H: GroupHandler> GroupMember<H> {
    pub(super) fn new(maker: Maker, handler: H, control: Arc<Control>) -> Self {
        let (member, settings) = (maker.member.clone(), maker.settings.clone());
        let state = State { member, settings, handler, control, backoff: Backoff::default() };
        Self { maker, state }
    }

    /// Reads until it is told to stop or Kafka ends it. The group has been left when this returns.
    pub(super) fn run(&mut self, first: Consumer) {
        let mut consumer = first;
        let ended = loop {
            // A panic of ours must not leave a member that reads nothing and that nobody can stop.
            let end = catch_unwind(AssertUnwindSafe(|| Session::new(&mut self.state, &consumer).run()))
                .unwrap_or_else(|_| End::Final("the thread that reads requests panicked".to_owned()));
            let ended = match end {
                End::Stopped => None,
                End::Final(reason) => {
                    let finish = || Session::new(&mut self.state, &consumer).finish();
                    if catch_unwind(AssertUnwindSafe(finish)).is_err() {
                        consumer.leave();
                    }
                    Some(reason)
                }
                End::Renew(after) => {
                    if let Some(next) = self.renew(consumer, after) {
                        consumer = next;
                        continue;
                    }
                    // Told to stop meanwhile: there is no group to leave.
                    self.drain();
                    break None;
                }
            };
            self.maker.close(consumer);
            break ended;
        };
        self.maker.await_close();
        if let Some(reason) = &ended {
            tracing::error!(
                topic = &*self.state.member.topic,
                reason,
                "the consumer has ended: requests are not read any more"
            );
        }
        self.state.control.ended(ended);
    }

    /// Another client in place of this one, or none where the member is to stop.
    fn renew(&mut self, old: Consumer, after: Duration) -> Option<Consumer> {
        self.give_up(&old);
        self.state.control.lost();
        self.maker.close(old);
        self.wait(after);
        while self.state.control.stopping().is_none() {
            if self.maker.has_room() {
                match self.join() {
                    Ok(Some(consumer)) => return Some(consumer),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(target: "bus::kafka", %error, "joining the group anew"),
                }
            }
            let wait = self.state.backoff.next(Instant::now(), trouble::FIRST);
            self.wait(wait);
        }
        None
    }

    /// Gives the partitions up that a client has which is of no more use. What is finished is still
    /// ours to commit where the group knows us; the close sends it.
    fn give_up(&mut self, old: &Consumer) {
        let now = Instant::now();
        if old.lost() {
            self.state.handler.lost();
        } else {
            self.state.handler.revoked(now);
        }
        while let Some(action) = self.state.handler.next(now) {
            if action == Action::End {
                return;
            }
            if let Action::Commit { number, commits, .. } = action {
                // Nobody waits for what becomes of it.
                let sent = old.commit(number, commits).map_or(Committed::Over, |_| Committed::Taken);
                self.state.handler.committed(number, sent, now);
            }
        }
    }

    /// Waits for what runs, where there is no group to leave.
    fn drain(&mut self) {
        loop {
            let now = Instant::now();
            self.state.handler.stop(self.state.control.stopping().unwrap_or(now), now);
            while let Some(action) = self.state.handler.next(now) {
                if action == Action::End {
                    return;
                }
            }
            std::thread::park_timeout(BUSY_POLL);
        }
    }

    /// Another client that joins the group as soon as there is a broker that keeps it, or none where
    /// the member is to stop, or somebody has found that this client will not find one.
    fn join(&mut self) -> Result<Option<Consumer>, ConnectError> {
        let consumer = self.maker.consumer()?;
        while self.state.control.stopping().is_none() && !self.state.control.take_renew() {
            let found = consumer.finds_group(|error| {
                if let Verdict::Denied(reason) = trouble::judge(error, None, &self.state.member, &self.state.settings) {
                    self.state.denied(&reason);
                }
            });
            if found {
                consumer.subscribe()?;
                tracing::info!(target: "bus::kafka", topic = &*self.state.member.topic, "joining the group anew");
                return Ok(Some(consumer));
            }
            self.wait(ASK_AGAIN);
        }
        self.maker.close(consumer);
        Ok(None)
    }

    /// Waits for so long, or until the member is to stop.
    fn wait(&self, time: Duration) {
        let until = Instant::now() + time;
        while Instant::now() < until && self.state.control.stopping().is_none() {
            std::thread::park_timeout(POLL.min(until.saturating_duration_since(Instant::now())));
        }
    }
}
