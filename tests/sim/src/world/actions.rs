//! Carries out what a process wants done.

use super::{Event, World};
use crate::cx::Action;

impl World<'_> {
    pub(super) fn act(&mut self, host: usize, action: Action) {
        let now = self.now;
        let life = self.hosts[host].life;
        match action {
            Action::WakeAt { at, id } => {
                let at = crate::time::time(at);
                self.at(at, Event::Deliver { host, life, input: crate::input::Input::Wake(id) });
            }
            Action::Produce { topic, partition, record, cookie } => {
                self.hand_over(host, topic, partition, record, cookie);
            }
            Action::Assign { topic, partition, offset } => self.assign(host, topic, partition, offset),
            Action::EndOffset { topic, partition } => {
                let latency = self.latency();
                self.after(latency, Event::Watermark { host, life, topic, partition, end: true, since: now });
            }
            Action::BeginningOffset { topic, partition } => {
                let latency = self.latency();
                self.after(latency, Event::Watermark { host, life, topic, partition, end: false, since: now });
            }
            Action::Pause { partition } => self.pause(host, partition, true),
            Action::Resume { partition } => self.pause(host, partition, false),
            Action::Join { instance } => self.wants_to_join(host, instance),
            Action::Leave => self.wants_to_leave(host),
            Action::Unassign => self.unassign(host),
            Action::AskCommitted { partitions } => {
                let latency = self.latency();
                self.after(latency, Event::AskCommitted { host, life, partitions, since: now });
            }
            Action::Commit { id, list, sync } => self.commit(host, id, list, sync),
            Action::LookUp { topic } => {
                let latency = self.latency();
                self.after(latency, Event::LookUp { host, life, topic, since: now });
            }
            Action::Exit => self.exit(host),
            Action::Die => self.dies(host),
            Action::CallBegan { call, token } => self.journal.began(call, token, now),
            Action::CallEnded { call, outcome } => self.call_ended(host, call, outcome),
            Action::RunBegan { partition, offset, token } => self.run_began(host, partition, offset, token),
            Action::RunEnded { token, answered, .. } => self.run_ended(token, answered),
            Action::Disposed { partition, offset, body, disposal } => {
                self.disposed(host, partition, offset, body, disposal);
            }
        }
    }
}
