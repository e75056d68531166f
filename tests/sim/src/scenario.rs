//! Histories with one kind of trouble each: green as the cores are, red with the rule that once was.

use crate::fault::FaultKind::{self, *};
use crate::plan::{Plan, Shape};
use crate::planted::Trouble;
use crate::plants::{known, plant};
use crate::run::{history, real};

/// Histories of each scenario.
pub(crate) const SEEDS: u64 = 150;

/// One kind of trouble.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scenario {
    name: &'static str,
    kinds: &'static [FaultKind],
    shape: Shape,
    old_rule: &'static str,
}

impl Scenario {
    /// Green as it is; red with the old rule, by what has to catch that.
    pub(crate) fn run(&self) -> Trouble {
        let by = known(self.old_rule).map_or(&[][..], |plant| plant.by);
        let first = |planted: Option<&'static str>| {
            (0..SEEDS).find_map(|seed| {
                plant(planted);
                let violation = history(Plan::shaped(seed, self.kinds, self.shape), real, None).violation;
                plant(None);
                let wanted = |invariant| planted.is_none() || by.contains(&invariant);
                violation.filter(|it| wanted(it.invariant)).map(|it| (seed, it))
            })
        };
        Trouble {
            says: self.name.replace('_', " "),
            old_rule: self.old_rule,
            red: first(None),
            caught: first(Some(self.old_rule)),
        }
    }
}

macro_rules! scenarios {
    ($($name:ident: [$($kind:ident),*] $shape:ident, $rule:literal;)*) => {
        /// All of them.
        pub(crate) const SCENARIOS: &[Scenario] = &[$(Scenario {
            name: stringify!($name),
            kinds: &[$($kind),*],
            shape: Shape::$shape,
            old_rule: $rule,
        }),*];

        #[cfg(test)]
        mod tests {
            use super::*;

            $(#[test]
            fn $name() {
                let scenario = SCENARIOS.iter().find(|it| it.name == stringify!($name));
                let found = scenario.map(Scenario::run);
                assert!(found.as_ref().is_some_and(Trouble::holds), "{found:?}");
            })*
        }
    };
}

scenarios! {
    a_topic_that_is_made_anew_loses_nothing: [RecreateRequests] Drawn, "topic ignored";
    what_was_committed_for_a_topic_that_is_gone_is_not_believed: [RecreateRequests] Drawn, "topic at start ignored";
    a_log_that_lost_its_end_is_read_on: [LoseEnd] Drawn, "back is ignored";
    no_call_fails_while_request_partitions_are_added: [GrowRequests] Drawn, "new partition at once";
    no_call_fails_while_reply_partitions_are_added: [GrowReplies] Drawn, "no look-up";
    a_reply_partition_without_a_leader_is_nobody_elses_trouble: [ReplyLeaderless] Drawn, "one lane for all";
    a_request_partition_without_a_leader_is_nobody_elses_trouble: [RequestLeaderless] Drawn, "one lane for all";
    a_partition_that_is_stuck_leaves_room_for_the_others: [RequestLeaderless] Crowd, "no shares";
    a_clean_stop_repeats_nothing_that_still_runs: [RollServers] Drawn, "running forgotten";
    a_request_that_ends_its_process_ends_few: [Poison] Drawn, "no quarantine";
    a_long_request_that_was_there_at_two_crashes_holds_nobody_up: [] KilledTwice, "waits for what runs alone";
    what_is_sent_after_a_stall_says_what_time_is_left: [FreezeBroker] Drawn, "time left not measured at the hand-over";
    no_more_is_handed_over_at_a_stall_than_was_acknowledged: [FreezeBroker, Overload] Drawn, "window without bound";
}
