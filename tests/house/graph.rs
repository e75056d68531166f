//! Circles and floors of a graph of names.

use std::collections::{BTreeMap, BTreeSet};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// What can be reached from a name, itself only by way of a circle.
fn reach(graph: &Graph, from: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(name) = open.pop() {
        for next in graph.get(&name).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

/// The groups of names that reach each other.
pub(crate) fn circles(graph: &Graph) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<String>> = graph.keys().map(|name| (name, reach(graph, name))).collect();
    let mut found: Vec<BTreeSet<String>> = Vec::new();
    for (name, reaches) in &reached {
        if !reaches.contains(*name) || found.iter().any(|circle| circle.contains(*name)) {
            continue;
        }
        let circle = reaches.iter().filter(|other| reached.get(other).is_some_and(|back| back.contains(*name)));
        found.push(circle.cloned().collect());
    }
    found
}

/// The names by the longest way down from them, the highest first.
pub(crate) fn floors(graph: &Graph) -> Vec<Vec<String>> {
    fn height(graph: &Graph, name: &str, seen: &mut Vec<String>) -> usize {
        if seen.iter().any(|other| other == name) {
            return 0;
        }
        seen.push(name.to_owned());
        let below = graph.get(name).into_iter().flatten().map(|next| height(graph, next, seen) + 1).max().unwrap_or(0);
        seen.pop();
        below
    }
    let mut by_height: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for name in graph.keys() {
        by_height.entry(height(graph, name, &mut Vec::new())).or_default().push(name.clone());
    }
    by_height.into_values().rev().collect()
}

#[test]
fn a_circle_is_found_and_what_hangs_on_it_is_not_in_it() {
    let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("c", "e")];
    let mut graph = Graph::new();
    for (from, to) in edges {
        graph.entry(to.to_owned()).or_default();
        graph.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    let found = circles(&graph);
    assert_eq!(found, [["a", "b", "c"].map(str::to_owned).into_iter().collect()]);
    graph.get_mut("c").unwrap().remove("a");
    assert!(circles(&graph).is_empty());
    assert_eq!(floors(&graph), [vec!["d"], vec!["a"], vec!["b"], vec!["c"], vec!["e"]]);
}
