//! librdkafka's readers: assigned partitions, positions, and where reading goes on when a position
//! is gone.

use rand::RngExt as _;

use super::{Event, Reach, Reading, World};
use crate::fault::FaultKind;
use crate::input::Input;
use crate::record::Topic;
use crate::time::MS;

/// Records that one fetch brings.
const BATCH: usize = 16;

impl World<'_> {
    pub(crate) fn assign(&mut self, host: usize, topic: Topic, partition: i32, position: i64) {
        let state = &mut self.hosts[host];
        state.next_reading += 1;
        let number = state.next_reading;
        state.reading.retain(|it| it.topic != topic || it.partition != partition);
        state.reading.push(Reading {
            number,
            topic,
            partition,
            position,
            fetched: None,
            brought: None,
            paused: false,
            fetching: false,
        });
        self.start_fetch(host, number);
    }

    pub(crate) fn pause(&mut self, host: usize, partition: i32, paused: bool) {
        let mut resumed = None;
        for it in &mut self.hosts[host].reading {
            if it.topic == Topic::Requests && it.partition == partition {
                it.paused = paused;
                resumed = (!paused).then_some(it.number);
            }
        }
        if let Some(number) = resumed {
            self.start_fetch(host, number);
        }
    }

    fn start_fetch(&mut self, host: usize, reading: u64) {
        let latency = self.latency();
        let state = &mut self.hosts[host];
        let life = state.life;
        if let Some(it) = state.reading.iter_mut().find(|it| it.number == reading)
            && !it.fetching
        {
            it.fetching = true;
            self.after(latency, Event::Fetch { host, life, reading });
        }
    }

    pub(crate) fn fetch_all(&mut self, host: usize) {
        let numbers: Vec<u64> = self.hosts[host].reading.iter().map(|it| it.number).collect();
        for number in numbers {
            self.start_fetch(host, number);
        }
    }

    /// There is something new to read.
    pub(crate) fn appended(&mut self, topic: Topic, partition: i32) {
        for host in 0..self.hosts.len() {
            let reading = self.hosts[host].reading.iter();
            let number = reading.filter(|it| it.topic == topic && it.partition == partition).map(|it| it.number).next();
            if let Some(number) = number {
                self.start_fetch(host, number);
            }
        }
    }

    pub(crate) fn fetch(&mut self, host: usize, reading: u64) {
        let now = self.now;
        let state = &mut self.hosts[host];
        let (life, frozen, blocked, deaf_until) =
            (state.life, state.state != super::State::Running, state.blocked.is_some(), state.deaf_until);
        let Some(it) = state.reading.iter_mut().find(|it| it.number == reading) else { return };
        it.fetching = false;
        let (topic, partition, position, fetched) = (it.topic, it.partition, it.position, it.fetched);
        if it.paused || frozen || (topic == Topic::Requests && blocked) {
            // Goes on when that is over.
            return;
        }
        let reach = if deaf_until > now { Reach::Down(deaf_until) } else { self.reach_partition(topic, partition) };
        let later = match reach {
            Reach::Up => None,
            Reach::Down(until) | Reach::Frozen(until) | Reach::NoTopic(until) => Some(until),
            // Its topic was made anew with fewer partitions: nothing to read, for now.
            Reach::NoPartition => return,
        };
        if let Some(until) = later {
            let jitter = self.rng.random_range(MS..300 * MS);
            self.set_fetching(host, reading);
            self.at(until + jitter, Event::Fetch { host, life, reading });
            return;
        }
        let Some(log) = self.topics.log(topic, partition) else { return };
        let (start, end) = (log.start, log.end());
        let truncated = log.lost_end.is_some_and(|lost| lost.from < position && fetched.is_some_and(|at| at < lost.at));
        self.note_fetch(host, reading);
        if position < start || position > end || truncated {
            // `auto.offset.reset=earliest`: without another word, after a moment.
            self.reach_reset(topic, position < start);
            let pause = self.rng.random_range(5 * MS..500 * MS);
            self.move_to(host, reading, start);
            self.set_fetching(host, reading);
            self.after(pause, Event::Fetch { host, life, reading });
            return;
        }
        let mut offset = position;
        for _ in 0..BATCH {
            let Some(entry) = self.topics.log(topic, partition).and_then(|log| log.get(offset)) else { break };
            let (stamp, record) = (entry.stamp, entry.record);
            offset += 1;
            self.move_to(host, reading, offset);
            self.note_record(host, reading);
            self.dispatch(host, Input::Record { topic, partition, offset: offset - 1, stamp, record });
            // Handling it may have ended the process, moved the position, or paused the partition.
            let state = &self.hosts[host];
            let goes_on = state.life == life
                && state.runs()
                && !(topic == Topic::Requests && state.blocked.is_some())
                && state.reading.iter().any(|it| it.number == reading && !it.paused && it.position == offset);
            if !goes_on || self.journal.violation.is_some() {
                return;
            }
        }
        if self.topics.log(topic, partition).is_some_and(|log| offset < log.end()) {
            self.start_fetch(host, reading);
        }
    }

    fn move_to(&mut self, host: usize, reading: u64, position: i64) {
        if let Some(it) = self.hosts[host].reading.iter_mut().find(|it| it.number == reading) {
            it.position = position;
        }
    }

    fn note_fetch(&mut self, host: usize, reading: u64) {
        let now = self.now;
        if let Some(it) = self.hosts[host].reading.iter_mut().find(|it| it.number == reading) {
            it.fetched = Some(now);
        }
    }

    fn note_record(&mut self, host: usize, reading: u64) {
        let now = self.now;
        if let Some(it) = self.hosts[host].reading.iter_mut().find(|it| it.number == reading) {
            it.brought = Some(now);
        }
    }

    fn set_fetching(&mut self, host: usize, reading: u64) {
        if let Some(it) = self.hosts[host].reading.iter_mut().find(|it| it.number == reading) {
            it.fetching = true;
        }
    }

    fn reach_reset(&mut self, topic: Topic, removed: bool) {
        if topic != Topic::Requests {
            return;
        }
        if removed {
            self.reach(FaultKind::Retention);
            return;
        }
        let kinds = [FaultKind::RecreateRequests, FaultKind::LoseEnd];
        for kind in kinds {
            if self.plan.has(kind) {
                self.reach(kind);
            }
        }
    }
}
