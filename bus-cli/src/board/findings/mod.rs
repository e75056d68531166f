//! What is wrong with a system, as far as its manifests and locks tell.

mod contracts;
mod made;
mod topics;

use super::document::{Board, Finding};
use super::rules::{Level, Levels};

/// All findings whose rule is not off, the worst first. Who calls and serves is known from manifests
/// alone, so that locks without manifests have no such findings.
pub(super) fn of(board: &Board, manifests: bool, levels: &Levels) -> Vec<Finding> {
    let mut found = Vec::new();
    contracts::broken(board, &mut found);
    if manifests {
        contracts::not_served(board, &mut found);
        contracts::not_called(board, &mut found);
    }
    topics::shared(board, &mut found);
    topics::replies_shared(board, &mut found);
    topics::replies_too_small(board, &mut found);
    for finding in &mut found {
        // A rule may say less of one case than of another; what a user says holds for both.
        let said = levels.of(finding.rule);
        if said != finding.rule.default_level() {
            finding.level = said;
        }
    }
    found.retain(|finding| finding.level != Level::Off);
    found.sort_by(|one, two| (two.level, &one.id).cmp(&(one.level, &two.id)));
    found
}
