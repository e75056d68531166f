//! Each anomaly is caught, and by the invariant that names it.

use super::*;

const BOUNDS: Bounds = Bounds { lateness: 100, recovery: 1_000, consecutive: 3, repeats: None, memory: 100 };

fn at(at: Micros, event: Event) -> Entry {
    Entry { at, event }
}

fn end(id: u64, outcome: Outcome) -> Event {
    Event::End { id, outcome, value: answer_to(id), reason: String::new() }
}

/// Ten calls, the third in the fault; all well.
fn healthy() -> History {
    let (mut caller, mut server) = (Process::default(), Process::default());
    (caller.name, server.name) = ("caller".to_owned(), "server".to_owned());
    let mut partition = Partition { committed: Some(9), read: 9, end: 9, ..Partition::default() };
    caller.journal.push(at(0, Event::Memory { kib: 1_000 }));
    for id in 0..10 {
        let began = 1_000 + id * 100;
        caller.journal.push(at(began, Event::Call { id, deadline: began + 50 }));
        if id == 2 {
            caller.journal.push(at(began + 40, end(id, Outcome::NotSent)));
            continue;
        }
        partition.requests.push((i64::try_from(partition.requests.len()).unwrap(), id));
        server.journal.push(at(began + 10, Event::Run { id }));
        server.journal.push(at(began + 20, Event::Done { id }));
        caller.journal.push(at(began + 40, end(id, Outcome::Ok)));
    }
    caller.journal.push(at(3_000, Event::Memory { kib: 1_050 }));
    for process in [&mut caller, &mut server] {
        process.journal.push(at(3_000, Event::Left));
        process.ended_well = true;
    }
    History {
        callers: vec![caller],
        servers: vec![server],
        partitions: BTreeMap::from([(0, partition)]),
        fault: 1_150,
        well: 1_350,
        leaked: Vec::new(),
    }
}

/// The invariants that are violated once a history was changed.
fn violated(change: impl FnOnce(&mut History)) -> Vec<&'static str> {
    violated_within(BOUNDS, change)
}

fn violated_within(bounds: Bounds, change: impl FnOnce(&mut History)) -> Vec<&'static str> {
    let mut history = healthy();
    change(&mut history);
    check(&history, bounds).violations.into_iter().map(|violation| violation.invariant).collect()
}

/// Puts another event in place of the end of a call.
fn ends(history: &mut History, call: u64, events: &[Entry]) {
    let journal = &mut history.callers[0].journal;
    let place = journal.iter().position(|entry| matches!(entry.event, Event::End { id, .. } if id == call)).unwrap();
    journal.splice(place..=place, events.iter().cloned());
}

fn never_ran(history: &mut History, call: u64) {
    history.servers[0]
        .journal
        .retain(|entry| !matches!(entry.event, Event::Run { id } | Event::Done { id } if id == call));
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert!(violated(|_| {}).is_empty());
    let sums = check(&healthy(), BOUNDS);
    assert_eq!((sums.calls, sums.ok, sums.not_sent, sums.runs, sums.repeats), (10, 9, 1, 9, 0));
    assert_eq!(sums.recovered, Some(60), "the server's first run is later than the caller's first call");
}

#[test]
fn a_call_without_an_end_is_caught() {
    assert_eq!(violated(|history| ends(history, 1, &[])), ["I1"]);
}

#[test]
fn a_call_with_two_ends_is_caught() {
    let twice = [at(1_140, end(1, Outcome::Ok)), at(1_141, end(1, Outcome::Ok))];
    assert_eq!(violated(|history| ends(history, 1, &twice)), ["I1"]);
}

#[test]
fn a_call_that_is_told_long_after_its_deadline_is_caught() {
    assert_eq!(violated(|history| ends(history, 1, &[at(1_300, end(1, Outcome::Ok))])), ["I1"]);
}

#[test]
fn an_answer_of_another_call_is_caught() {
    let other = Event::End { id: 1, outcome: Outcome::Ok, value: answer_to(2), reason: String::new() };
    assert_eq!(violated(|history| ends(history, 1, &[at(1_140, other)])), ["I2"]);
}

#[test]
fn a_success_that_no_handler_finished_is_caught() {
    let unfinished = |history: &mut History| {
        history.servers[0].journal.retain(|entry| entry.event != Event::Done { id: 1 });
    };
    assert_eq!(violated(unfinished), ["I3"]);
}

#[test]
fn a_call_that_ran_and_is_said_not_to_be_sent_is_caught() {
    assert_eq!(violated(|history| ends(history, 1, &[at(1_140, end(1, Outcome::NotSent))])), ["I4"]);
    assert_eq!(violated(|history| ends(history, 1, &[at(1_140, end(1, Outcome::Refused))])), ["I4"]);
    assert!(violated(|history| ends(history, 1, &[at(1_140, end(1, Outcome::Unknown))])).is_empty());
}

#[test]
fn an_end_that_no_fault_makes_is_caught() {
    assert_eq!(violated(|history| ends(history, 2, &[at(1_240, end(2, Outcome::Wrong))])), ["I4"]);
}

#[test]
fn a_second_run_is_caught_where_nothing_explains_it() {
    let twice = |history: &mut History| history.servers[0].journal.push(at(1_200, Event::Run { id: 1 }));
    assert_eq!(violated(twice), ["I5"]);
    assert!(violated_within(Bounds { repeats: Some("a kill"), ..BOUNDS }, twice).is_empty());
}

#[test]
fn memory_that_is_not_given_back_is_caught() {
    assert_eq!(violated(|history| history.callers[0].journal.push(at(3_000, Event::Memory { kib: 2_000 }))), ["I6"]);
}

#[test]
fn a_committed_request_that_never_ran_is_caught() {
    let lost = |history: &mut History| {
        never_ran(history, 1);
        ends(history, 1, &[at(1_140, end(1, Outcome::Unknown))]);
    };
    assert_eq!(violated(lost), ["I7"]);
    let expired = |history: &mut History| {
        lost(history);
        history.servers[0].journal.push(at(3_000, Event::Counted { name: "expired".to_owned(), value: 1 }));
    };
    assert!(violated(expired).is_empty());
}

#[test]
fn a_request_that_a_clean_stop_leaves_behind_is_caught() {
    assert_eq!(violated(|history| history.partitions.get_mut(&0).unwrap().read = 8), ["I7"]);
    let noted = |history: &mut History| history.partitions.get_mut(&0).unwrap().committed = Some(3);
    assert!(violated(noted).is_empty(), "the next owner knows of them");
}

#[test]
fn a_caller_that_does_not_recover_is_caught() {
    let dead = |history: &mut History| {
        for id in 3..10 {
            ends(history, id, &[at(1_040 + id * 100, end(id, Outcome::Unknown))]);
        }
    };
    assert_eq!(violated(dead), ["I8"]);
}

#[test]
fn a_caller_that_recovers_too_late_or_falls_back_is_caught() {
    let slow = Bounds { recovery: 300, ..BOUNDS };
    let late = |history: &mut History| {
        for id in 3..7 {
            ends(history, id, &[at(1_040 + id * 100, end(id, Outcome::Unknown))]);
        }
    };
    assert_eq!(violated_within(slow, late), ["I8"]);
    assert_eq!(violated_within(slow, |history| ends(history, 8, &[at(1_840, end(8, Outcome::Unknown))])), ["I8"]);
}

#[test]
fn a_server_that_runs_nothing_any_more_is_caught() {
    let second = |history: &mut History| {
        let mut idle = history.servers[0].clone();
        idle.journal.retain(|entry| entry.at < 1_300 || entry.event == Event::Left);
        for entry in &mut idle.journal {
            if let Event::Run { id } | Event::Done { id } = &mut entry.event {
                *id += 1_000;
            }
        }
        history.servers.push(idle);
    };
    assert_eq!(violated(second), ["I8"]);
}

#[test]
fn a_process_that_does_not_end_well_is_caught() {
    assert_eq!(violated(|history| history.servers[0].ended_well = false), ["I9"]);
    assert_eq!(violated(|history| history.callers[0].journal.retain(|entry| entry.event != Event::Left)), ["I9"]);
}

#[test]
fn a_word_in_a_log_is_caught() {
    assert_eq!(violated(|history| history.leaked.push("canary".to_owned())), ["I10"]);
}
