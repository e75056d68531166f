//! What a process has used so far, and what of that one call took.

use std::fmt;

use nix::sys::resource::{UsageWho, getrusage};

use crate::{Failed, allocator};

/// What is counted of a process.
pub(crate) const COUNTS: usize = 4;

/// Allocations, their bytes, voluntary context switches, calls that read or write.
pub(crate) fn so_far() -> Result<[u64; COUNTS], Failed> {
    let (allocations, bytes) = allocator::so_far();
    let switches = u64::try_from(getrusage(UsageWho::RUSAGE_SELF)?.voluntary_context_switches())?;
    // Not every kernel tells; then it is zero.
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let calls = io.lines().filter_map(|line| line.strip_prefix("syscr: ").or_else(|| line.strip_prefix("syscw: ")));
    let calls = calls.filter_map(|number| number.parse::<u64>().ok()).sum();
    Ok([allocations, bytes, switches, calls])
}

/// What a call costs one side.
#[derive(Clone, Debug)]
pub(crate) struct Cost {
    pub(crate) side: &'static str,
    /// In the order of `so_far`.
    pub(crate) each: [f64; COUNTS],
}

impl Cost {
    pub(crate) fn of(side: &'static str, before: &[u64; COUNTS], after: &[u64; COUNTS], calls: usize) -> Self {
        #[allow(clippy::cast_precision_loss)] // No turn has 2^52 of anything.
        let each = std::array::from_fn(|count| after[count].saturating_sub(before[count]) as f64 / calls.max(1) as f64);
        Self { side, each }
    }
}

/// A cost, and of what.
#[derive(Clone, Debug)]
pub(crate) struct Counted {
    pub(crate) stack: &'static str,
    pub(crate) callers: usize,
    pub(crate) cost: Cost,
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [allocations, bytes, switches, calls] = self.cost.each;
        write!(
            f,
            "| {} | {} | {} | {allocations:.2} | {bytes:.0} | {switches:.2} | {calls:.2} |",
            self.stack, self.callers, self.cost.side
        )
    }
}
