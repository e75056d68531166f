//! What a member of the consumer group does with the partitions that it is given.
//!
//! Events go in as methods, and [`Member::poll`] says what is to be done next until it says nothing
//! more. Partitions move at once: what runs when they are taken away is named in the last commit,
//! goes on here, and is answered from here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How often what was finished is committed.
const COMMIT: Duration = Duration::from_millis(200);

/// How long a commit may be under way before it counts as refused.
const COMMIT_ANSWER: Duration = Duration::from_secs(5);

/// How often it is asked whether the topic is still the same.
const CHECK: Duration = Duration::from_secs(3);

/// How long the last commit of a member that stops may take, within its drain.
const STOP_COMMIT: Duration = Duration::from_secs(3);

/// How long a last commit that was refused is not repeated.
const COMMIT_AGAIN: Duration = Duration::from_millis(50);

/// How long a look-up that failed is not repeated.
const LOOK_UP_AGAIN: Duration = Duration::from_millis(200);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MemberAction {
    /// Ask what is committed for these partitions, and which topic this is; then
    /// [`looked_up`](Member::looked_up), and reading starts.
    LookUp(Vec<i32>),
    /// Take nothing more in, and drop what has not been started.
    StopTaking,
    /// Commit what the partitions say; then [`commit_result`](Member::commit_result). With `leaving`
    /// it is the last one, and is waited for.
    Commit {
        number: u64,
        leaving: bool,
    },
    /// The answer to a commit did not come: it is refused, as far as the partitions know.
    CommitLost,
    /// Give all partitions up. What runs goes on, and is committed no more.
    Unassign,
    /// Leave the group.
    Leave,
    /// Stop reading, for there is no room.
    Pause,
    Resume,
    /// Ask which topic this is.
    CheckTopic,
    /// It is over: nothing else is ever to be done.
    End,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommitOutcome {
    /// The broker has it, or there was nothing to commit.
    Taken,
    /// It may be taken later.
    Refused,
    /// None of this member's will be taken any more.
    Over,
}

/// What the member has to know of the rest.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View {
    /// Whether there is no room for more records.
    pub(crate) full: bool,
    /// Requests that were taken in and are not finished.
    pub(crate) unfinished: usize,
    /// Whether a partition waits for a commit.
    pub(crate) wants_commit: bool,
    /// Whether a partition waits to be told which topic this is.
    pub(crate) wants_topic: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// No partition is ours.
    Waiting,
    /// Partitions are ours, and not read yet.
    LookingUp {
        partitions: Vec<i32>,
        again: Instant,
    },
    Reading,
    /// They are being given up, with a last commit that may take until then.
    Leaving {
        until: Instant,
        again: Instant,
    },
    /// The group was left, and what runs may go on until then.
    Draining {
        until: Instant,
    },
    Over,
}

/// A member of the group.
#[derive(Debug)]
pub(crate) struct Member {
    state: State,
    pending: VecDeque<MemberAction>,
    /// How long the last commit before partitions go may take.
    last_commit: Duration,
    /// When what runs is to be over, once the member was told to stop.
    stop: Option<Instant>,
    paused: bool,
    committed: Instant,
    checked: Instant,
    /// Whether a partition waited to be told which topic this is.
    topic_wanted: bool,
    /// The commit under way.
    in_flight: Option<(u64, Instant)>,
    /// Whether the last commit was refused: the next one is not hurried.
    refused: bool,
    number: u64,
    /// How long a member may be silent before it may be a member no more.
    session: Duration,
    /// When it was last seen to go on.
    awake: Instant,
}

impl Member {
    pub(crate) fn new(last_commit: Duration, session: Duration, now: Instant) -> Self {
        Self {
            state: State::Waiting,
            pending: VecDeque::new(),
            last_commit,
            stop: None,
            paused: false,
            committed: now,
            checked: now,
            topic_wanted: false,
            in_flight: None,
            refused: false,
            number: 0,
            session,
            awake: now,
        }
    }

    /// To be called before anything else at any time. Says whether the process has stood still for
    /// so long that partitions may be somebody else's by now, and they are to
    /// [doubt](super::Partition::doubt) that they are ours.
    #[must_use]
    pub(crate) fn wake(&mut self, now: Instant) -> bool {
        let stood = now.saturating_duration_since(std::mem::replace(&mut self.awake, now));
        stood >= self.session / 2 && self.state == State::Reading
    }

    /// The group gave us these partitions, and no others.
    pub(crate) fn assigned(&mut self, partitions: Vec<i32>, now: Instant) {
        if self.stop.is_none() {
            self.state = State::LookingUp { partitions, again: now };
        }
    }

    /// What was asked for is known, and reading starts.
    pub(crate) fn looked_up(&mut self, now: Instant) {
        if matches!(self.state, State::LookingUp { .. }) {
            self.state = State::Reading;
            // What is assigned is not paused, whatever was before.
            self.paused = false;
            self.committed = now;
            self.checked = now;
            self.in_flight = None;
            self.refused = false;
        }
    }

    /// The group takes all partitions back.
    pub(crate) fn revoked(&mut self, now: Instant) {
        match self.state {
            State::Reading => self.begin_to_leave(now + self.last_commit, now),
            State::LookingUp { .. } => self.give_up(),
            // The group waits for an answer, whatever there is to give up.
            State::Waiting => self.pending.push_back(MemberAction::Unassign),
            State::Leaving { .. } | State::Draining { .. } | State::Over => {}
        }
    }

    /// The session is lost: others may have the partitions already, and nothing can be committed.
    pub(crate) fn lost(&mut self) {
        match self.state {
            State::Reading => {
                self.pending.push_back(MemberAction::StopTaking);
                self.give_up();
            }
            State::Waiting | State::LookingUp { .. } | State::Leaving { .. } => self.give_up(),
            State::Draining { .. } | State::Over => {}
        }
    }

    /// The member is to leave; what runs may go on until then.
    pub(crate) fn stop(&mut self, until: Instant, now: Instant) {
        let first = self.stop.is_none();
        let until = self.stop.map_or(until, |earlier| earlier.min(until));
        self.stop = Some(until);
        match &mut self.state {
            State::Draining { until: draining } => *draining = until,
            State::Reading => {
                let last_commit = until.min(now + STOP_COMMIT).max(now + self.last_commit);
                self.begin_to_leave(last_commit, now);
            }
            State::Waiting | State::LookingUp { .. } if first => self.give_up(),
            _ => {}
        }
    }

    fn begin_to_leave(&mut self, until: Instant, now: Instant) {
        self.pending.push_back(MemberAction::StopTaking);
        // A commit under way is followed by the last one, which says more.
        self.in_flight = None;
        self.state = State::Leaving { until, again: now };
        if planted!("no last commit") {
            self.give_up();
        } else {
            self.commit(now, true);
        }
    }

    /// Gives the partitions up, and leaves the group where that was asked for.
    fn give_up(&mut self) {
        self.in_flight = None;
        self.pending.push_back(MemberAction::Unassign);
        self.state = State::Waiting;
        self.paused = false;
        if let Some(until) = self.stop {
            self.pending.push_back(MemberAction::Leave);
            self.state = State::Draining { until };
        }
    }

    fn commit(&mut self, now: Instant, leaving: bool) {
        self.number += 1;
        self.in_flight = Some((self.number, now));
        self.pending.push_back(MemberAction::Commit { number: self.number, leaving });
    }

    /// What became of a commit. Whether it is one that the partitions are to hear of: what is heard
    /// late is of another time.
    pub(crate) fn commit_result(&mut self, number: u64, outcome: CommitOutcome, now: Instant) -> bool {
        if self.in_flight.is_none_or(|(of, _)| of != number) {
            return false;
        }
        self.in_flight = None;
        self.refused = outcome != CommitOutcome::Taken;
        if let State::Leaving { until, again } = &mut self.state {
            *again = now + COMMIT_AGAIN;
            if outcome != CommitOutcome::Refused || now >= *until {
                self.give_up();
            }
        }
        true
    }

    /// What is to be done next, if anything is.
    pub(crate) fn poll(&mut self, now: Instant, view: View) -> Option<MemberAction> {
        if let Some(action) = self.pending.pop_front() {
            return Some(action);
        }
        match &mut self.state {
            State::LookingUp { partitions, again } if *again <= now => {
                *again = now + LOOK_UP_AGAIN;
                return Some(MemberAction::LookUp(partitions.clone()));
            }
            State::Reading => return self.poll_reading(now, view),
            State::Leaving { until, again } => {
                let due = *again <= now;
                if now >= *until {
                    self.give_up();
                } else if self.in_flight.is_none() && due {
                    self.commit(now, true);
                }
            }
            State::Draining { until } if view.unfinished == 0 || *until <= now || planted!("no drain") => {
                self.state = State::Over;
                return Some(MemberAction::End);
            }
            State::Over => return Some(MemberAction::End),
            _ => {}
        }
        self.pending.pop_front()
    }

    fn poll_reading(&mut self, now: Instant, view: View) -> Option<MemberAction> {
        if view.full != self.paused && !(self.paused && planted!("never resumed")) {
            self.paused = view.full;
            return Some(if view.full { MemberAction::Pause } else { MemberAction::Resume });
        }
        if self.in_flight.is_some_and(|(_, since)| now.saturating_duration_since(since) >= COMMIT_ANSWER) {
            self.in_flight = None;
            self.refused = true;
            return Some(MemberAction::CommitLost);
        }
        let wanted = view.wants_commit && !self.refused;
        let due = wanted || now.saturating_duration_since(self.committed) >= COMMIT;
        if self.in_flight.is_none() && due {
            self.committed = now;
            self.commit(now, false);
            return self.pending.pop_front();
        }
        let since = now.saturating_duration_since(self.checked);
        let asked = std::mem::replace(&mut self.topic_wanted, view.wants_topic);
        let wanted = view.wants_topic && (!asked || since >= LOOK_UP_AGAIN);
        if since >= CHECK || wanted {
            self.checked = now;
            return Some(MemberAction::CheckTopic);
        }
        None
    }

    /// The latest time at which [`poll`](Self::poll) has to be called again, where nothing happens
    /// before.
    pub(crate) fn wake_at(&self, now: Instant) -> Option<Instant> {
        match &self.state {
            State::Waiting | State::Over => None,
            State::LookingUp { again, .. } => Some(*again),
            State::Reading => {
                let commit = self.in_flight.map_or(self.committed + COMMIT, |(_, since)| since + COMMIT_ANSWER);
                Some(commit.min(self.checked + CHECK).max(now))
            }
            State::Leaving { until, again } => Some(if self.in_flight.is_none() { *again } else { *until }),
            State::Draining { until } => Some(*until),
        }
    }

    /// Whether partitions are read.
    pub(crate) fn reads(&self) -> bool {
        self.state == State::Reading
    }

    /// Whether reading is paused, for want of room.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    /// Whether the member was told to leave.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_some()
    }

    /// Whether something is due that no record announces.
    pub(crate) fn is_urgent(&self) -> bool {
        self.paused || matches!(self.state, State::LookingUp { .. } | State::Leaving { .. } | State::Draining { .. })
    }
}

#[cfg(all(test, not(bus_sim)))]
mod tests {
    use super::*;

    const BRIEF: Duration = Duration::from_millis(1);

    struct Rig {
        member: Member,
        now: Instant,
        view: View,
    }

    impl Rig {
        fn new() -> Self {
            let now = Instant::now();
            Self {
                member: Member::new(Duration::from_millis(500), Duration::from_secs(6), now),
                now,
                view: View::default(),
            }
        }

        fn reading() -> Self {
            let mut rig = Self::new();
            rig.member.assigned(vec![0, 1], rig.now);
            assert_eq!(rig.poll(), [MemberAction::LookUp(vec![0, 1])]);
            rig.member.looked_up(rig.now);
            rig
        }

        fn poll(&mut self) -> Vec<MemberAction> {
            let mut actions = Vec::new();
            while let Some(action) = self.member.poll(self.now, self.view) {
                let over = action == MemberAction::End;
                actions.push(action);
                if over {
                    break;
                }
            }
            actions
        }

        fn after(&mut self, millis: u64) -> Vec<MemberAction> {
            self.now += Duration::from_millis(millis);
            self.poll()
        }

        fn stop(&mut self, millis: u64) -> Vec<MemberAction> {
            self.member.stop(self.now + Duration::from_millis(millis), self.now);
            self.poll()
        }
    }

    fn commit(number: u64, leaving: bool) -> MemberAction {
        MemberAction::Commit { number, leaving }
    }

    #[test]
    fn nothing_is_read_before_it_is_known_what_is_committed() {
        let mut rig = Rig::new();
        assert_eq!(rig.poll(), []);
        rig.member.assigned(vec![2], rig.now);
        assert_eq!(rig.poll(), [MemberAction::LookUp(vec![2])]);
        assert!(!rig.member.reads());
        assert_eq!(rig.after(100), []);
        assert_eq!(rig.after(100), [MemberAction::LookUp(vec![2])], "nobody answered");
        rig.member.looked_up(rig.now);
        assert!(rig.member.reads());
    }

    #[test]
    fn what_was_finished_is_committed_now_and_then_one_commit_at_a_time() {
        let mut rig = Rig::reading();
        assert_eq!(rig.after(199), []);
        assert_eq!(rig.after(1), [commit(1, false)]);
        assert_eq!(rig.after(400), []);
        assert!(rig.member.commit_result(1, CommitOutcome::Taken, rig.now));
        assert_eq!(rig.poll(), [commit(2, false)]);
        assert!(!rig.member.commit_result(1, CommitOutcome::Refused, rig.now), "of another time");
        assert_eq!(rig.after(5_000), [MemberAction::CommitLost, commit(3, false), MemberAction::CheckTopic]);
    }

    #[test]
    fn a_commit_that_is_waited_for_is_made_at_once_but_not_again_and_again() {
        let mut rig = Rig::reading();
        rig.view.wants_commit = true;
        assert_eq!(rig.poll(), [commit(1, false)]);
        rig.member.commit_result(1, CommitOutcome::Refused, rig.now);
        assert_eq!(rig.after(1), []);
        assert_eq!(rig.after(200), [commit(2, false)]);
    }

    #[test]
    fn partitions_that_are_taken_back_go_at_once_behind_a_last_commit_whatever_runs() {
        let mut rig = Rig::reading();
        rig.view.unfinished = 7;
        rig.member.revoked(rig.now);
        assert_eq!(rig.poll(), [MemberAction::StopTaking, commit(1, true)]);
        assert!(rig.member.commit_result(1, CommitOutcome::Taken, rig.now));
        assert_eq!(rig.poll(), [MemberAction::Unassign]);
        assert_eq!(rig.after(10_000), [], "nothing is committed for what is not ours");
    }

    #[test]
    fn a_last_commit_that_is_refused_is_made_again_for_so_long() {
        let mut rig = Rig::reading();
        rig.member.revoked(rig.now);
        rig.poll();
        rig.member.commit_result(1, CommitOutcome::Refused, rig.now);
        assert_eq!(rig.after(49), []);
        assert_eq!(rig.after(1), [commit(2, true)]);
        rig.member.commit_result(2, CommitOutcome::Refused, rig.now);
        assert_eq!(rig.after(450), [MemberAction::Unassign]);

        let mut rig = Rig::reading();
        rig.member.revoked(rig.now);
        rig.poll();
        rig.member.commit_result(1, CommitOutcome::Over, rig.now);
        assert_eq!(rig.poll(), [MemberAction::Unassign]);
    }

    #[test]
    fn with_the_session_nothing_is_committed() {
        let mut rig = Rig::reading();
        rig.member.lost();
        assert_eq!(rig.poll(), [MemberAction::StopTaking, MemberAction::Unassign]);
        // Lost while the last commit is waited for.
        let mut rig = Rig::reading();
        rig.member.revoked(rig.now);
        rig.poll();
        rig.member.lost();
        assert_eq!(rig.poll(), [MemberAction::Unassign]);
        assert!(!rig.member.commit_result(1, CommitOutcome::Taken, rig.now));
        assert_eq!(rig.poll(), []);
    }

    #[test]
    fn a_member_that_stops_leaves_at_once_and_lets_what_runs_go_on() {
        let mut rig = Rig::reading();
        rig.view.unfinished = 1;
        assert_eq!(rig.stop(10_000), [MemberAction::StopTaking, commit(1, true)]);
        rig.member.commit_result(1, CommitOutcome::Taken, rig.now);
        assert_eq!(rig.poll(), [MemberAction::Unassign, MemberAction::Leave]);
        assert_eq!(rig.after(3_000), []);
        rig.view.unfinished = 0;
        assert_eq!(rig.poll(), [MemberAction::End]);
        assert_eq!(rig.after(10_000), [MemberAction::End], "and nothing else any more");
    }

    #[test]
    fn a_member_that_stops_waits_no_longer_than_it_was_told() {
        let mut rig = Rig::reading();
        rig.view.unfinished = 1;
        rig.stop(10_000);
        rig.member.commit_result(1, CommitOutcome::Taken, rig.now);
        rig.poll();
        assert_eq!(rig.stop(2_000), [], "told again, to be quicker");
        assert_eq!(rig.stop(60_000), [], "and not to be slower");
        assert_eq!(rig.after(1_999), []);
        assert_eq!(rig.after(1), [MemberAction::End]);
    }

    #[test]
    fn a_member_without_partitions_leaves_too() {
        let mut rig = Rig::new();
        assert_eq!(rig.stop(1_000), [MemberAction::Unassign, MemberAction::Leave, MemberAction::End]);
        let mut rig = Rig::new();
        rig.member.assigned(vec![0], rig.now);
        assert_eq!(rig.stop(1_000), [MemberAction::Unassign, MemberAction::Leave, MemberAction::End]);
        rig.member.looked_up(rig.now);
        assert!(!rig.member.reads());
    }

    #[test]
    fn reading_pauses_without_room_and_a_partition_that_comes_back_is_not_paused() {
        let mut rig = Rig::reading();
        rig.view.full = true;
        assert_eq!(rig.after(1), [MemberAction::Pause]);
        assert_eq!(rig.after(1), []);
        rig.view.full = false;
        assert_eq!(rig.after(1), [MemberAction::Resume]);
        rig.view.full = true;
        rig.poll();
        rig.member.revoked(rig.now);
        rig.poll();
        rig.member.commit_result(1, CommitOutcome::Taken, rig.now);
        rig.poll();
        rig.member.assigned(vec![0], rig.now);
        rig.poll();
        rig.member.looked_up(rig.now);
        assert_eq!(rig.poll(), [MemberAction::Pause], "there is still no room, and it is said anew");
    }

    #[test]
    fn a_member_that_stood_still_for_half_a_session_doubts_what_it_has() {
        let mut rig = Rig::reading();
        assert!(!rig.member.wake(rig.now + Duration::from_millis(2_999)));
        assert!(rig.member.wake(rig.now + Duration::from_millis(5_999)));
        assert!(!rig.member.wake(rig.now + Duration::from_secs(6)));
        rig.stop(1_000);
        assert!(!rig.member.wake(rig.now + Duration::from_secs(60)), "nothing is ours");
    }

    #[test]
    fn the_topic_is_looked_at_now_and_then() {
        let mut rig = Rig::reading();
        let looks: usize = (0..100)
            .map(|_| {
                let actions = rig.after(100);
                for action in &actions {
                    if let MemberAction::Commit { number, .. } = action {
                        rig.member.commit_result(*number, CommitOutcome::Taken, rig.now);
                    }
                }
                actions.iter().filter(|action| **action == MemberAction::CheckTopic).count()
            })
            .sum();
        assert_eq!(looks, 3);
    }

    #[test]
    fn a_topic_that_is_in_doubt_is_looked_at_at_once_and_not_all_the_time() {
        let mut rig = Rig::reading();
        rig.view.wants_topic = true;
        assert_eq!(rig.poll(), [MemberAction::CheckTopic]);
        assert_eq!(rig.after(199), []);
        assert_eq!(rig.after(1)[..], [commit(1, false), MemberAction::CheckTopic], "nobody answered");
        rig.view.wants_topic = false;
        assert_eq!(rig.after(2_999), []);
        rig.view.wants_topic = true;
        assert_eq!(rig.poll(), [MemberAction::CheckTopic], "in doubt once more");
    }

    #[test]
    fn there_is_always_a_time_at_which_something_happens() {
        let mut rig = Rig::reading();
        let due = rig.member.wake_at(rig.now).map(|at| at - rig.now);
        assert_eq!(due, Some(COMMIT));
        rig.stop(10_000);
        rig.member.commit_result(1, CommitOutcome::Refused, rig.now);
        assert_eq!(rig.member.wake_at(rig.now), Some(rig.now + COMMIT_AGAIN));
        assert!(rig.member.wake_at(rig.now + BRIEF).is_some());
    }
}
