//! The limits: what a call may cost, as a file of the repository says.

use serde_json::Value;

use crate::Failed;
use crate::cost::Counted;

/// Fails where our own stack costs more than the file allows, and where the file limits what was
/// not counted.
pub(crate) fn check(path: &std::path::Path, counted: &[Counted]) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let limits: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let limits = limits["allocations"].as_object().ok_or("no limits of allocations stand in the file")?;
    let mut over = Vec::new();
    for (name, limit) in limits {
        let limit = limit.as_f64().ok_or_else(|| format!("limit {name} is no number"))?;
        let (side, callers) = name.split_once(", ").ok_or_else(|| format!("limit {name:?} is not `side, callers`"))?;
        let found = counted
            .iter()
            .find(|it| it.stack == "bus" && it.cost.side == side && it.callers.to_string() == callers)
            .ok_or_else(|| format!("limit {name:?} is of something that was not counted"))?;
        let allocations = found.cost.each[0];
        if allocations > limit {
            over.push(format!(
                "{side} with {callers} callers: {allocations:.2} allocations a call, and {limit} are allowed"
            ));
        }
    }
    if over.is_empty() {
        println!("all of {} limits hold", limits.len());
        return Ok(());
    }
    Err(format!(
        "{}\nlower the cost, or say why it is worth it where the limit stands: {}",
        over.join("\n"),
        path.display()
    )
    .into())
}
