//! What is made of raw figures.

use std::time::Duration;

/// What one turn of one stack gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// How long each call took, in nanoseconds.
    pub(crate) latencies: Vec<u32>,
    /// Calls that ended without their answer.
    pub(crate) failures: u64,
}

/// A turn in figures.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) calls: usize,
    pub(crate) failures: u64,
    pub(crate) rate: f64,
    /// Microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    /// Microseconds of this process, client and servers together, for one call.
    pub(crate) cpu: f64,
}

impl Turn {
    /// In figures, with the CPU time that this process took meanwhile.
    pub(crate) fn figures(mut self, cpu: Duration) -> Figures {
        self.latencies.sort_unstable();
        let calls = self.latencies.len();
        Figures {
            calls,
            failures: self.failures,
            rate: float(calls) / self.elapsed.as_secs_f64().max(f64::EPSILON),
            p50: quantile(&self.latencies, 0.50),
            p99: quantile(&self.latencies, 0.99),
            cpu: cpu.as_secs_f64() * 1e6 / float(calls).max(1.0),
        }
    }
}

/// A duration as a turn keeps it; more than four seconds are four seconds.
pub(crate) fn nanoseconds(time: Duration) -> u32 {
    u32::try_from(time.as_nanos()).unwrap_or(u32::MAX)
}

#[allow(clippy::cast_precision_loss)] // No turn has 2^52 calls.
fn float(count: usize) -> f64 {
    count as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A rank between 0 and the length.
fn quantile(sorted: &[u32], share: f64) -> f64 {
    let rank = (float(sorted.len()) * share) as usize;
    sorted.get(rank.min(sorted.len().saturating_sub(1))).map_or(f64::NAN, |nanoseconds| f64::from(*nanoseconds) / 1e3)
}

/// The median of some figures, and how far they spread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    pub(crate) fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
        let (last, middle) = (sorted.len().saturating_sub(1), sorted.len() / 2);
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(at(middle.wrapping_sub(1)), at(middle))
        } else {
            at(middle)
        };
        Self { median, least: at(0), most: at(last) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_quantiles() {
        let spread = Spread::of([3.0, 1.0, 2.0].into_iter());
        assert!(
            (spread.median - 2.0).abs() < 1e-9 && (spread.least - 1.0).abs() < 1e-9 && (spread.most - 3.0).abs() < 1e-9
        );
        assert!((Spread::of([1.0, 2.0].into_iter()).median - 1.5).abs() < 1e-9);
        let turn =
            Turn { elapsed: Duration::from_secs(1), latencies: (1..=100).map(|it| it * 1000).collect(), failures: 0 };
        let figures = turn.figures(Duration::from_millis(1));
        assert!((figures.p50 - 51.0).abs() < 1e-9 && (figures.p99 - 100.0).abs() < 1e-9, "{figures:?}");
        assert!((figures.cpu - 10.0).abs() < 1e-9 && (figures.rate - 100.0).abs() < 1e-9, "{figures:?}");
    }
}
