//! Who holds a commit point, and which request ends the process of its owner.
//!
//! The metadata of a commit counts the owners that have held the commit point. One that leaves takes
//! its mark away; one whose process ends does not. After two such ends in a row the next owner runs
//! the partition's requests one by one, each behind a commit that names it: the one that is named
//! when that owner ends, too, is the one that ends it. Meanwhile other partitions go on as ever, and
//! none of it waits on a thread.

use std::time::{Duration, Instant};

use super::commit_metadata::{Alone, Claim};

/// How many owners in a row may end at one commit point before the next runs requests alone.
const CRASHES: u32 = 2;

/// How many requests run alone then. As many as can be in flight at once with the defaults, and
/// some: the one that ends its process is among them.
const SUSPECTS: u32 = 2_048;

/// For how long requests run alone at the most.
const QUARANTINE: Duration = Duration::from_secs(10);

/// How long one of them has its partition to itself. One that runs longer goes on beside the others.
const GRACE: Duration = Duration::from_secs(1);

/// How long a request waits for the commit that is to precede it. Without it only the search for one
/// that ends its process would miss something.
const CLAIM_WAIT: Duration = Duration::from_secs(1);

/// How often a request has to end its process alone in its partition, where other partitions went on
/// beside it.
const TIMES: u32 = 2;

/// What the rest of the process does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// No request of another partition runs alone.
    pub(crate) free: bool,
    /// No request runs at all.
    pub(crate) idle: bool,
    /// There is room in the queue of those that are to run.
    pub(crate) room: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Commit {
    /// Nobody asked for it.
    #[default]
    None,
    Wanted {
        since: Instant,
    },
    Sent {
        since: Instant,
        number: u64,
    },
    Held,
}

impl Commit {
    /// Whether it is there, or was waited for long enough.
    fn over(self, now: Instant) -> bool {
        match self {
            Self::None => false,
            Self::Wanted { since } | Self::Sent { since, .. } => now.saturating_duration_since(since) >= CLAIM_WAIT,
            Self::Held => true,
        }
    }

    fn sent(&mut self, number: u64) {
        if let Self::Wanted { since } = *self {
            *self = Self::Sent { since, number };
        }
    }

    fn done(&mut self, number: u64) {
        if let Self::Sent { number: sent, .. } = *self
            && sent <= number
        {
            *self = Self::Held;
        }
    }

    fn refused(&mut self) {
        if let Self::Sent { since, .. } = *self {
            *self = Self::Wanted { since };
        }
    }
}

/// The hold of this owner on its commit point.
#[derive(Debug, Default)]
pub(super) struct Claiming {
    /// How many owners in a row have held it, this one included.
    owners: u32,
    /// What ran alone when the former owner ended.
    accused: Option<Alone>,
    /// What was found to have ended it, and is not finished yet.
    condemned: Option<i64>,
    commit: Commit,
    /// Whether a commit has to be taken before anything runs, however long that takes.
    doubt: bool,
    quarantine: Option<Quarantine>,
    /// Whether one was found here that ended its process: what is searched for still is a copy of it,
    /// and other partitions need not wait for that.
    found: bool,
}

#[derive(Debug)]
struct Quarantine {
    left: u32,
    until: Option<Instant>,
    alone: Option<Running>,
}

/// A request that runs alone, or is about to.
#[derive(Debug)]
struct Running {
    alone: Alone,
    commit: Commit,
    since: Option<Instant>,
}

impl Claiming {
    /// Behind owners that ended here, with what ran alone then.
    pub(super) fn after(owners: u32, alone: Option<Alone>) -> Self {
        let wanted = (owners >= CRASHES || alone.is_some()) && !planted!("no quarantine");
        Self {
            owners: owners.saturating_add(1),
            accused: alone,
            condemned: None,
            commit: Commit::None,
            doubt: false,
            quarantine: wanted.then_some(Quarantine { left: SUSPECTS, until: None, alone: None }),
            found: false,
        }
    }

    /// Whether this request ended its process.
    pub(super) fn accuses(&mut self, offset: i64) -> bool {
        let accused = self.accused.is_some_and(|alone| {
            alone.offset == offset && (alone.certain || alone.times >= TIMES) && !planted!("nobody accused")
        });
        if accused {
            self.accused = None;
            self.condemned = Some(offset);
            self.found = true;
        }
        accused
    }

    /// Whether requests run as they come.
    pub(super) fn lets_through(&self) -> bool {
        (self.commit == Commit::Held && !self.doubt && self.quarantine.is_none()) || planted!("no claim")
    }

    /// A request waits: the commit point is to be marked as held.
    pub(super) fn want(&mut self, now: Instant) {
        if self.commit == Commit::None {
            self.commit = Commit::Wanted { since: now };
        }
    }

    /// Nothing runs before a commit was taken.
    pub(super) fn doubt(&mut self, now: Instant) {
        self.doubt = true;
        self.commit = Commit::Wanted { since: now };
    }

    /// Nothing can be committed here for now.
    pub(super) fn cannot(&mut self) {
        self.doubt = false;
        self.commit = Commit::Held;
        self.quarantine = None;
    }

    /// Whether requests are run one by one, to find one that ends its process.
    pub(super) fn searches(&self) -> bool {
        self.quarantine.is_some()
    }

    /// Whether the first of the requests that wait may run now. `suspect`: a former owner may have
    /// run it. Behind the last of these there is nothing to be found.
    pub(super) fn releases(&mut self, offset: i64, now: Instant, turn: Turn, suspect: bool) -> bool {
        if self.doubt {
            return false;
        }
        let Some(quarantine) = &mut self.quarantine else {
            self.want(now);
            let over = self.commit.over(now);
            if over {
                self.commit = Commit::Held;
            }
            return over;
        };
        if quarantine.left == 0
            || quarantine.until.is_some_and(|until| until <= now && !planted!("waits for what runs alone"))
        {
            self.quarantine = None;
            // In place of the mark of what ran alone.
            self.commit = Commit::None;
            return self.releases(offset, now, turn, suspect);
        }
        if self.condemned.is_some() {
            // The commit that names the next says that this one is finished: a next that ends the
            // process, too, does not bring this one back.
            quarantine.until.get_or_insert(now + QUARANTINE);
            return false;
        }
        let of_another = |running: &Running| running.since.is_none() && running.alone.offset != offset;
        let over = |running: &Running| {
            running.since.is_some_and(|since| {
                now.saturating_duration_since(since) >= GRACE && !planted!("waits for what runs alone")
            })
        };
        if quarantine.alone.as_ref().is_some_and(|running| of_another(running) || over(running)) {
            quarantine.alone = None;
        }
        if !suspect && quarantine.alone.is_none() {
            self.quarantine = None;
            self.commit = Commit::None;
            return self.releases(offset, now, turn, suspect);
        }
        match &mut quarantine.alone {
            None => {
                if turn.free || planted!("no turns") {
                    let times =
                        self.accused.filter(|accused| accused.offset == offset).map_or(0, |accused| accused.times);
                    let alone = Alone { offset, times: times.saturating_add(1), certain: turn.idle };
                    quarantine.until.get_or_insert(now + QUARANTINE);
                    quarantine.alone = Some(Running { alone, commit: Commit::Wanted { since: now }, since: None });
                }
                false
            }
            Some(running) if running.since.is_none() && running.commit.over(now) => {
                running.since = Some(now);
                quarantine.left -= 1;
                self.commit = Commit::Held;
                true
            }
            Some(_) => false,
        }
    }

    /// A request ended.
    pub(super) fn ended(&mut self, offset: i64) {
        if self.condemned == Some(offset) {
            self.condemned = None;
        }
        if let Some(quarantine) = &mut self.quarantine
            && quarantine.alone.as_ref().is_some_and(|running| running.alone.offset == offset)
        {
            quarantine.alone = None;
        }
    }

    pub(super) fn runs_alone(&self) -> bool {
        !self.found && self.quarantine.as_ref().is_some_and(|quarantine| quarantine.alone.is_some())
    }

    pub(super) fn wants_commit(&self) -> bool {
        let wanted = |commit: Commit| matches!(commit, Commit::Wanted { .. });
        let alone = self.quarantine.as_ref().and_then(|quarantine| quarantine.alone.as_ref());
        let without = (self.quarantine.is_none() || self.doubt) && wanted(self.commit);
        without || alone.is_some_and(|running| wanted(running.commit))
    }

    /// What a commit says of the hold.
    pub(super) fn claim(&self) -> Claim {
        let alone = self.quarantine.as_ref().and_then(|quarantine| quarantine.alone.as_ref());
        Claim { owners: self.owners, alone: alone.map(|running| running.alone) }
    }

    /// The commit point is one that no former owner held.
    pub(super) fn first_owner(&mut self) {
        self.owners = 1;
    }

    fn commits(&mut self) -> impl Iterator<Item = &mut Commit> {
        let alone = self.quarantine.as_mut().and_then(|quarantine| quarantine.alone.as_mut());
        std::iter::once(&mut self.commit).chain(alone.map(|running| &mut running.commit))
    }

    pub(super) fn sent(&mut self, number: u64) {
        self.commits().for_each(|commit| commit.sent(number));
    }

    pub(super) fn done(&mut self, number: u64) {
        if !planted!("done is lost") {
            self.commits().for_each(|commit| commit.done(number));
            self.doubt &= self.commit != Commit::Held;
        }
    }

    pub(super) fn refused(&mut self) {
        self.commits().for_each(Commit::refused);
    }
}
