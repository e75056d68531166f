//! What the fingerprint of a method is made of.

use std::fmt::Write;

use super::fingerprint::{Fingerprint, Level};
use super::shape::{Fields, Shape};
use super::{Method, Type};
use crate::hash::fnv1a;

impl Method {
    /// What the method looks like on the wire, in two numbers; traced at the first call.
    pub fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| Fingerprint::of(self))
    }

    /// What a request says of the method in its `bus-contract` header, made once; `None` where a
    /// type could not be traced, so that the numbers would say nothing of the bytes.
    pub(crate) fn fingerprint_text(&self) -> Option<&str> {
        let text = || {
            let fingerprint = self.fingerprint();
            (fingerprint.level == Level::Shape).then(|| format!("{:016x}-{:016x}", fingerprint.wire, fingerprint.api))
        };
        self.fingerprint_text.get_or_init(text).as_deref()
    }
}

impl Fingerprint {
    fn of(method: &Method) -> Self {
        let mut canon = Canonical { wire: "bincode2/standard:".into(), api: String::new(), level: Level::Shape };
        name(method.name(), &mut canon.api);
        for argument in method.arguments() {
            name(argument.name(), &mut canon.api);
            canon.add(argument.r#type());
        }
        for (mark, r#type) in [("=", method.answer()), ("!", method.error())] {
            canon.wire.push_str(mark);
            canon.api.push_str(mark);
            canon.add(r#type);
        }
        let wire = fnv1a(canon.wire.as_bytes());
        // The names alone would miss what `wire` sees through them.
        let _ = write!(canon.api, "/{wire:016x}");
        Self { wire, api: fnv1a(canon.api.as_bytes()), level: canon.level }
    }
}

/// The texts that the numbers are made of. They are frozen: whatever changes one of them makes
/// every deployed process look changed.
struct Canonical {
    wire: String,
    api: String,
    level: Level,
}

impl Canonical {
    fn add(&mut self, r#type: &Type) {
        let shape = r#type.shape();
        if shape.is_complete() {
            wire(&shape, &mut Vec::new(), &mut self.wire);
        } else {
            self.level = Level::Names;
            self.wire.push('\'');
            // How the compiler spaces what it prints of the source is no part of the contract.
            name(&r#type.name().split_whitespace().collect::<String>(), &mut self.wire);
        }
        api(&shape, &mut self.api);
        self.wire.push(';');
        self.api.push(';');
    }
}

/// A name, so that none runs into what follows.
fn name(text: &str, to: &mut String) {
    let _ = write!(to, "{}:{text}", text.len());
}

/// What has no parts, in two letters at most of which none begins another.
fn plain(shape: &Shape) -> &'static str {
    match shape {
        Shape::Bool => "b",
        Shape::Char => "c",
        Shape::Text => "s",
        Shape::I8 => "i1",
        Shape::I16 => "i2",
        Shape::I32 => "i4",
        Shape::I64 => "i8",
        Shape::I128 => "iG",
        Shape::U8 => "u1",
        Shape::U16 => "u2",
        Shape::U32 => "u4",
        Shape::U64 => "u8",
        Shape::U128 => "uG",
        Shape::F32 => "f4",
        Shape::F64 => "f8",
        // As the list of `u8` that they are on the wire.
        Shape::Bytes => "*(u1)",
        _ => "",
    }
}

/// What bincode makes of a shape: names are nothing, and neither are the bounds of structs,
/// tuples and arrays. `open` says of each enclosing shape whether it is marked as referred to.
fn wire(shape: &Shape, open: &mut Vec<bool>, to: &mut String) {
    if let Shape::Reference { up, .. } = shape {
        // Only marks are counted: a struct around it all, which is nothing on the wire, has none.
        let marks = open.iter().rev().take(*up).filter(|marked| **marked).count();
        let _ = write!(to, "^{marks};");
        return;
    }
    if !shape.encloses() {
        to.push_str(plain(shape));
        return;
    }
    let marked = shape.parts().into_iter().any(|part| refers(part, 0));
    open.push(marked);
    to.push_str(if marked { "@(" } else { "" });
    match shape {
        Shape::Optional(inner) => {
            to.push_str("?(");
            wire(inner, open, to);
            to.push(')');
        }
        Shape::Enum { variants, .. } => {
            to.push_str("|(");
            for variant in variants {
                all_on_wire(variant.fields.shapes(), open, to);
                to.push(',');
            }
            to.push(')');
        }
        Shape::Seq(_) | Shape::Map(..) => {
            to.push_str("*(");
            all_on_wire(shape.parts(), open, to);
            to.push(')');
        }
        _ => all_on_wire(shape.parts(), open, to),
    }
    to.push_str(if marked { ")" } else { "" });
    open.pop();
}

fn all_on_wire<'s>(shapes: impl IntoIterator<Item = &'s Shape>, open: &mut Vec<bool>, to: &mut String) {
    for shape in shapes {
        wire(shape, open, to);
    }
}

/// Whether something in a shape refers to the shape that is so many levels above it.
fn refers(shape: &Shape, levels: usize) -> bool {
    match shape {
        Shape::Reference { up, .. } => *up == levels,
        _ => shape.parts().into_iter().any(|part| refers(part, levels + 1)),
    }
}

/// All that is known of a shape.
fn api(shape: &Shape, to: &mut String) {
    match shape {
        Shape::Struct { name: of, fields } => {
            to.push('{');
            name(of, to);
            api_fields(fields, to);
            to.push('}');
        }
        Shape::Enum { name: of, variants } => {
            to.push('|');
            name(of, to);
            for variant in variants {
                name(&variant.name, to);
                api_fields(&variant.fields, to);
            }
            to.push('}');
        }
        Shape::Reference { name: of, up } => {
            let _ = write!(to, "^{up};");
            name(of, to);
        }
        Shape::Opaque(of) => {
            to.push('\'');
            name(of, to);
        }
        Shape::Unit => to.push('0'),
        Shape::Bytes => to.push('y'),
        Shape::Optional(_) | Shape::Seq(_) | Shape::Map(..) | Shape::Tuple(_) => {
            to.push(match shape {
                Shape::Optional(_) => '?',
                Shape::Seq(_) => '*',
                Shape::Map(..) => '%',
                _ => '(',
            });
            for part in shape.parts() {
                api(part, to);
            }
            to.push(')');
        }
        _ => to.push_str(plain(shape)),
    }
}

fn api_fields(fields: &Fields, to: &mut String) {
    match fields {
        Fields::Unit => {}
        Fields::Positional(shapes) => {
            to.push('(');
            for shape in shapes {
                api(shape, to);
            }
            to.push(')');
        }
        Fields::Named(fields) => {
            to.push('{');
            for field in fields {
                name(&field.name, to);
                api(&field.shape, to);
            }
            to.push('}');
        }
    }
}

#[cfg(test)]
mod tests;
