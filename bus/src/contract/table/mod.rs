//! Types as a table: each once, in an order that is always the same, referring to one another by
//! number. What a description carries, what is compared, and what goes to a peer that asks.

mod canonical;
mod text;

use serde::{Deserialize, Serialize};

pub(crate) use self::canonical::{Graph, tabulate};

/// The most types that the shape of one value may be made of; what is larger stays opaque.
pub const MOST_TYPES: usize = 1024;

/// The longest text of one value's shape, in bytes; what is larger stays opaque.
pub const LONGEST_TEXT: usize = 16 * 1024;

/// The number of a type in its [`TypeTable`].
pub type TypeNumber = u32;

/// Types by number, each of them once.
///
/// A type contains itself only by way of an option, a list, a map or an enum. One that is read
/// from JSON or another format is checked for that, and for numbers that lead nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TypeShape>", into = "Vec<TypeShape>")]
pub struct TypeTable {
    types: Vec<TypeShape>,
}

impl TypeTable {
    /// The types, in order.
    pub fn types(&self) -> &[TypeShape] {
        &self.types
    }

    /// The type of this number, as a place to start from; `None` where there is none.
    pub fn get(&self, number: TypeNumber) -> Option<TypeRef<'_>> {
        (usize::try_from(number).ok()? < self.types.len()).then_some(TypeRef { table: self, number })
    }

    /// The same for a number that is there, or stands for what nobody knows.
    pub(crate) fn start(&self, number: TypeNumber) -> TypeRef<'_> {
        TypeRef { table: self, number }
    }
}

/// Why a table cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// A type refers to a number that the table does not have.
    #[error("type #{from} refers to #{to}, which the table does not have")]
    Dangling {
        /// The type.
        from: usize,
        /// What it refers to.
        to: TypeNumber,
    },
    /// A type contains itself, with nothing between that may be empty: no value of it exists.
    #[error("type #{0} contains itself without an option, a list, a map or an enum between")]
    Bottomless(usize),
}

impl From<TypeTable> for Vec<TypeShape> {
    fn from(table: TypeTable) -> Self {
        table.types
    }
}

/// One type of a [`TypeTable`]. It displays as the source would write it, in one line.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef<'a> {
    table: &'a TypeTable,
    number: TypeNumber,
}

impl<'a> TypeRef<'a> {
    /// What the type is.
    pub fn shape(self) -> &'a TypeShape {
        // A description that was written by hand may name what its table does not have.
        static NOT_THERE: TypeShape = TypeShape::Opaque { name: String::new() };
        usize::try_from(self.number).ok().and_then(|number| self.table.types.get(number)).unwrap_or(&NOT_THERE)
    }

    /// Its number in the table.
    pub fn number(self) -> TypeNumber {
        self.number
    }

    /// Another type of the same table.
    #[must_use]
    pub fn at(self, number: TypeNumber) -> Self {
        Self { number, ..self }
    }
}

/// What a type looks like on the wire: serde's data model, with the names that serde sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TypeShape {
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
    /// A text: `String`, `&str`.
    Text,
    /// Bytes that are written or asked for as such; a `Vec<u8>` is a list.
    Bytes,
    /// `Option<T>`.
    Option(TypeNumber),
    /// A list or set of any length.
    List(TypeNumber),
    /// A map: keys and values.
    Map(TypeNumber, TypeNumber),
    /// A tuple whose parts are not all of one type, or that has fewer than two.
    Tuple(Vec<TypeNumber>),
    /// An array, or a tuple of two or more parts of one type: serde does not tell them apart.
    Array {
        /// The type of its parts.
        of: TypeNumber,
        /// How many there are.
        length: u32,
    },
    /// A struct with nothing in it.
    UnitStruct {
        /// Its name.
        name: String,
    },
    /// A struct around one value, which stands on the wire as that value.
    Newtype {
        /// Its name.
        name: String,
        /// What is in it.
        of: TypeNumber,
    },
    /// A struct whose fields have no names.
    TupleStruct {
        /// Its name.
        name: String,
        /// Its fields, in order.
        fields: Vec<TypeNumber>,
    },
    /// A struct whose fields have names.
    Struct {
        /// Its name.
        name: String,
        /// Its fields, in order.
        fields: Vec<FieldShape>,
        /// What a reader does with fields that it does not know.
        #[serde(default = "Others::ignored", skip_serializing_if = "Others::is_ignored")]
        others: Others,
    },
    /// An enum.
    Enum {
        /// Its name.
        name: String,
        /// Its variants, in order.
        variants: Vec<VariantShape>,
        /// A reader: what it does with variants that it does not know. A writer: whether it may
        /// write others than these.
        #[serde(default = "Others::denied", skip_serializing_if = "Others::is_denied")]
        others: Others,
    },
    /// What could not be found out: a name is all that is known.
    Opaque {
        /// The name of the Rust type, as far as it is known.
        name: String,
    },
}

/// A field with a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldShape {
    /// Its name to serde.
    pub name: String,
    /// What it looks like.
    pub of: TypeNumber,
    /// Other names that a reader takes for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether it is always written, or must be there to be read.
    #[serde(default, skip_serializing_if = "Presence::is_always")]
    pub presence: Presence,
}

/// Whether a field is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// A writer always writes it; a reader fails where it is missing.
    #[default]
    Always,
    /// A writer leaves it out at times (`skip_serializing_if`); a reader can do without it (an
    /// `Option`, `#[serde(default)]`).
    Sometimes,
    /// It could not be found out.
    Unknown,
}

impl Presence {
    #[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
    fn is_always(&self) -> bool {
        *self == Self::Always
    }
}

/// What happens to names that are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Others {
    /// A reader skips them, or takes them for its `#[serde(other)]` variant.
    Ignored,
    /// A reader refuses them; a writer has none.
    Denied,
    /// It could not be found out.
    Unknown,
}

impl Others {
    const fn ignored() -> Self {
        Self::Ignored
    }

    const fn denied() -> Self {
        Self::Denied
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
    fn is_ignored(&self) -> bool {
        *self == Self::Ignored
    }

    #[allow(clippy::trivially_copy_pass_by_ref)] // As serde calls it.
    fn is_denied(&self) -> bool {
        *self == Self::Denied
    }
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VariantShape {
    /// Its name to serde. A number where it could not be found out.
    pub name: String,
    /// Its number under bincode: for a writer its position in the source, for a reader its
    /// position among those that it reads.
    pub index: u32,
    /// Other names that a reader takes for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What is in it.
    pub content: Content,
}

/// What is in a variant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Nothing.
    Unit,
    /// One value.
    Newtype(TypeNumber),
    /// Values without names.
    Tuple(Vec<TypeNumber>),
    /// Fields.
    Struct {
        /// The fields, in order.
        fields: Vec<FieldShape>,
        /// What a reader does with fields that it does not know.
        #[serde(default = "Others::ignored", skip_serializing_if = "Others::is_ignored")]
        others: Others,
    },
    /// It could not be found out.
    Unknown,
}

impl TypeShape {
    /// The numbers of the types that it is made of, in the order in which it names them.
    pub fn parts(&self) -> Vec<TypeNumber> {
        let mut parts = Vec::new();
        // What is changed is the copy.
        self.clone().each_part(&mut |part| parts.push(*part));
        parts
    }

    /// Does something with every number that it refers to, in order.
    pub(crate) fn each_part(&mut self, act: &mut dyn FnMut(&mut TypeNumber)) {
        fn all(fields: &mut [FieldShape], act: &mut dyn FnMut(&mut TypeNumber)) {
            for field in fields {
                act(&mut field.of);
            }
        }
        match self {
            Self::Option(of) | Self::List(of) | Self::Array { of, .. } | Self::Newtype { of, .. } => act(of),
            Self::Map(key, value) => {
                act(key);
                act(value);
            }
            Self::Tuple(parts) | Self::TupleStruct { fields: parts, .. } => parts.iter_mut().for_each(act),
            Self::Struct { fields, .. } => all(fields, act),
            Self::Enum { variants, .. } => {
                for variant in variants {
                    match &mut variant.content {
                        Content::Newtype(of) => act(of),
                        Content::Tuple(parts) => parts.iter_mut().for_each(&mut *act),
                        Content::Struct { fields, .. } => all(fields, act),
                        Content::Unit | Content::Unknown => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether it may be empty, so that a type may contain itself by way of it.
    pub(crate) fn is_guard(&self) -> bool {
        matches!(self, Self::Option(_) | Self::List(_) | Self::Map(..) | Self::Enum { .. })
    }

    /// Its name in the source, where it has one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::UnitStruct { name }
            | Self::Newtype { name, .. }
            | Self::TupleStruct { name, .. }
            | Self::Struct { name, .. }
            | Self::Enum { name, .. }
            | Self::Opaque { name } => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
