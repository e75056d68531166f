//! From a graph of types, in which many nodes may mean one type, to a table that has each once.

use std::collections::HashMap;

use super::{LONGEST_TEXT, MOST_TYPES, TableError, TypeNumber, TypeShape, TypeTable};

/// Types as they were found: numbers refer to nodes, and nodes may be equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<TypeShape>,
}

impl Graph {
    /// Adds a node.
    pub(crate) fn add(&mut self, shape: TypeShape) -> TypeNumber {
        self.nodes.push(shape);
        number(self.nodes.len() - 1)
    }

    /// Adds the nodes of another graph or table: where its node 0 went.
    pub(crate) fn append(&mut self, other: &[TypeShape]) -> TypeNumber {
        let base = number(self.nodes.len());
        self.nodes.extend(other.iter().cloned().map(|mut shape| {
            shape.each_part(&mut |part| *part = part.saturating_add(base));
            shape
        }));
        base
    }
}

fn number(index: usize) -> TypeNumber {
    TypeNumber::try_from(index).unwrap_or(TypeNumber::MAX)
}

fn index(number: TypeNumber) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The table of all that can be reached from some nodes, and the numbers of these nodes in it.
///
/// Roots come in order, each followed by its parts, depth first. What no value can be made of, and
/// what is larger than a shape may be, becomes opaque.
pub(crate) fn tabulate(mut graph: Graph, roots: &[TypeNumber]) -> (TypeTable, Vec<TypeNumber>) {
    for node in bottomless(&graph.nodes) {
        graph.nodes[node] = opaque(&graph.nodes[node]);
    }
    let mut classes = self::classes(&graph.nodes);
    // Whether the parts of a tuple are one type is known now.
    let mut again = false;
    for node in 0..graph.nodes.len() {
        if let TypeShape::Tuple(parts) = &graph.nodes[node]
            && let [first, _, ..] = parts[..]
            && parts.iter().all(|part| classes[index(*part)] == classes[index(first)])
        {
            graph.nodes[node] = TypeShape::Array { of: first, length: number(parts.len()) };
            again = true;
        }
    }
    if again {
        classes = self::classes(&graph.nodes);
    }
    for root in roots {
        if too_large(&graph.nodes, &classes, index(*root)) {
            graph.nodes[index(*root)] = opaque(&graph.nodes[index(*root)]);
            classes = self::classes(&graph.nodes);
        }
    }
    let mut order = Order { nodes: &graph.nodes, classes: &classes, given: HashMap::new(), types: Vec::new() };
    let numbers = roots.iter().map(|root| order.visit(*root)).collect();
    (TypeTable { types: order.types }, numbers)
}

impl TryFrom<Vec<TypeShape>> for TypeTable {
    type Error = TableError;

    fn try_from(types: Vec<TypeShape>) -> Result<Self, TableError> {
        for (from, shape) in types.iter().enumerate() {
            let dangling =
                shape.parts().into_iter().find(|to| usize::try_from(*to).map_or(true, |to| to >= types.len()));
            if let Some(to) = dangling {
                return Err(TableError::Dangling { from, to });
            }
        }
        match bottomless(&types).first() {
            Some(number) => Err(TableError::Bottomless(*number)),
            None => Ok(Self { types }),
        }
    }
}

fn opaque(shape: &TypeShape) -> TypeShape {
    TypeShape::Opaque { name: shape.name().unwrap_or("_").to_owned() }
}

/// Whether a shape is beyond the bounds.
fn too_large(nodes: &[TypeShape], classes: &[usize], root: usize) -> bool {
    let mut order = Order { nodes, classes, given: HashMap::new(), types: Vec::new() };
    let root = order.visit(number(root));
    if order.types.len() > MOST_TYPES {
        return true;
    }
    let table = TypeTable { types: order.types };
    table.get(root).is_some_and(|root| root.text().len() > LONGEST_TEXT)
}

/// Gives numbers in the order of visits.
struct Order<'a> {
    nodes: &'a [TypeShape],
    classes: &'a [usize],
    given: HashMap<usize, TypeNumber>,
    types: Vec<TypeShape>,
}

impl Order<'_> {
    /// By hand and not by recursion: a graph may be deep.
    fn visit(&mut self, root: TypeNumber) -> TypeNumber {
        let from = self.types.len();
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let class = self.classes[index(node)];
            if self.given.contains_key(&class) {
                continue;
            }
            self.given.insert(class, number(self.types.len()));
            let shape = self.nodes[index(node)].clone();
            open.extend(shape.parts().into_iter().rev());
            self.types.push(shape);
        }
        // All parts have their numbers only now.
        for shape in &mut self.types[from..] {
            shape.each_part(&mut |part| {
                *part = self.given.get(&self.classes[index(*part)]).copied().unwrap_or_default();
            });
        }
        self.given.get(&self.classes[index(root)]).copied().unwrap_or_default()
    }
}

/// Nodes that mean one type have one class: those that look the same and whose parts do.
fn classes(nodes: &[TypeShape]) -> Vec<usize> {
    let labels: Vec<TypeShape> = nodes
        .iter()
        .cloned()
        .map(|mut shape| {
            shape.each_part(&mut |part| *part = 0);
            shape
        })
        .collect();
    let parts: Vec<Vec<usize>> = nodes.iter().map(|shape| shape.parts().into_iter().map(index).collect()).collect();
    let (mut classes, mut count) = numbered(labels.iter());
    loop {
        let keys: Vec<(usize, Vec<usize>)> = (0..nodes.len())
            .map(|node| (classes[node], parts[node].iter().map(|part| classes[*part]).collect()))
            .collect();
        let (next, finer) = numbered(keys.iter());
        if finer == count {
            return classes;
        }
        (classes, count) = (next, finer);
    }
}

/// A number for each distinct key, and how many there are.
fn numbered<K: std::hash::Hash + Eq>(keys: impl Iterator<Item = K>) -> (Vec<usize>, usize) {
    let mut given = HashMap::new();
    let numbers = keys
        .map(|key| {
            let next = given.len();
            *given.entry(key).or_insert(next)
        })
        .collect();
    (numbers, given.len())
}

/// The nodes that contain themselves with nothing between that may be empty.
pub(super) fn bottomless(nodes: &[TypeShape]) -> Vec<usize> {
    // Whoever has only parts that end, ends; repeated until nothing changes, from the leaves up.
    let mut waits: Vec<usize> = Vec::with_capacity(nodes.len());
    let mut wanted_by: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (node, shape) in nodes.iter().enumerate() {
        let parts = if shape.is_guard() { Vec::new() } else { shape.parts() };
        waits.push(parts.len());
        for part in parts {
            if let Some(wanted) = wanted_by.get_mut(index(part)) {
                wanted.push(node);
            }
        }
    }
    let mut ends: Vec<usize> = (0..nodes.len()).filter(|node| waits[*node] == 0).collect();
    while let Some(node) = ends.pop() {
        for waiting in std::mem::take(&mut wanted_by[node]) {
            waits[waiting] -= 1;
            if waits[waiting] == 0 {
                ends.push(waiting);
            }
        }
    }
    (0..nodes.len()).filter(|node| waits[*node] > 0).collect()
}
