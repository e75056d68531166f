//! Runs histories: one, many, and the shortest that is red.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::client::Client;
use crate::cx::Process;
use crate::fault::{FaultKind, KINDS};
use crate::invariant::{Invariant, Violation};
use crate::plan::Plan;
use crate::plants::plant;
use crate::server::Server;
use crate::world::{Factory, Report, Role, Tracer, World};

/// What many histories were.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many histories ran.
    pub histories: u64,
    /// How many events they had.
    pub events: u64,
    /// The fewest events of a history.
    pub fewest: u64,
    /// How many calls were made.
    pub calls: u64,
    /// How many handlers ran.
    pub runs: u64,
    /// The red ones: seed and violation. At most a few are kept.
    pub violations: Vec<(u64, Violation)>,
    /// How many were red.
    pub red: u64,
    /// The kinds of violations: how many, and the first seed.
    pub kinds: BTreeMap<String, (u64, u64)>,
    premises: [u64; 10],
    wanted: [u64; KINDS],
    reached: [u64; KINDS],
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            histories: 0,
            events: 0,
            fewest: u64::MAX,
            calls: 0,
            runs: 0,
            violations: Vec::new(),
            red: 0,
            kinds: BTreeMap::new(),
            premises: [0; 10],
            wanted: [0; KINDS],
            reached: [0; KINDS],
        }
    }
}

/// Red histories that are kept.
const KEPT: usize = 100;

/// From how many histories on every fault must have been reached.
const JUDGED: u64 = 20_000;

impl Summary {
    fn add(&mut self, seed: u64, report: &Report) {
        self.histories += 1;
        self.events += report.events;
        self.calls += report.calls;
        self.runs += report.runs;
        if report.violation.is_none() {
            self.fewest = self.fewest.min(report.events);
        }
        for (sum, premise) in self.premises.iter_mut().zip(report.premises) {
            *sum += premise;
        }
        for (sum, wanted) in self.wanted.iter_mut().zip(report.wanted) {
            *sum += u64::from(wanted);
        }
        for (sum, reached) in self.reached.iter_mut().zip(report.reached) {
            *sum += u64::from(reached);
        }
        if let Some(violation) = &report.violation {
            self.red += 1;
            let kind = format!("{:?} {}", violation.invariant, violation.what);
            let kind = kind
                .replace(|letter: char| letter.is_ascii_digit(), "#")
                .replace("##", "#")
                .replace("##", "#")
                .replace("##", "#");
            let found = self.kinds.entry(kind).or_insert((0, seed));
            *found = (found.0 + 1, found.1.min(seed));
            if self.violations.len() < KEPT {
                self.violations.push((seed, violation.clone()));
            }
        }
    }

    fn merge(&mut self, other: Self) {
        self.histories += other.histories;
        self.events += other.events;
        self.fewest = self.fewest.min(other.fewest);
        self.calls += other.calls;
        self.runs += other.runs;
        self.red += other.red;
        for (kind, (count, seed)) in other.kinds {
            let found = self.kinds.entry(kind).or_insert((0, seed));
            *found = (found.0 + count, found.1.min(seed));
        }
        self.violations.extend(other.violations);
        self.violations.sort_by_key(|(seed, _)| *seed);
        self.violations.truncate(KEPT);
        for (sum, more) in self.premises.iter_mut().zip(other.premises) {
            *sum += more;
        }
        for (sum, more) in self.wanted.iter_mut().zip(other.wanted) {
            *sum += more;
        }
        for (sum, more) in self.reached.iter_mut().zip(other.reached) {
            *sum += more;
        }
    }

    /// The faults that no history reached, and the invariants whose premise never held, where there
    /// were enough histories to judge.
    pub fn never_reached(&self) -> Vec<String> {
        if self.histories < JUDGED {
            return Vec::new();
        }
        let faults = FaultKind::ALL.into_iter().filter(|kind| self.reached[kind.index()] == 0);
        let premises = Invariant::ALL.into_iter().filter(|it| self.premises[it.index()] == 0);
        faults
            .map(|kind| format!("never reached: {}", kind.says()))
            .chain(premises.map(|it| format!("premise never held: {it:?} {}", it.says())))
            .collect()
    }

    /// The table of faults and the table of invariants, as Markdown.
    pub fn tables(&self) -> String {
        use std::fmt::Write as _;
        let mut text = String::from("| fault | wanted in histories | reached in |\n| --- | ---: | ---: |\n");
        for kind in FaultKind::ALL {
            let wanted = self.wanted[kind.index()];
            let wanted = if kind.weight() == 0 { "by others".to_owned() } else { wanted.to_string() };
            let _ = writeln!(text, "| {} | {wanted} | {} |", kind.says(), self.reached[kind.index()]);
        }
        text.push_str("\n| invariant | premise held |\n| --- | ---: |\n");
        for it in Invariant::ALL {
            let _ = writeln!(text, "| {it:?}: {} | {} |", it.says(), self.premises[it.index()]);
        }
        text
    }

    /// The last line of a run.
    pub fn line(&self) -> String {
        format!("{} histories, {} events, {} violations", self.histories, self.events, self.red)
    }
}

/// Runs one history. A panic of a core is a violation, too.
pub(crate) fn history(plan: Plan, factory: Factory, tracer: Tracer<'_>) -> Report {
    let wanted = plan.faults.iter().fold([false; KINDS], |mut wanted, fault| {
        wanted[fault.kind.index()] = true;
        wanted
    });
    catch_unwind(AssertUnwindSafe(|| World::new(plan, factory, tracer).run())).unwrap_or_else(|panic| {
        let what = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        Report {
            events: 0,
            calls: 0,
            runs: 0,
            violation: Some(Violation { invariant: Invariant::I9, at: 0, what: format!("a panic: {what}") }),
            premises: [0; 10],
            wanted,
            reached: [false; KINDS],
        }
    })
}

/// The processes of the library's cores.
pub(crate) fn real(role: &Role) -> Box<dyn Process> {
    match role {
        Role::Client(setup) => Box::new(Client::new(setup)),
        Role::Server(setup) => Box::new(Server::new(setup)),
    }
}

/// Runs so many histories of the cores, from this seed on.
pub fn simulate(first: u64, histories: u64) -> Summary {
    Batch { first, histories, factory: real, planted: None, plan: &Plan::of, until_red: false, until: None }.run()
}

/// Runs the history of one seed and hears of every event. Says what it broke.
pub fn replay(seed: u64, planted: Option<&'static str>, hear: &mut dyn FnMut(u64, String)) -> Option<Violation> {
    plant(planted);
    let violation = history(Plan::of(seed), real, Some(hear)).violation;
    plant(None);
    violation
}

/// As [`replay`], for the shortest history that breaks the same.
pub fn replay_shortest(
    seed: u64,
    planted: Option<&'static str>,
    hear: &mut dyn FnMut(u64, String),
) -> Option<Violation> {
    plant(planted);
    let shortest = shrink(Plan::of(seed), real, Duration::from_secs(30));
    hear(0, format!("{} faults and {} calls are left", shortest.faults.len(), shortest.calls.len()));
    let violation = history(shortest, real, Some(hear)).violation;
    plant(None);
    violation
}

/// How many histories, and how.
pub(crate) struct Batch {
    pub(crate) first: u64,
    pub(crate) histories: u64,
    pub(crate) factory: Factory,
    pub(crate) planted: Option<&'static str>,
    pub(crate) plan: &'static (dyn Fn(u64) -> Plan + Sync),
    /// Whether to end with the first red one.
    pub(crate) until_red: bool,
    pub(crate) until: Option<Instant>,
}

impl Batch {
    /// Runs them on all cores.
    pub(crate) fn run(&self) -> Summary {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (next, over) = (AtomicU64::new(0), AtomicBool::new(false));
        let watches: Vec<Watch> = (0..threads).map(|_| Watch::default()).collect();
        std::thread::scope(|scope| {
            let started: Vec<_> = watches.iter().map(|watch| scope.spawn(|| self.share(&next, &over, watch))).collect();
            let guard = scope.spawn(|| guard(&watches, self.planted));
            let mut sum = Summary::default();
            for thread in started {
                if let Ok(part) = thread.join() {
                    sum.merge(part);
                }
            }
            guard.thread().unpark();
            sum
        })
    }

    fn share(&self, next: &AtomicU64, over: &AtomicBool, watch: &Watch) -> Summary {
        plant(self.planted);
        let mut sum = Summary::default();
        while !over.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= self.histories || self.until.is_some_and(|until| Instant::now() >= until) {
                break;
            }
            let seed = self.first + index;
            watch.seed.store(seed, Ordering::Relaxed);
            watch.ended.fetch_add(1, Ordering::Relaxed);
            let report = history((self.plan)(seed), self.factory, None);
            if report.violation.is_some() && self.until_red {
                over.store(true, Ordering::Relaxed);
            }
            sum.add(seed, &report);
        }
        plant(None);
        watch.over.store(true, Ordering::Relaxed);
        sum
    }
}

/// What a thread is at.
#[derive(Debug, Default)]
struct Watch {
    seed: AtomicU64,
    ended: AtomicU64,
    over: AtomicBool,
}

/// How long a history may take. They take milliseconds.
const STUCK: Duration = Duration::from_secs(60);

/// A core that never returns cannot be interrupted, but its seed can be told.
#[allow(clippy::print_stderr)]
fn guard(watches: &[Watch], planted: Option<&str>) {
    let mut seen: Vec<(u64, Instant)> = watches.iter().map(|_| (0, Instant::now())).collect();
    while watches.iter().any(|watch| !watch.over.load(Ordering::Relaxed)) {
        for (watch, seen) in watches.iter().zip(&mut seen) {
            let ended = watch.ended.load(Ordering::Relaxed);
            if seen.0 != ended {
                *seen = (ended, Instant::now());
            } else if ended > 0 && !watch.over.load(Ordering::Relaxed) && seen.1.elapsed() > STUCK {
                let seed = watch.seed.load(Ordering::Relaxed);
                eprintln!("seed {seed}: {:?} a core does not return (planted: {planted:?})", Invariant::I9);
                std::process::exit(1);
            }
        }
        std::thread::park_timeout(Duration::from_secs(1));
    }
}

/// Looks for a shorter history that breaks the same invariant: fewer faults, then fewer calls.
pub(crate) fn shrink(plan: Plan, factory: Factory, bound: Duration) -> Plan {
    let until = Instant::now() + bound;
    let red = |plan: &Plan| history(plan.clone(), factory, None).violation.map(|violation| violation.invariant);
    let Some(wanted) = red(&plan) else { return plan };
    let mut best = plan;
    let mut index = 0;
    while index < best.faults.len() && Instant::now() < until {
        let shorter = best.without_fault(index);
        if red(&shorter) == Some(wanted) {
            best = shorter;
            index = 0;
        } else {
            index += 1;
        }
    }
    let mut size = best.calls.len().div_ceil(2);
    while size > 0 && Instant::now() < until {
        let mut from = 0;
        while from < best.calls.len() && Instant::now() < until {
            let to = from + size;
            let shorter = best.with_calls(|at| at < from || at >= to);
            if red(&shorter) == Some(wanted) {
                best = shorter;
            } else {
                from = to;
            }
        }
        size /= 2;
    }
    best
}
