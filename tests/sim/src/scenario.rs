//! Histories with one kind of trouble each: green as the cores are, red with the rule that once was.

use crate::fault::FaultKind as F;
use crate::invariant::Invariant;
use crate::plan::Plan;
use crate::plants::plant;
use crate::run::{history, real};

/// Histories of each scenario.
const SEEDS: u64 = 150;

fn reds(kinds: &[F], planted: Option<&'static str>) -> Vec<(u64, Invariant, String)> {
    plant(planted);
    let red = |seed| {
        let violation = history(Plan::scenario(seed, kinds), real, None).violation?;
        Some((seed, violation.invariant, violation.what))
    };
    let found = (0..SEEDS).filter_map(red).collect();
    plant(None);
    found
}

/// Green as it is; red by one of these invariants with the old rule.
fn holds(kinds: &[F], old_rules: &[&'static str], by: &[Invariant]) {
    let red = reds(kinds, None);
    assert!(red.is_empty(), "{kinds:?}: {:?}", &red[..red.len().min(3)]);
    for rule in old_rules {
        let red = reds(kinds, Some(rule));
        assert!(red.iter().any(|(_, invariant, _)| by.contains(invariant)), "{rule:?} broke nothing: {red:?}");
    }
}

#[test]
fn a_topic_that_is_made_anew_loses_nothing() {
    holds(&[F::RecreateRequests], &["topic ignored"], &[Invariant::I7, Invariant::I8]);
}

#[test]
fn a_log_that_lost_its_end_is_read_on() {
    holds(&[F::LoseEnd], &["back is ignored"], &[Invariant::I5, Invariant::I7, Invariant::I8]);
}

#[test]
fn no_call_fails_while_request_partitions_are_added() {
    holds(&[F::GrowRequests], &["new partition at once"], &[Invariant::I8]);
}

#[test]
fn no_call_fails_while_reply_partitions_are_added() {
    holds(&[F::GrowReplies], &["no look-up"], &[Invariant::I8]);
}

#[test]
fn a_partition_without_a_leader_is_nobody_elses_trouble() {
    holds(&[F::ReplyLeaderless], &["one lane for all"], &[Invariant::I8]);
    holds(&[F::RequestLeaderless], &["one lane for all"], &[Invariant::I8]);
}

#[test]
fn a_clean_stop_repeats_nothing_that_still_runs() {
    holds(&[F::RollServers], &["running forgotten"], &[Invariant::I5]);
}

#[test]
fn a_request_that_ends_its_process_costs_the_others_nothing() {
    holds(&[F::Poison], &["no quarantine"], &[Invariant::I8, Invariant::I6, Invariant::I9]);
}

#[test]
fn what_is_sent_after_a_stall_says_what_time_is_left() {
    holds(&[F::FreezeBroker], &["time left not measured at the hand-over"], &[Invariant::I4]);
    holds(&[F::FreezeBroker, F::Overload], &["window without bound"], &[Invariant::I6]);
}
