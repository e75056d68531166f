//! Plants defects, one at a time, and looks for a history that shows each.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::invariant::{Invariant, Violation};
use crate::plants::{PLANTS, Plant, known, plant};
use crate::run::{history, real};
use crate::scenario::{self, SEEDS};

/// Histories that a plant may take to be caught.
const BOUND: u64 = 4_000;

/// How far behind its recorded seed a plant is looked for: what is mended in the cores and in the
/// world changes histories, and the seeds with them.
const DRIFT: u64 = 500;

/// What became of a planted defect.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What the sabotaged core does.
    pub does: &'static str,
    /// What has to catch it.
    pub by: &'static [Invariant],
    /// How many histories ran.
    pub histories: u64,
    /// The seed that was red, and why, where the same history is green without the plant.
    pub caught: Option<(u64, Violation)>,
}

impl Row {
    /// The row of the table.
    pub fn line(&self) -> String {
        let by: Vec<String> = self.by.iter().map(|by| format!("{by:?}")).collect();
        let after = match &self.caught {
            Some((_, by)) => format!("{:?} | {}", by.invariant, self.histories),
            None => format!("nothing | {}", self.histories),
        };
        format!("| {} | {} | {} | {after} |", self.name, self.does, by.join(" or "))
    }

    /// The line of the record.
    pub fn record(&self) -> Option<String> {
        let (seed, violation) = self.caught.as_ref()?;
        Some(format!("{seed} {:?} {}", violation.invariant, self.name))
    }
}

/// The head of the table.
pub const HEAD: &str =
    "| planted | the core | to be caught by | caught by | after histories |\n| --- | --- | --- | --- | ---: |";

/// The name of a plant, as it lives in the table.
pub fn named(name: &str) -> Option<&'static str> {
    known(name).map(|plant| plant.name)
}

/// Plants every defect that is wanted, as many at once as there are processors, and runs histories
/// until each is caught.
pub fn plants(wanted: impl Fn(&str) -> bool) -> Vec<Row> {
    let wanted: Vec<&Plant> = PLANTS.iter().filter(|plant| wanted(plant.name)).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(wanted.len());
    let (next, rows) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((at, plant)) = take(&next, &wanted) {
                    let row = search(plant, 0, BOUND);
                    if let Ok(mut rows) = rows.lock() {
                        rows.push((at, row));
                    }
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap_or_default();
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn take<'a>(next: &AtomicUsize, wanted: &[&'a Plant]) -> Option<(usize, &'a Plant)> {
    let at = next.fetch_add(1, Ordering::Relaxed);
    wanted.get(at).map(|plant| (at, *plant))
}

/// Runs histories until one is red by what has to catch the plant, and green without it.
fn search(it: &'static Plant, first: u64, bound: u64) -> Row {
    let mut row = Row { name: it.name, does: it.does, by: it.by, histories: 0, caught: None };
    for seed in first..first + bound {
        row.histories += 1;
        plant(Some(it.name));
        let violation = history(it.plan(seed), real, None).violation;
        plant(None);
        if let Some(violation) = violation.filter(|violation| it.by.contains(&violation.invariant))
            && history(it.plan(seed), real, None).violation.is_none()
        {
            row.caught = Some((seed, violation));
            break;
        }
    }
    row
}

/// Runs the history in which a plant is looked for, and hears of every event. Says what it broke.
pub fn replay(name: &'static str, seed: u64, hear: &mut dyn FnMut(u64, String)) -> Option<Violation> {
    let it = known(name)?;
    plant(Some(name));
    let violation = history(it.plan(seed), real, Some(hear)).violation;
    plant(None);
    violation
}

/// Where each plant was caught last: seed, invariant, name. Written by `scripts/simulate --plants
/// --record`.
const RECORDED: &str = include_str!("../planted.txt");

/// The plants that are not caught in the histories that are recorded for them, nor in the next few,
/// and those that have no record.
pub fn rotten() -> Vec<String> {
    let recorded = |name: &str| {
        RECORDED.lines().find_map(|line| {
            let mut words = line.splitn(3, ' ');
            let seed = words.next()?.parse::<u64>().ok()?;
            let _invariant = words.next()?;
            (words.next()? == name).then_some(seed)
        })
    };
    let judge = |it: &'static Plant| match recorded(it.name) {
        None => Some(format!("{:?} is not recorded", it.name)),
        Some(seed) => search(it, seed, DRIFT)
            .caught
            .is_none()
            .then(|| format!("{:?} is not caught by {:?} from seed {seed} on", it.name, it.by)),
    };
    let wanted: Vec<&Plant> = PLANTS.iter().collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, rotten) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((_, plant)) = take(&next, &wanted) {
                    if let (Some(why), Ok(mut rotten)) = (judge(plant), rotten.lock()) {
                        rotten.push(why);
                    }
                }
            });
        }
    });
    rotten.into_inner().unwrap_or_default()
}

/// A kind of trouble that once broke something, with the rule of then and without it.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// What holds in it.
    pub says: String,
    /// The rule of then, as it is planted.
    pub old_rule: &'static str,
    /// What was red as the cores are.
    pub red: Option<(u64, Violation)>,
    /// The first history that is red with the old rule, by what has to catch it.
    pub caught: Option<(u64, Violation)>,
}

/// The head of the table of scenarios.
pub const SCENARIOS: &str =
    "| scenario | the old rule, planted | red by | after histories | red without |\n| --- | --- | --- | ---: | --- |";

impl Trouble {
    /// The row of the table.
    pub fn line(&self) -> String {
        let (by, after) = match &self.caught {
            Some((seed, by)) => (format!("{:?}", by.invariant), seed + 1),
            None => ("nothing".to_owned(), SEEDS),
        };
        let red = match &self.red {
            Some((seed, it)) => format!("seed {seed}: {:?} {}", it.invariant, it.what),
            None => format!("none of {SEEDS}"),
        };
        format!("| {} | {} | {by} | {after} | {red} |", self.says, self.old_rule)
    }

    /// Green as the cores are, red with the old rule.
    pub fn holds(&self) -> bool {
        self.red.is_none() && self.caught.is_some()
    }
}

/// Runs all scenarios.
pub fn scenarios() -> impl Iterator<Item = Trouble> {
    scenario::SCENARIOS.iter().map(|it| it.run())
}

/// The names of all plants.
pub fn names() -> impl Iterator<Item = &'static str> {
    PLANTS.iter().map(|plant| plant.name)
}
