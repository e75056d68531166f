//! Tens of thousands of histories in every run of the tests.

use bus_sim::run;

/// As many as it takes to judge whether every fault was reached.
const HISTORIES: u64 = 20_000;

/// Histories of these that are red still, all for want of a rule in the server's core:
/// `docs/simulation.md` says which. The number only ever falls.
const STANDING: usize = 26;

/// The invariants that no history breaks.
const HOLDING: [&str; 6] = ["I1", "I2", "I3", "I4", "I9", "I10"];

#[test]
fn no_further_history_breaks_an_invariant_and_every_fault_is_reached() {
    let summary = run::simulate(0, HISTORIES);
    let red: Vec<String> = summary
        .violations
        .iter()
        .take(10)
        .map(|(seed, it)| format!("scripts/simulate --seed {seed} --trace: {:?} {}", it.invariant, it.what))
        .collect();
    assert!(summary.violations.len() <= STANDING, "{}\n{}", summary.line(), red.join("\n"));
    for (seed, it) in &summary.violations {
        let invariant = format!("{:?}", it.invariant);
        assert!(
            !HOLDING.contains(&invariant.as_str()),
            "scripts/simulate --seed {seed} --trace: {invariant} {}",
            it.what
        );
    }
    assert_eq!(summary.never_reached(), Vec::<String>::new());
    assert!(summary.fewest >= 300, "a history of {} events is a toy", summary.fewest);
}

#[test]
fn a_seed_is_the_same_history_every_time() {
    let record = |seed| {
        let mut lines = Vec::new();
        run::replay(seed, None, &mut |at, line| lines.push((at, line)));
        lines
    };
    for seed in 0..20 {
        assert_eq!(record(seed), record(seed), "seed {seed}");
    }
    assert_ne!(record(1), record(2));
}
