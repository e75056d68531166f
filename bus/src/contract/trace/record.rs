//! What a type writes: everything that its values were seen to write, put together.

use std::any::type_name;

use serde::Serialize;

use super::super::table::{Content, FieldShape, Graph, Others, Presence, TypeNumber, TypeShape, VariantShape};
use super::names;

/// The number of a place.
pub(super) type Place = usize;

/// Places in all; what is beyond stays opaque.
const PLACES: usize = 20_000;
/// Values written in all, each place counted each time.
const VISITS: usize = 1_000_000;
/// Variants of one value that are remembered.
const VARIANTS: usize = 4_096;
/// Levels of a value in itself.
const DEPTH: usize = 96;

/// What was written at a place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    Nothing,
    Leaf(TypeShape),
    Option(Place),
    List(Place),
    Map(Place, Place),
    Tuple(Vec<Place>),
    UnitStruct(&'static str),
    Newtype(&'static str, Place),
    TupleStruct(&'static str, Vec<Place>),
    /// Name, fields, and whether one was written to its end.
    Struct(&'static str, Vec<Field>, bool),
    Enum(&'static str, Vec<Variant>),
    /// One thing at one time and another at another, or more than is looked at.
    Mixed,
    /// The same type as a place that encloses this one.
    Link(Place),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) place: Place,
    /// Whether it was left out at times.
    sometimes: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Variant {
    pub(super) index: u32,
    pub(super) name: &'static str,
    pub(super) content: Place,
}

#[derive(Debug)]
struct Noted {
    written: Written,
    type_name: &'static str,
    of: Option<Place>,
}

/// All that was written.
#[derive(Debug)]
pub(super) struct Record {
    places: Vec<Noted>,
    visits: usize,
    depth: usize,
    /// The variants that the value wrote that is written just now.
    variants: Vec<&'static str>,
}

/// What stands at a place as a whole, to be compared with what stood there before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whole {
    Option,
    List,
    Map,
    Tuple(usize),
    UnitStruct(&'static str),
    Newtype(&'static str),
    TupleStruct(&'static str, usize),
    Struct(&'static str),
    Enum(&'static str),
}

impl Record {
    pub(super) fn new(type_name: &'static str) -> Self {
        let root = Noted { written: Written::Nothing, type_name: plain(type_name), of: None };
        Self { places: vec![root], visits: 0, depth: 0, variants: Vec::new() }
    }

    /// A value is about to be written.
    pub(super) fn begin(&mut self) {
        self.depth = 0;
        self.variants.clear();
    }

    /// The variants that the value wrote, in order.
    pub(super) fn variants(&self) -> &[&'static str] {
        &self.variants
    }

    fn place(&mut self, of: Place) -> Place {
        self.places.push(Noted { written: Written::Nothing, type_name: "", of: Some(of) });
        self.places.len() - 1
    }

    fn places(&mut self, of: Place, count: usize) -> Vec<Place> {
        (0..count).map(|_| self.place(of)).collect()
    }

    /// Notes the Rust type of what is about to be written at a place.
    pub(super) fn tell<T: Serialize + ?Sized>(&mut self, place: Place) {
        if self.places[place].type_name.is_empty() {
            self.places[place].type_name = plain(type_name::<T>());
        }
    }

    /// Whether a place may be looked at.
    fn visit(&mut self) -> bool {
        self.visits += 1;
        self.visits <= VISITS && self.places.len() <= PLACES
    }

    pub(super) fn leaf(&mut self, place: Place, shape: &TypeShape) -> bool {
        match &self.places[place].written {
            Written::Nothing => self.places[place].written = Written::Leaf(shape.clone()),
            Written::Leaf(known) if known == shape => {}
            _ => self.places[place].written = Written::Mixed,
        }
        self.visit()
    }

    /// Something with parts is written: the place that stands for it from now on, or none if it is
    /// not looked at.
    pub(super) fn enter(&mut self, place: Place, whole: Whole) -> Option<Place> {
        if !self.visit() || self.depth >= DEPTH {
            return None;
        }
        if self.places[place].written == Written::Nothing {
            let same = self.same(place, whole);
            self.places[place].written = same.map_or_else(|| self.fresh(place, whole), Written::Link);
        }
        let at = if let Written::Link(target) = self.places[place].written { target } else { place };
        if !fits(&self.places[at].written, whole) {
            // What was written before stays out of it.
            self.places[place].written = Written::Mixed;
            return None;
        }
        self.depth += 1;
        Some(at)
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The nearest place around this one that is the same type.
    fn same(&self, place: Place, whole: Whole) -> Option<Place> {
        let name = self.places[place].type_name;
        let around = std::iter::successors(self.places[place].of, |outer| self.places[*outer].of);
        let same = |outer: &Place| self.places[*outer].type_name == name && fits(&self.places[*outer].written, whole);
        around.into_iter().find(|outer| !name.is_empty() && same(outer))
    }

    fn fresh(&mut self, place: Place, whole: Whole) -> Written {
        match whole {
            Whole::Option => Written::Option(self.place(place)),
            Whole::List => Written::List(self.place(place)),
            Whole::Map => Written::Map(self.place(place), self.place(place)),
            Whole::Tuple(len) => Written::Tuple(self.places(place, len.min(PLACES))),
            Whole::UnitStruct(name) => Written::UnitStruct(name),
            Whole::Newtype(name) => Written::Newtype(name, self.place(place)),
            Whole::TupleStruct(name, len) => Written::TupleStruct(name, self.places(place, len.min(PLACES))),
            Whole::Struct(name) => Written::Struct(name, Vec::new(), false),
            Whole::Enum(name) => Written::Enum(name, Vec::new()),
        }
    }

    /// A part of what is open there.
    pub(super) fn part(&self, place: Place, index: usize) -> Option<Place> {
        match &self.places[place].written {
            Written::Option(of) | Written::List(of) | Written::Newtype(_, of) => Some(*of),
            Written::Map(key, value) => Some(if index == 0 { *key } else { *value }),
            Written::Tuple(parts) | Written::TupleStruct(_, parts) => parts.get(index).copied(),
            _ => None,
        }
    }

    /// The place of a field. `next` is the position after the field that was written before.
    pub(super) fn field(&mut self, of: Place, name: &'static str, next: usize, first: bool) -> Option<(usize, Place)> {
        let Written::Struct(_, fields, _) = &self.places[of].written else { return None };
        if let Some(position) = fields.iter().position(|field| field.name == name) {
            return Some((position, fields[position].place));
        }
        let place = self.place(of);
        let Written::Struct(_, fields, _) = &mut self.places[of].written else { return None };
        let position = next.min(fields.len());
        fields.insert(position, Field { name, place, sometimes: !first });
        Some((position, place))
    }

    /// Whether no value of the struct was written yet.
    pub(super) fn is_first(&self, of: Place) -> bool {
        matches!(&self.places[of].written, Written::Struct(_, _, false))
    }

    /// The end of a struct: what it has not written may be missing.
    pub(super) fn fields_written(&mut self, of: Place, written: &[&'static str]) {
        if let Written::Struct(_, fields, _) = &mut self.places[of].written {
            for field in fields.iter_mut().filter(|field| !written.contains(&field.name)) {
                field.sometimes = true;
            }
        }
    }

    /// The place of what is in a variant.
    pub(super) fn variant(&mut self, of: Place, index: u32, name: &'static str) -> Option<Place> {
        if self.variants.len() < VARIANTS {
            self.variants.push(name);
        }
        let Written::Enum(_, variants) = &self.places[of].written else { return None };
        if let Some(known) = variants.iter().find(|variant| variant.index == index && variant.name == name) {
            return Some(known.content);
        }
        let content = self.place(of);
        let Written::Enum(_, variants) = &mut self.places[of].written else { return None };
        let position = variants.partition_point(|variant| variant.index < index);
        variants.insert(position, Variant { index, name, content });
        Some(content)
    }

    /// What the type writes. Node 0 is the type itself.
    pub(super) fn graph(&self) -> Graph {
        let mut making = Making { record: self, graph: Graph::default(), nodes: vec![None; self.places.len()] };
        making.node(0);
        making.graph
    }
}

/// A type's name without what is not written around it.
fn plain(mut name: &'static str) -> &'static str {
    const AROUND: [&str; 3] = ["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"];
    loop {
        let inner = AROUND.iter().find_map(|around| name.strip_prefix(around)?.strip_suffix('>'));
        name = match inner.or_else(|| name.strip_prefix('&')) {
            Some(inner) => inner,
            None => return name,
        };
    }
}

fn fits(written: &Written, whole: Whole) -> bool {
    match (written, whole) {
        (Written::Option(_), Whole::Option) | (Written::List(_), Whole::List) | (Written::Map(..), Whole::Map) => true,
        (Written::Tuple(parts), Whole::Tuple(len)) => parts.len() == len,
        (Written::UnitStruct(known), Whole::UnitStruct(name))
        | (Written::Newtype(known, _), Whole::Newtype(name))
        | (Written::Struct(known, ..), Whole::Struct(name))
        | (Written::Enum(known, _), Whole::Enum(name)) => *known == name,
        (Written::TupleStruct(known, parts), Whole::TupleStruct(name, len)) => *known == name && parts.len() == len,
        _ => false,
    }
}

struct Making<'a> {
    record: &'a Record,
    graph: Graph,
    nodes: Vec<Option<TypeNumber>>,
}

impl Making<'_> {
    fn node(&mut self, place: Place) -> TypeNumber {
        let target = if let Written::Link(target) = self.record.places[place].written { target } else { place };
        if let Some(node) = self.nodes[target] {
            return node;
        }
        let node = self.graph.add(TypeShape::Unit);
        self.nodes[target] = Some(node);
        let shape = self.shape(target);
        if let Some(at) = usize::try_from(node).ok().and_then(|node| self.graph.nodes.get_mut(node)) {
            *at = shape;
        }
        node
    }

    fn nodes(&mut self, places: &[Place]) -> Vec<TypeNumber> {
        places.iter().map(|place| self.node(*place)).collect()
    }

    fn shape(&mut self, place: Place) -> TypeShape {
        match &self.record.places[place].written {
            Written::Nothing | Written::Mixed | Written::Link(_) => {
                TypeShape::Opaque { name: names::short(self.record.places[place].type_name) }
            }
            Written::Leaf(shape) => shape.clone(),
            Written::Option(of) => TypeShape::Option(self.node(*of)),
            Written::List(of) => TypeShape::List(self.node(*of)),
            Written::Map(key, value) => TypeShape::Map(self.node(*key), self.node(*value)),
            Written::Tuple(parts) => TypeShape::Tuple(self.nodes(parts)),
            Written::UnitStruct(name) => TypeShape::UnitStruct { name: (*name).to_owned() },
            Written::Newtype(name, of) => TypeShape::Newtype { name: (*name).to_owned(), of: self.node(*of) },
            Written::TupleStruct(name, parts) => {
                TypeShape::TupleStruct { name: (*name).to_owned(), fields: self.nodes(parts) }
            }
            Written::Struct(name, fields, _) => {
                TypeShape::Struct { name: (*name).to_owned(), fields: self.fields(fields), others: Others::Ignored }
            }
            Written::Enum(name, variants) => {
                let variants = variants
                    .iter()
                    .map(|variant| VariantShape {
                        name: variant.name.to_owned(),
                        index: variant.index,
                        aliases: Vec::new(),
                        content: self.content(variant.content),
                    })
                    .collect();
                TypeShape::Enum { name: (*name).to_owned(), variants, others: Others::Denied }
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Vec<FieldShape> {
        fields
            .iter()
            .map(|field| FieldShape {
                name: field.name.to_owned(),
                of: self.node(field.place),
                aliases: Vec::new(),
                presence: if field.sometimes { Presence::Sometimes } else { Presence::Always },
            })
            .collect()
    }

    fn content(&mut self, place: Place) -> Content {
        match &self.record.places[place].written {
            Written::UnitStruct(_) => Content::Unit,
            Written::Newtype(_, of) => Content::Newtype(self.node(*of)),
            Written::TupleStruct(_, parts) => Content::Tuple(self.nodes(parts)),
            Written::Struct(_, fields, _) => Content::Struct { fields: self.fields(fields), others: Others::Ignored },
            _ => Content::Unknown,
        }
    }
}
