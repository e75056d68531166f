//! The shape that is made of what the passes found out.

use super::super::super::shape::{Field, Fields, Shape, Variant};
use super::super::names;
use super::super::query::Id;
use super::TraceState;
use super::slot::{Choice, Kind, State};

/// Shapes in the outcome; what is beyond stays opaque.
const SHAPES: usize = 20_000;

impl TraceState {
    /// The shape that all passes together make.
    pub(in super::super) fn shape(&self) -> Shape {
        self.shape_of(0, &mut Vec::new(), &mut 0)
    }

    fn shape_of(&self, id: Id, enclosing: &mut Vec<Id>, shapes: &mut usize) -> Shape {
        let slot = &self.slots[id];
        *shapes += 1;
        if *shapes > SHAPES {
            return self.opaque(id);
        }
        match &slot.kind {
            Kind::Unknown | Kind::Any => return self.opaque(id),
            Kind::Leaf(shape) => return shape.clone(),
            Kind::Link(target) => {
                return match enclosing.iter().rev().position(|open| open == target) {
                    Some(up) => Shape::Reference { name: self.name(*target), up },
                    None => self.opaque(id),
                };
            }
            _ => {}
        }
        enclosing.push(id);
        let mut part = |id: &Id| self.shape_of(*id, enclosing, shapes);
        let shape = match &slot.kind {
            Kind::Option(inner) => Shape::Optional(Box::new(part(inner))),
            Kind::Seq(inner) => Shape::Seq(Box::new(part(inner))),
            Kind::Map(key, value) => Shape::Map(Box::new(part(key)), Box::new(part(value))),
            Kind::Tuple(parts) => Shape::Tuple(parts.iter().map(part).collect()),
            Kind::Struct { name, names, fields, .. } => {
                Shape::Struct { name: (*name).into(), fields: fields_of(*names, fields, &mut part) }
            }
            Kind::Enum { name, variants } => self.r#enum(name, variants, &mut part),
            Kind::Unknown | Kind::Any | Kind::Leaf(_) | Kind::Link(_) => self.opaque(id),
        };
        enclosing.pop();
        shape
    }

    fn r#enum(&self, name: &str, variants: &[Choice], part: &mut dyn FnMut(&Id) -> Shape) -> Shape {
        let numbered = variants.iter().any(|variant| variant.state == State::Missing);
        let known = variants.iter().filter(|variant| variant.state != State::Missing);
        let variants = known.enumerate().map(|(index, variant)| Variant {
            name: if numbered { index.to_string() } else { variant.name.to_owned() },
            fields: match &self.slots[variant.content].kind {
                // A struct of the variant's own, see `content`.
                Kind::Struct { names, fields, .. } => fields_of(*names, fields, part),
                _ => Fields::Positional(vec![self.opaque(variant.content)]),
            },
        });
        Shape::Enum { name: name.to_owned(), variants: variants.collect() }
    }

    fn opaque(&self, id: Id) -> Shape {
        Shape::Opaque(self.name(id))
    }

    /// What a slot is called in the source, as far as it was told.
    pub(super) fn name(&self, id: Id) -> String {
        let slot = &self.slots[id];
        match slot.kind {
            Kind::Struct { name, .. } | Kind::Enum { name, .. } => name.into(),
            _ => names::short(if slot.type_name.is_empty() { slot.reader.value.name } else { slot.type_name }),
        }
    }
}

fn fields_of(names: Option<&'static [&'static str]>, fields: &[Id], part: &mut dyn FnMut(&Id) -> Shape) -> Fields {
    match names {
        None if fields.is_empty() => Fields::Unit,
        None => Fields::Positional(fields.iter().map(part).collect()),
        Some(names) => {
            let numbered = names.len() != fields.len();
            let name = |index: usize| match names.get(index) {
                Some(name) if !numbered => (*name).to_owned(),
                _ => index.to_string(),
            };
            let field = |(index, id)| Field { name: name(index), shape: part(id) };
            Fields::Named(fields.iter().enumerate().map(field).collect())
        }
    }
}
