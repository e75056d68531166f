//! What a process of the model sees of its brokers, told as the library tells it of real ones: what
//! is held against the model (`accept`) has to allow the model itself.

use std::fmt::Write as _;

use super::World;
use crate::cx::Action;
use crate::input::{Input, Refused};
use crate::record::Topic;

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Requests => "requests",
        Topic::Replies => "replies",
        Topic::Dead => "dead",
    }
}

impl World<'_> {
    /// A line of a trace. Only where somebody hears it.
    fn tell_line(&mut self, host: usize, event: &str, fields: &str) {
        let life = self.hosts[host].life;
        self.trace(|| format!("{{\"process\":\"p{host}.{life}\",\"event\":\"{event}\"{fields}}}"));
    }

    /// The process as a member: who it is in the group.
    fn seat(&self, host: usize) -> Option<String> {
        let member = &self.hosts[host].member;
        let id = named(member.instance, member.id?);
        Some(format!("{OF_GROUP},\"member\":\"{id}\",\"generation\":{}", member.generation))
    }

    /// A record was acknowledged.
    pub(super) fn tell_append(&mut self, host: usize, of: Topic, partition: i32, offset: i64) {
        if self.tracer.is_some() {
            self.tell_line(host, "append", &format!("{},\"offset\":{offset}", place(of, partition)));
        }
    }

    /// A member is none any more: it was fenced, or lost its session.
    pub(super) fn tell_out(&mut self, host: usize, event: &str, id: u64) {
        if self.tracer.is_some() {
            let member = named(self.hosts[host].member.instance, id);
            self.tell_line(host, event, &format!("{OF_GROUP},\"member\":\"{member}\""));
        }
    }

    /// What a process hears.
    pub(super) fn tell_input(&mut self, host: usize, input: &Input) {
        if self.tracer.is_none() {
            return;
        }
        match input {
            Input::Assigned(partitions) => {
                if let Some(seat) = self.seat(host) {
                    let of = format!("{seat},\"topic\":\"requests\",\"partitions\":{partitions:?}");
                    self.tell_line(host, "assigned", &of);
                }
            }
            Input::Record { topic: Topic::Requests, partition, offset, .. } => {
                self.tell_line(host, "read", &format!("{},\"offset\":{offset}", place(Topic::Requests, *partition)));
            }
            Input::End { topic, partition, offset: Some(offset) } => {
                self.tell_line(host, "end", &format!("{},\"offset\":{offset}", place(*topic, *partition)));
            }
            Input::Committed(Some(list)) => {
                for (partition, committed) in list {
                    let mut of = format!("{OF_GROUP}{}", place(Topic::Requests, *partition));
                    if let Some(committed) = committed {
                        let _ = write!(of, ",\"offset\":{}", committed.offset);
                    }
                    self.tell_line(host, "committed", &of);
                }
            }
            Input::CommitDone { id } => self.tell_answer(host, *id, "taken"),
            Input::CommitRefused { id, why } => {
                let outcome = match why {
                    Refused::Fenced => "fenced",
                    Refused::NoAnswer => "unknown",
                    _ => "refused",
                };
                self.tell_answer(host, *id, outcome);
            }
            _ => {}
        }
    }

    fn tell_answer(&mut self, host: usize, number: u64, outcome: &str) {
        let of = format!("{OF_GROUP},\"number\":{number},\"outcome\":\"{outcome}\"");
        self.tell_line(host, "commit_answered", &of);
    }

    /// What a process does.
    pub(super) fn tell_action(&mut self, host: usize, action: &Action) {
        if self.tracer.is_none() {
            return;
        }
        match action {
            Action::Assign { topic, partition, .. } => self.tell_line(host, "seek", &place(*topic, *partition)),
            Action::EndOffset { topic, partition } => self.tell_line(host, "asking_end", &place(*topic, *partition)),
            Action::AskCommitted { partitions } => {
                for partition in partitions {
                    let of = format!("{OF_GROUP}{}", place(Topic::Requests, *partition));
                    self.tell_line(host, "asking_committed", &of);
                }
            }
            Action::Commit { id, list, .. } => {
                let Some(seat) = self.seat(host) else { return };
                for (partition, committed) in list {
                    let at = place(Topic::Requests, *partition);
                    let of = format!("{seat}{at},\"number\":{id},\"offset\":{}", committed.offset);
                    self.tell_line(host, "committing", &of);
                }
            }
            _ => {}
        }
    }
}

const OF_GROUP: &str = ",\"group\":\"g\"";

fn place(of: Topic, partition: i32) -> String {
    format!(",\"topic\":\"{}\",\"partition\":{partition}", topic(of))
}

/// As a broker names members: after their instance, if they have one, with something of its own.
fn named(instance: Option<u32>, id: u64) -> String {
    match instance {
        Some(instance) => format!("i{instance}-{id:036}"),
        None => format!("m{id}-{id:036}"),
    }
}
