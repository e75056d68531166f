//! The graph of types that is made of all that is known.

use std::collections::HashMap;

use super::super::super::shape::Shape;
use super::super::super::table::{Content, FieldShape, Graph, Others, Presence, TypeNumber, TypeShape, VariantShape};
use super::super::names;
use super::super::query::Id;
use super::TraceState;
use super::facts::{EnumFacts, StructFacts};
use super::slot::{Choice, Kind, State};

/// Nodes of a graph; what is beyond stays opaque.
const NODES: usize = 20_000;

impl TraceState {
    pub(in super::super) fn know_struct(&mut self, id: Id, facts: StructFacts) {
        self.facts.structs.insert(id, facts);
    }

    pub(in super::super) fn know_enum(&mut self, id: Id, facts: EnumFacts) {
        self.facts.enums.insert(id, facts);
    }

    /// What the type reads. Node 0 is the type itself.
    pub(in super::super) fn graph(&self) -> Graph {
        let mut making = Making { book: self, graph: Graph::default(), nodes: HashMap::new() };
        making.node(0);
        making.graph
    }
}

struct Making<'a> {
    book: &'a TraceState,
    graph: Graph,
    nodes: HashMap<Id, TypeNumber>,
}

impl Making<'_> {
    fn node(&mut self, id: Id) -> TypeNumber {
        let slot = &self.book.slots[id];
        if let Kind::Link(target) = slot.kind {
            // It encloses this one, so it has a node.
            return match self.nodes.get(&target) {
                Some(node) => *node,
                None => self.graph.add(self.opaque(id)),
            };
        }
        let node = self.graph.add(TypeShape::Unit);
        self.nodes.insert(id, node);
        let shape = if self.graph.nodes.len() > NODES { self.opaque(id) } else { self.shape(id) };
        if let Some(place) = usize::try_from(node).ok().and_then(|node| self.graph.nodes.get_mut(node)) {
            *place = shape;
        }
        node
    }

    fn shape(&mut self, id: Id) -> TypeShape {
        match &self.book.slots[id].kind {
            Kind::Unknown | Kind::Any | Kind::Link(_) => self.opaque(id),
            Kind::Leaf(shape) => leaf(shape),
            Kind::Option(inner) => TypeShape::Option(self.node(*inner)),
            Kind::Seq(inner) => TypeShape::List(self.node(*inner)),
            Kind::Map(key, value) => TypeShape::Map(self.node(*key), self.node(*value)),
            Kind::Tuple(parts) => TypeShape::Tuple(self.nodes(parts)),
            Kind::Struct { name, names: Some(names), fields, .. } => {
                let (fields, others) = self.fields(id, names, fields);
                TypeShape::Struct { name: (*name).to_owned(), fields, others }
            }
            Kind::Struct { name, fields, newtype, .. } => match (&fields[..], newtype) {
                ([], _) => TypeShape::UnitStruct { name: (*name).to_owned() },
                ([of], true) => TypeShape::Newtype { name: (*name).to_owned(), of: self.node(*of) },
                (fields, _) => TypeShape::TupleStruct { name: (*name).to_owned(), fields: self.nodes(fields) },
            },
            Kind::Enum { name, variants } => self.r#enum(id, name, variants),
        }
    }

    fn nodes(&mut self, parts: &[Id]) -> Vec<TypeNumber> {
        parts.iter().map(|part| self.node(*part)).collect()
    }

    fn fields(&mut self, id: Id, names: &[&'static str], fields: &[Id]) -> (Vec<FieldShape>, Others) {
        let book = self.book;
        let facts = book.facts.structs.get(&id);
        let known = facts.and_then(|facts| facts.names.as_ref());
        let field = |(index, of): (usize, &Id)| {
            let (name, aliases) = match known.and_then(|known| known.get(index)).and_then(|all| all.split_first()) {
                Some((name, aliases)) => {
                    ((*name).to_owned(), aliases.iter().map(|alias| (*alias).to_owned()).collect())
                }
                None if names.len() == fields.len() => (names[index].to_owned(), Vec::new()),
                None => (index.to_string(), Vec::new()),
            };
            let presence = facts.and_then(|facts| facts.presence.get(index)).copied().unwrap_or(Presence::Unknown);
            FieldShape { name, of: self.node(*of), aliases, presence }
        };
        let fields = fields.iter().enumerate().map(field).collect();
        (fields, facts.map_or(Others::Unknown, |facts| facts.others))
    }

    fn r#enum(&mut self, id: Id, name: &str, variants: &[Choice]) -> TypeShape {
        let book = self.book;
        let facts = book.facts.enums.get(&id);
        let shown: Vec<(usize, Option<Vec<&'static str>>)> = match facts {
            Some(facts) => facts.variants.clone(),
            None => (0..variants.len())
                .filter(|index| variants[*index].state != State::Missing)
                .map(|index| (index, None))
                .collect(),
        };
        let variants = shown
            .iter()
            .enumerate()
            .filter_map(|(position, (index, names))| {
                let choice = variants.get(*index)?;
                let (name, aliases) = match names.as_ref().and_then(|all| all.split_first()) {
                    Some((name, aliases)) => {
                        ((*name).to_owned(), aliases.iter().map(|alias| (*alias).to_owned()).collect())
                    }
                    None => (position.to_string(), Vec::new()),
                };
                let content = self.content(choice.content);
                Some(VariantShape { name, index: u32::try_from(position).ok()?, aliases, content })
            })
            .collect();
        TypeShape::Enum { name: name.to_owned(), variants, others: facts.map_or(Others::Unknown, |facts| facts.others) }
    }

    /// What is in a variant: noted as a struct without a name.
    fn content(&mut self, id: Id) -> Content {
        match &self.book.slots[id].kind {
            Kind::Struct { names: Some(names), fields, .. } => {
                let (fields, others) = self.fields(id, names, fields);
                Content::Struct { fields, others }
            }
            Kind::Struct { fields, newtype, .. } => match (&fields[..], newtype) {
                ([], _) => Content::Unit,
                ([of], true) => Content::Newtype(self.node(*of)),
                (fields, _) => Content::Tuple(self.nodes(fields)),
            },
            _ => Content::Unknown,
        }
    }

    fn opaque(&self, id: Id) -> TypeShape {
        TypeShape::Opaque { name: self.book.name(id) }
    }
}

/// A shape without parts.
fn leaf(shape: &Shape) -> TypeShape {
    match shape {
        Shape::Unit => TypeShape::Unit,
        Shape::Bool => TypeShape::Bool,
        Shape::I8 => TypeShape::I8,
        Shape::I16 => TypeShape::I16,
        Shape::I32 => TypeShape::I32,
        Shape::I64 => TypeShape::I64,
        Shape::I128 => TypeShape::I128,
        Shape::U8 => TypeShape::U8,
        Shape::U16 => TypeShape::U16,
        Shape::U32 => TypeShape::U32,
        Shape::U64 => TypeShape::U64,
        Shape::U128 => TypeShape::U128,
        Shape::F32 => TypeShape::F32,
        Shape::F64 => TypeShape::F64,
        Shape::Char => TypeShape::Char,
        Shape::Text => TypeShape::Text,
        Shape::Bytes => TypeShape::Bytes,
        other => TypeShape::Opaque { name: names::short(&other.to_string()) },
    }
}
