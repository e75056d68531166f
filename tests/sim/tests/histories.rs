//! Tens of thousands of histories in every run of the tests.

use bus_sim::run;

/// As many as it takes to judge whether every fault was reached.
const HISTORIES: u64 = 20_000;

#[test]
fn no_history_breaks_an_invariant_and_every_fault_is_reached() {
    let summary = run::simulate(0, HISTORIES);
    let red: Vec<String> = summary
        .violations
        .iter()
        .take(10)
        .map(|(seed, it)| format!("scripts/simulate --seed {seed} --trace: {:?} {}", it.invariant, it.what))
        .collect();
    assert_eq!(summary.red, 0, "{}\n{}", summary.line(), red.join("\n"));
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
