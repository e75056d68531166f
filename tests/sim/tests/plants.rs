//! Planted defects: each is caught still, by the invariant that is there for it.

use bus_sim::planted;

#[test]
fn every_planted_defect_is_caught_where_it_was_recorded_and_the_same_history_is_green_without() {
    std::panic::set_hook(Box::new(|_| {}));
    let rotten = planted::rotten();
    drop(std::panic::take_hook());
    assert!(rotten.is_empty(), "scripts/simulate --plants says more:\n{}", rotten.join("\n"));
}

#[test]
fn the_document_has_a_row_for_every_plant() {
    let document = include_str!("../../../docs/simulation.md");
    for name in planted::names() {
        assert!(document.contains(&format!("\n| {name} | ")), "docs/simulation.md does not name {name:?}");
    }
}
