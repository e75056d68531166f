//! The shape of a type on the wire.

use std::fmt;

/// What a type looks like on the wire: serde's data model, with the names of the source.
///
/// It is traced through `Deserialize`, so a type needs nothing beyond what it has to be sent. What
/// tells a reader apart by its bytes is told apart here; `Box<T>` is `T`, a set is a list, an
/// array is a tuple, `usize` is `u64`.
///
/// ```
/// use bus::contract::Shape;
///
/// #[derive(serde::Deserialize)]
/// struct Product { id: u64, name: String, tags: Vec<String> }
///
/// assert_eq!(
///     Shape::of::<Vec<Product>>().to_string(),
///     "Vec<Product { id: u64, name: string, tags: Vec<string> }>",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing: `()`.
    Unit,
    /// `bool`.
    Bool,
    /// `i8`.
    I8,
    /// `i16`.
    I16,
    /// `i32`.
    I32,
    /// `i64`, `isize`.
    I64,
    /// `i128`.
    I128,
    /// `u8`.
    U8,
    /// `u16`.
    U16,
    /// `u32`.
    U32,
    /// `u64`, `usize`.
    U64,
    /// `u128`.
    U128,
    /// `f32`.
    F32,
    /// `f64`.
    F64,
    /// `char`.
    Char,
    /// A text: `String`, `&str`. Named so because a second type called `String` would make the compiler
    /// write the first one with its path in every diagnostic of whoever uses this crate.
    Text,
    /// Bytes that are asked for as such; a `Vec<u8>` is a list.
    Bytes,
    /// `Option<T>`.
    Optional(Box<Shape>),
    /// A list or set of any length.
    Seq(Box<Shape>),
    /// A map: keys and values.
    Map(Box<Shape>, Box<Shape>),
    /// A tuple or an array.
    Tuple(Vec<Shape>),
    /// A struct of any kind, a newtype among them.
    Struct {
        /// Its name.
        name: String,
        /// What is in it.
        fields: Fields,
    },
    /// An enum.
    Enum {
        /// Its name.
        name: String,
        /// Its variants, in order: the position is what stands on the wire.
        variants: Vec<Variant>,
    },
    /// A type inside itself.
    Reference {
        /// The name of the enclosing type.
        name: String,
        /// How many options, lists, maps, tuples, structs and enums stand between: 0 is the
        /// nearest of them that encloses this one.
        up: usize,
    },
    /// The type, or what follows in it, could not be traced: a name is all that is known.
    Opaque(String),
}

/// What is in a struct or in a variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fields {
    /// Nothing.
    Unit,
    /// Fields by position; a newtype has one.
    Positional(Vec<Shape>),
    /// Fields by name.
    Named(Vec<Field>),
}

/// A field with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name to serde. A number where `#[serde(alias)]` hides which name is whose.
    pub name: String,
    /// What it looks like.
    pub shape: Shape,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name to serde. A number where `#[serde(alias)]` hides which name is whose.
    pub name: String,
    /// What is in it.
    pub fields: Fields,
}

impl Shape {
    /// Whether all of it is known: nothing in it is [`Opaque`](Self::Opaque).
    pub fn is_complete(&self) -> bool {
        !matches!(self, Self::Opaque(_)) && self.parts().into_iter().all(Self::is_complete)
    }

    /// Whether what is inside counts this shape when it says how far [`up`](Self::Reference) it means.
    pub(super) fn encloses(&self) -> bool {
        matches!(
            self,
            Self::Optional(_) | Self::Seq(_) | Self::Map(..) | Self::Tuple(_) | Self::Struct { .. } | Self::Enum { .. }
        )
    }

    /// The shapes directly inside.
    pub(super) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Optional(inner) | Self::Seq(inner) => vec![&**inner],
            Self::Map(key, value) => vec![&**key, &**value],
            Self::Tuple(parts) => parts.iter().collect(),
            Self::Struct { fields, .. } => fields.shapes().collect(),
            Self::Enum { variants, .. } => variants.iter().flat_map(|variant| variant.fields.shapes()).collect(),
            _ => Vec::new(),
        }
    }
}

impl Fields {
    /// The shapes of the fields, in order.
    pub(super) fn shapes(&self) -> impl Iterator<Item = &Shape> {
        let (positional, named) = match self {
            Self::Unit => (&[][..], &[][..]),
            Self::Positional(shapes) => (&shapes[..], &[][..]),
            Self::Named(fields) => (&[][..], &fields[..]),
        };
        positional.iter().chain(named.iter().map(|field| &field.shape))
    }
}

/// In one line, close to how the source writes it: `Vec<Order { id: u64, side: enum Side { Buy, Sell } }>`.
///
/// `^Node` is a type inside itself, `?Name` what could not be traced.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Unit => "()",
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::I128 => "i128",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::U128 => "u128",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Char => "char",
            Self::Text => "string",
            Self::Bytes => "bytes",
            Self::Optional(inner) => return write!(f, "Option<{inner}>"),
            Self::Seq(inner) => return write!(f, "Vec<{inner}>"),
            Self::Map(key, value) => return write!(f, "Map<{key}, {value}>"),
            Self::Tuple(parts) => return tuple(parts, f),
            Self::Struct { name, fields } => return write!(f, "{name}{fields}"),
            Self::Enum { name, variants } => {
                write!(f, "enum {name} {{")?;
                for (index, Variant { name, fields }) in variants.iter().enumerate() {
                    write!(f, "{} {name}{fields}", if index == 0 { "" } else { "," })?;
                }
                " }"
            }
            Self::Reference { name, .. } => return write!(f, "^{name}"),
            Self::Opaque(name) => return write!(f, "?{name}"),
        };
        f.write_str(word)
    }
}

impl fmt::Display for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => Ok(()),
            Self::Positional(shapes) => listed(shapes, f),
            Self::Named(fields) if fields.is_empty() => f.write_str(" {}"),
            Self::Named(fields) => {
                for (index, Field { name, shape }) in fields.iter().enumerate() {
                    write!(f, "{} {name}: {shape}", if index == 0 { " {" } else { "," })?;
                }
                f.write_str(" }")
            }
        }
    }
}

/// A tuple, or an array where it is long enough to be one rather than a tuple of equals.
fn tuple(parts: &[Shape], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match parts {
        [first, _, _, _, ..] if parts.iter().all(|part| part == first) => write!(f, "[{first}; {}]", parts.len()),
        [only] => write!(f, "({only},)"),
        _ => listed(parts, f),
    }
}

fn listed(shapes: &[Shape], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("(")?;
    for (index, shape) in shapes.iter().enumerate() {
        write!(f, "{}{shape}", if index == 0 { "" } else { ", " })?;
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests;
