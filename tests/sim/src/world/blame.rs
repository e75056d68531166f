//! What is checked of requests that end their processes, and who is a member still.

use super::World;
use crate::fault::FaultKind;
use crate::invariant::Invariant;
use crate::record::{Fault, Kind, Topic, Work};

/// How many processes a request may end until it is found, with nothing else amiss: two before the
/// search begins, and two while it runs alone.
const DEATHS: u8 = 4;

impl World<'_> {
    /// What is said to have ended its processes did, where nothing else ends any.
    pub(super) fn check_blame(&mut self, partition: i32, offset: i64, kind: Kind, work: Work) {
        let blamed = matches!(kind, Kind::Dead { reason: Fault::Crashed, .. });
        if blamed && !matches!(work, Work::Kills(_)) && self.plan.faults.iter().all(|it| it.kind == FaultKind::Poison) {
            self.journal.violate(Invariant::I4, self.now, || {
                format!("{partition}@{offset} is said to have ended its processes, and did not")
            });
        }
    }

    /// A handler ended its process: no request ends more than it takes to find it.
    pub(super) fn check_deaths(&mut self, host: usize) {
        let killers = self.topics.get(Topic::Requests).logs.iter().zip(0..).flat_map(|(log, partition)| {
            let entries = log.entries.iter().zip(log.start..);
            entries.map(move |(entry, offset)| (partition, offset, entry))
        });
        let now = self.now;
        let mut killers = killers.filter(|(.., entry)| matches!(entry.record.work, Work::Kills(_)));
        let Some((partition, offset, runs)) = killers
            .find(|(.., entry)| entry.fate.runner.is_some_and(|it| it.host == host))
            .map(|(partition, offset, entry)| (partition, offset, entry.fate.runs))
        else {
            return;
        };
        if runs > DEATHS && self.plan.faults.iter().all(|it| it.kind == FaultKind::Poison) {
            self.journal.violate(Invariant::I9, now, || format!("{partition}@{offset} ended {runs} processes"));
        }
    }

    /// Whether this process is a member no more, whether or not it has heard so.
    pub(super) fn group_has_given_up(&self, host: usize) -> bool {
        self.hosts[host].member.id.is_none_or(|id| !self.group.members.iter().any(|it| it.id == id))
    }
}
