//! A consumer group of the classic protocol, as its coordinator keeps it and as its members see it.

use rand::RngExt as _;

use super::{CommitRequest, Event, QUESTION, Reach, Stage, State, World, name};
use crate::fault::FaultKind;
use crate::input::{Committed, Input, Refused};
use crate::record::Topic;
use crate::time::{MS, SECOND, Time};

/// `session.timeout.ms`.
pub(crate) const SESSION: Time = 6 * SECOND;

/// `heartbeat.interval.ms`.
pub(super) const HEARTBEAT: Time = 500 * MS;

/// `max.poll.interval.ms`, which is also how long a round waits for a member.
const REBALANCE_TIMEOUT: Time = 300 * SECOND;

/// The longest metadata that a broker takes (`offset.metadata.max.bytes`).
const METADATA: usize = 4_096;

/// The group, at its coordinator.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) generation: i32,
    /// A round is under way.
    pub(crate) preparing: bool,
    round: u32,
    pub(crate) members: Vec<GroupMember>,
    pub(crate) committed: Vec<Option<Committed>>,
    /// Counts what members were given.
    pub(crate) assignments: u64,
    /// How many partitions the group's leader shared out.
    shared_out: usize,
}

/// A member, at the coordinator.
#[derive(Clone, Debug)]
pub(crate) struct GroupMember {
    pub(crate) id: u64,
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) instance: Option<u32>,
    /// Has joined the round that is under way.
    pub(crate) joined: bool,
    pub(crate) assigned: Vec<i32>,
}

impl Group {
    fn member(&mut self, id: u64) -> Option<&mut GroupMember> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    pub(crate) fn committed(&self, partition: i32) -> Option<&Committed> {
        usize::try_from(partition).ok().and_then(|at| self.committed.get(at)).and_then(Option::as_ref)
    }
}

impl World<'_> {
    /// A process wants to be a member.
    pub(crate) fn wants_to_join(&mut self, host: usize, instance: Option<u32>) {
        let member = &mut self.hosts[host].member;
        member.wanted = true;
        member.instance = instance;
        member.id = None;
        member.stage = Stage::Joining;
        let life = self.hosts[host].life;
        let latency = self.latency();
        self.after(latency, Event::Join { host, life });
    }

    /// A request to join reaches the coordinator.
    pub(crate) fn join(&mut self, host: usize) {
        let state = &self.hosts[host];
        if !state.member.wanted || state.member.stage != Stage::Joining {
            return;
        }
        let life = state.life;
        let wait = if state.deaf_until > self.now {
            Some(state.deaf_until)
        } else {
            match self.brokers.coordinator(self.now) {
                Reach::Down(until) | Reach::Frozen(until) => Some(until),
                _ => None,
            }
        };
        if let Some(until) = wait {
            let jitter = self.rng.random_range(MS..500 * MS);
            self.at(until + jitter, Event::Join { host, life });
            return;
        }
        let (known, instance) = (state.member.id, state.member.instance);
        if let Some(member) = known.and_then(|id| self.group.member(id)) {
            member.joined = true;
            if !self.group.preparing {
                self.begin_round();
            }
        } else if let Some(instance) = instance
            && let Some(at) = self.group.members.iter().position(|member| member.instance == Some(instance))
        {
            self.take_the_place(host, at);
        } else {
            self.numbers += 1;
            let id = self.numbers;
            self.hosts[host].member.id = Some(id);
            self.group.members.push(GroupMember { id, host, life, instance, joined: true, assigned: Vec::new() });
            if !self.group.preparing {
                self.begin_round();
            }
        }
        self.end_round_if_complete();
    }

    /// A static member takes the place of the one with its instance id, which is fenced.
    fn take_the_place(&mut self, host: usize, at: usize) {
        self.reach(FaultKind::StaticMembers);
        self.numbers += 1;
        let id = self.numbers;
        let life = self.hosts[host].life;
        let (old_id, old_host, old_life) = {
            let member = &mut self.group.members[at];
            let old = (member.id, member.host, member.life);
            member.id = id;
            member.host = host;
            member.life = life;
            old
        };
        self.hosts[host].member.id = Some(id);
        if (old_host, old_life) != (host, life) {
            self.hosts[old_host].member.out_since = self.now;
            self.explain_life(old_host, old_life);
            let heard = self.rng.random_range(0..HEARTBEAT);
            self.after(heard, Event::FencedNow { host: old_host, life: old_life, member: old_id });
        }
        if self.group.preparing {
            self.group.members[at].joined = true;
        } else {
            // Nothing changes for the others: it gets what the old one had.
            let (generation, partitions) = (self.group.generation, self.group.members[at].assigned.clone());
            let latency = self.latency();
            self.after(latency, Event::Sync { host, life, member: id, generation, partitions });
        }
    }

    /// Somebody else has the instance id of this member.
    pub(crate) fn fenced(&mut self, host: usize, member: u64) {
        let state = &mut self.hosts[host];
        if state.member.id != Some(member) || state.member.stage == Stage::Fenced {
            return;
        }
        state.member.stage = Stage::Fenced;
        state.member.wanted = false;
        state.member.id = None;
        state.reading.retain(|it| it.topic != Topic::Requests);
        self.tell_out(host, "fenced", member);
        self.explain(host);
        self.reach(FaultKind::Fenced);
        // Two that claim one place take turns until one of them gives up.
        self.disturb(self.now, self.now + SESSION / 2);
        let life = self.hosts[host].life;
        self.after(5 * SECOND, Event::Supervise { host, life });
        self.dispatch(host, Input::Fenced);
    }

    /// A process whose member is at its end is started anew, if it was not the one too many.
    pub(crate) fn supervise(&mut self, host: usize) {
        if self.hosts[host].member.stage == Stage::Fenced {
            self.kill(host);
            if host < self.plan.servers {
                self.after(SECOND, Event::Start { host });
            }
        }
    }

    /// Everybody is to join again.
    pub(crate) fn begin_round(&mut self) {
        self.group.preparing = true;
        self.group.round += 1;
        let round = self.group.round;
        self.after(REBALANCE_TIMEOUT, Event::RoundOver { round });
        let waiting: Vec<u64> = self.group.members.iter().filter(|it| !it.joined).map(|it| it.id).collect();
        for member in waiting {
            let heard = self.rng.random_range(0..HEARTBEAT);
            self.after(heard, Event::Told { member });
        }
    }

    /// A member hears of a round with its heartbeat.
    pub(crate) fn told(&mut self, id: u64) {
        let now = self.now;
        if !self.group.preparing {
            return;
        }
        let Some(member) = self.group.member(id).filter(|member| !member.joined).cloned() else { return };
        let state = &mut self.hosts[member.host];
        if state.life != member.life || !state.runs() || state.member.id != Some(id) {
            return;
        }
        match self.brokers.coordinator(now) {
            Reach::Down(until) | Reach::Frozen(until) => {
                self.at(until + HEARTBEAT / 2, Event::Told { member: id });
                return;
            }
            _ => {}
        }
        if state.member.stage == Stage::Stable {
            state.member.stage = Stage::Revoking;
            self.dispatch(member.host, Input::Revoked);
        }
    }

    pub(crate) fn round_over(&mut self, round: u32) {
        if self.group.preparing && self.group.round == round {
            for late in self.group.members.iter().filter(|member| !member.joined) {
                self.hosts[late.host].member.out_since = self.now;
            }
            self.group.members.retain(|member| member.joined);
            self.end_round_if_complete();
        }
    }

    /// With all members there, the partitions are shared out in ranges, by member id.
    pub(crate) fn end_round_if_complete(&mut self) {
        if !self.group.preparing || self.group.members.iter().any(|member| !member.joined) {
            return;
        }
        self.group.preparing = false;
        self.group.round += 1;
        if self.group.members.is_empty() {
            return;
        }
        self.group.generation += 1;
        self.group.members.sort_by_key(|member| (member.instance.is_none(), member.instance, member.id));
        // The group's leader knows the topic by its own last refresh.
        let leader = self.group.members[0].host;
        let partitions = self.hosts[leader].known[Topic::Requests as usize];
        self.group.shared_out = partitions;
        let (generation, count) = (self.group.generation, self.group.members.len());
        let mut next = 0;
        for at in 0..count {
            let share = partitions / count + usize::from(at < partitions % count);
            let own: Vec<i32> = (next..next + share).filter_map(|partition| i32::try_from(partition).ok()).collect();
            next += share;
            let latency = self.latency();
            let member = &mut self.group.members[at];
            member.joined = false;
            member.assigned.clone_from(&own);
            let (host, life, id) = (member.host, member.life, member.id);
            self.after(latency, Event::Sync { host, life, member: id, generation, partitions: own });
        }
    }

    /// A member gets its share.
    pub(crate) fn sync(&mut self, host: usize, member: u64, generation: i32, partitions: Vec<i32>) {
        let state = &mut self.hosts[host];
        if state.member.id != Some(member) || state.member.stage != Stage::Joining {
            return;
        }
        state.member.stage = Stage::Stable;
        state.member.generation = generation;
        state.member.assignments += 1;
        state.member.assigned.clone_from(&partitions);
        self.group.assignments += 1;
        self.trace(|| format!("  generation {generation} gives {} {partitions:?}", name(host)));
        if self.group.preparing && self.group.member(member).is_some_and(|member| !member.joined) {
            // Another round has begun meanwhile.
            self.after(HEARTBEAT, Event::Told { member });
        }
        self.dispatch(host, Input::Assigned(partitions));
    }

    /// A process gives its partitions up.
    pub(crate) fn unassign(&mut self, host: usize) {
        let state = &mut self.hosts[host];
        state.reading.retain(|it| it.topic != Topic::Requests);
        let life = state.life;
        if state.commits > 0 {
            // What it committed last may be refused yet.
            self.explain(host);
        }
        match self.hosts[host].member.stage {
            Stage::Revoking => {
                self.hosts[host].member.stage = Stage::Joining;
                let latency = self.latency();
                self.after(latency, Event::Join { host, life });
            }
            Stage::Lost => {
                self.hosts[host].member.stage = Stage::Joining;
                let pause = self.rng.random_range(5 * MS..1_000 * MS);
                self.after(pause, Event::Join { host, life });
            }
            Stage::Out | Stage::Joining | Stage::Stable | Stage::Fenced => {}
        }
    }

    /// A process leaves the group.
    pub(crate) fn wants_to_leave(&mut self, host: usize) {
        let state = &mut self.hosts[host];
        state.reading.retain(|it| it.topic != Topic::Requests);
        let member = std::mem::take(&mut state.member);
        state.member.assignments = member.assignments;
        if let Some(id) = member.id {
            let latency = self.latency();
            self.after(latency, Event::Leave { member: id, instance: member.instance });
        }
    }

    pub(crate) fn leave(&mut self, id: u64, instance: Option<u32>) {
        match self.brokers.coordinator(self.now) {
            Reach::Down(until) | Reach::Frozen(until) => {
                self.at(until + MS, Event::Leave { member: id, instance });
                return;
            }
            _ => {}
        }
        self.remove_member(id);
    }

    fn remove_member(&mut self, id: u64) {
        let before = self.group.members.len();
        if let Some(member) = self.group.member(id) {
            let host = member.host;
            self.hosts[host].member.out_since = self.now;
        }
        self.group.members.retain(|member| member.id != id);
        if self.group.members.len() < before {
            if !self.group.preparing {
                self.begin_round();
            }
            self.end_round_if_complete();
        }
    }

    /// A process sends no heartbeats from now on.
    pub(crate) fn silent(&mut self, host: usize) {
        if let Some(member) = self.hosts[host].member.id {
            let since_last = self.rng.random_range(0..HEARTBEAT);
            let silent_since = self.now;
            self.after(SESSION - since_last, Event::Expire { member, silent_since });
        }
    }

    /// The coordinator has not heard of a member for a session.
    pub(crate) fn expire(&mut self, id: u64, silent_since: Time) {
        let now = self.now;
        let Some(member) = self.group.member(id).cloned() else { return };
        let state = &self.hosts[member.host];
        let silent = state.life != member.life
            || state.member.id != Some(id)
            || match state.state {
                State::Running => false,
                State::Frozen(since) => since <= silent_since,
                State::Gone => true,
            };
        if !silent {
            return;
        }
        match self.brokers.coordinator(now) {
            // It counts anew when it is there again.
            Reach::Down(until) | Reach::Frozen(until) => {
                self.at(until + SESSION, Event::Expire { member: id, silent_since });
                return;
            }
            _ => {}
        }
        let zombie = state.life == member.life && state.runs();
        self.trace(|| format!("  member of {} expires", name(member.host)));
        self.explain_life(member.host, member.life);
        if zombie {
            let (host, life) = (member.host, member.life);
            let heard = self.rng.random_range(0..HEARTBEAT);
            self.after(heard, Event::SessionOver { host, life, member: id });
        }
        self.remove_member(id);
    }

    /// A process hears that its member is unknown, or sees by its own clock that it must be.
    pub(crate) fn session_over(&mut self, host: usize, member: u64) {
        let state = &mut self.hosts[host];
        if state.member.id != Some(member) {
            return;
        }
        if let State::Frozen(_) = state.state {
            // It hears that when it goes on.
            let life = state.life;
            self.after(HEARTBEAT, Event::SessionOver { host, life, member });
            return;
        }
        let had = state.member.stage;
        state.member.id = None;
        state.member.generation = -1;
        self.tell_out(host, "lost", member);
        self.explain(host);
        self.reach(FaultKind::SessionLost);
        let state = &mut self.hosts[host];
        match had {
            Stage::Stable | Stage::Revoking => {
                state.member.stage = Stage::Lost;
                self.dispatch(host, Input::Lost);
            }
            Stage::Joining => {
                let life = state.life;
                self.after(HEARTBEAT, Event::Join { host, life });
            }
            Stage::Out | Stage::Lost | Stage::Fenced => {}
        }
    }

    /// The coordinator has been out of reach of a running process for a whole session: librdkafka
    /// ends the session by its own clock, and drops its member id without leaving.
    pub(crate) fn unreached(&mut self, host: usize, member: u64) {
        if self.hosts[host].member.id != Some(member) || self.hosts[host].state != State::Running {
            return;
        }
        let until = match self.brokers.coordinator(self.now) {
            Reach::Down(until) | Reach::Frozen(until) => until,
            _ => return,
        };
        self.at(until + SESSION, Event::Expire { member, silent_since: self.now });
        self.session_over(host, member);
    }

    pub(crate) fn commit(&mut self, host: usize, id: u64, list: Vec<(i32, Committed)>, sync: bool) {
        self.look_through(host, &list);
        let state = &mut self.hosts[host];
        let life = state.life;
        let Some(member) = state.member.id else {
            self.explain(host);
            self.tell(host, 50, Input::CommitRefused { id, why: Refused::UnknownMember });
            return;
        };
        if sync {
            state.blocked = Some(id);
        }
        state.commits += 1;
        let brought = |partition| {
            let reading = state.reading.iter().find(|it| it.topic == Topic::Requests && it.partition == partition);
            reading.and_then(|it| it.brought)
        };
        let brought = list.iter().map(|(partition, _)| brought(*partition)).collect();
        let request = CommitRequest {
            host,
            life,
            id,
            member,
            instance: state.member.instance,
            generation: state.member.generation,
            list,
            brought,
            sync,
            since: self.now,
        };
        let mut latency = self.latency();
        if self.plan.during(FaultKind::SlowCommits, self.now) {
            latency += self.rng.random_range(200 * MS..2_500 * MS);
            self.reach(FaultKind::SlowCommits);
        }
        // All of a process go over one connection, and are taken in their order.
        let at = (self.now + latency).max(self.hosts[host].last_commit + 1);
        self.hosts[host].last_commit = at;
        self.at(at, Event::Commit(Box::new(request)));
    }

    fn answer_commit(&mut self, request: &CommitRequest, input: Input) {
        let latency = self.latency();
        if matches!(input, Input::CommitRefused { .. }) {
            self.explain_life(request.host, request.life);
        }
        let (host, life, id) = (request.host, request.life, request.id);
        self.after(latency, Event::CommitAnswer { host, life, input, id });
    }

    /// A commit reaches the coordinator.
    pub(crate) fn commit_arrives(&mut self, request: CommitRequest) {
        let now = self.now;
        let id = request.id;
        match self.brokers.coordinator(now) {
            Reach::Down(until) => {
                self.reach(FaultKind::CommitUnanswered);
                if until > request.since + QUESTION {
                    self.answer_commit(&request, Input::CommitRefused { id, why: Refused::NoAnswer });
                } else {
                    self.at(until + MS, Event::Commit(Box::new(request)));
                }
                return;
            }
            Reach::Frozen(until) => {
                // In its socket: it takes it when it goes on, whether or not anybody waits still.
                self.reach(FaultKind::CommitUnanswered);
                let mut later = request.clone();
                if until > request.since + QUESTION && request.life != u32::MAX {
                    self.answer_commit(&request, Input::CommitRefused { id, why: Refused::NoAnswer });
                    later.life = u32::MAX;
                }
                self.at(until + 10, Event::Commit(Box::new(later)));
                return;
            }
            _ => {}
        }
        let refused = self.refusal(&request);
        if let Some(why) = refused {
            self.trace(|| format!("  commit {id} of {} refused: {why:?}", name(request.host)));
            self.reach(FaultKind::CommitRefused);
            self.answer_commit(&request, Input::CommitRefused { id, why });
            if why == Refused::Fenced {
                let (host, life, member) = (request.host, request.life, request.member);
                self.after(MS, Event::FencedNow { host, life, member });
                // The member that fenced itself has another id by now.
                if let Some(current) = self.hosts[host].member.id
                    && self.hosts[host].life == life
                {
                    self.after(MS, Event::FencedNow { host, life, member: current });
                }
            }
            return;
        }
        if self.plan.during(FaultKind::CommitAnswerLost, now) && self.chance(2) {
            self.reach(FaultKind::CommitAnswerLost);
            self.take_commit(&request);
            let mut lost = request.clone();
            lost.since = now;
            let (host, life) = (lost.host, lost.life);
            self.explain_life(host, life);
            let input = Input::CommitRefused { id, why: Refused::NoAnswer };
            self.after(QUESTION, Event::CommitAnswer { host, life, input, id });
            return;
        }
        if self.plan.during(FaultKind::CommitRefused, now) && self.chance(2) {
            self.reach(FaultKind::CommitRefused);
            self.answer_commit(&request, Input::CommitRefused { id, why: Refused::RebalanceInProgress });
            return;
        }
        self.take_commit(&request);
        self.answer_commit(&request, Input::CommitDone { id });
    }

    /// What the coordinator has against a commit.
    fn refusal(&mut self, request: &CommitRequest) -> Option<Refused> {
        if self.group.member(request.member).is_none() {
            let taken = |it: &GroupMember| request.instance.is_some() && it.instance == request.instance;
            return Some(if self.group.members.iter().any(taken) { Refused::Fenced } else { Refused::UnknownMember });
        }
        if request.generation != self.group.generation {
            return Some(Refused::IllegalGeneration);
        }
        let long = request.list.iter().any(|(_, it)| it.metadata.len() > METADATA);
        long.then_some(Refused::MetadataTooLarge)
    }

    fn take_commit(&mut self, request: &CommitRequest) {
        for (index, (partition, committed)) in request.list.iter().enumerate() {
            let Ok(at) = usize::try_from(*partition) else { continue };
            if self.topics.get(Topic::Requests).missing_until > self.now || at >= self.topics.count(Topic::Requests) {
                continue;
            }
            if self.group.committed.len() <= at {
                self.group.committed.resize(at + 1, None);
            }
            self.trace(|| format!("  committed {partition}: {} {:?}", committed.offset, committed.metadata));
            self.check_commit(request, index);
            self.group.committed[at] = Some(committed.clone());
        }
    }

    /// A process asks what is committed.
    pub(crate) fn answer_committed(&mut self, host: usize, partitions: Vec<i32>, since: Time) {
        let now = self.now;
        let life = self.hosts[host].life;
        let deaf = self.hosts[host].deaf_until;
        let reach = if deaf > now { Reach::Down(deaf) } else { self.brokers.coordinator(now) };
        match reach {
            Reach::Down(until) | Reach::Frozen(until) => {
                self.reach(FaultKind::CommittedUnanswered);
                if until > since + QUESTION {
                    self.tell(host, (since + QUESTION).saturating_sub(now), Input::Committed(None));
                } else {
                    self.at(until + MS, Event::AskCommitted { host, life, partitions, since });
                }
                return;
            }
            _ => {}
        }
        if self.plan.during(FaultKind::CommittedUnanswered, now) && self.chance(2) {
            self.reach(FaultKind::CommittedUnanswered);
            self.tell(host, QUESTION, Input::Committed(None));
            return;
        }
        let found = partitions.into_iter().map(|it| (it, self.group.committed(it).cloned())).collect();
        let latency = self.latency();
        self.tell(host, latency, Input::Committed(Some(found)));
    }

    /// The topic has another number of partitions than were shared out: the group's leader joins again.
    pub(crate) fn partitions_changed(&mut self, host: usize) {
        let leads = self.group.members.first().is_some_and(|leader| leader.host == host);
        let known = self.hosts[host].known[Topic::Requests as usize];
        if leads && !self.group.preparing && known != self.group.shared_out {
            self.begin_round();
        }
    }
}
