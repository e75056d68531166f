//! The two shapes of a type: what it writes, and what it reads.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::shape::Shape;
use super::table::{Graph, TypeNumber, TypeRef, TypeShape, TypeTable, tabulate};
use super::trace::{Traced, trace, trace_both};
use crate::codec::Codec;

/// What a type writes and what it reads.
///
/// The two differ: `#[serde(skip_serializing_if)]`, `#[serde(skip)]` on a variant, `into`, `with`
/// and `rename(serialize = "..")` change what is written, `default`, `alias`, `other` and
/// `deny_unknown_fields` what is read. What is written is recorded from values that are made up;
/// what is read is what the type asks a format for. Nothing but serde's traits is needed.
///
/// ```
/// use bus::contract::Shapes;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Product {
///     id: u64,
///     #[serde(default, alias = "title")]
///     name: String,
///     tags: Vec<String>,
/// }
///
/// let shapes = Shapes::of::<Product>(bus::Codec::Json);
/// assert_eq!(
///     shapes.read().text(),
///     r##"#0 struct "Product" { "id": u64, "name"?|"title": string, "tags": #1 }
/// #1 list string
/// "##,
/// );
/// assert_eq!(shapes.written().to_string(), "Product { id: u64, name: string, tags: Vec<string> }");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shapes {
    table: TypeTable,
    written: TypeNumber,
    read: TypeNumber,
}

impl Shapes {
    /// Traces a type, as a codec makes it read and write: some types do both in another way in a
    /// format that people read.
    ///
    /// It never panics and ends in bounded time, whatever the type does; what it cannot find out
    /// is [`Opaque`](TypeShape::Opaque).
    pub fn of<T: Serialize + DeserializeOwned>(codec: Codec) -> Self {
        Self::tabulated(&trace_both::<T>(is_readable(codec)))
    }

    pub(crate) fn tabulated(traced: &Traced) -> Self {
        let mut graph = Graph::default();
        let roots = [graph.append(&traced.written.nodes), graph.append(&traced.read.nodes)];
        let (table, numbers) = tabulate(graph, &roots);
        let [written, read] = numbers[..] else { return Self::opaque("_") };
        Self { table, written, read }
    }

    pub(super) fn opaque(name: &str) -> Self {
        let mut graph = Graph::default();
        let root = graph.add(TypeShape::Opaque { name: name.to_owned() });
        let (table, _) = tabulate(graph, &[root]);
        Self { table, written: root, read: root }
    }

    /// What the type writes.
    pub fn written(&self) -> TypeRef<'_> {
        self.table.start(self.written)
    }

    /// What the type reads.
    pub fn read(&self) -> TypeRef<'_> {
        self.table.start(self.read)
    }

    /// The types that both are made of.
    pub fn table(&self) -> &TypeTable {
        &self.table
    }
}

/// Whether types are told that people read what they write.
pub(crate) fn is_readable(codec: Codec) -> bool {
    codec == Codec::Json
}

/// The numbers of what a type writes and reads in the table of its contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WrittenAndRead {
    /// What it writes.
    pub written: TypeNumber,
    /// What it reads.
    pub read: TypeNumber,
}

impl WrittenAndRead {
    pub(crate) fn new(written: TypeNumber, read: TypeNumber) -> Self {
        Self { written, read }
    }
}

/// How a type is traced. A function pointer, so that a `static` can hold it.
pub(crate) type Trace = fn(Wanted) -> Found;

/// What is wanted of a type.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// What the released numbers are made of.
    Released,
    /// Both sides, as binary codecs have them.
    Compact,
    /// Both sides, as JSON has them.
    Readable,
}

/// What was found.
#[derive(Debug)]
pub enum Found {
    /// Of [`Wanted::Released`].
    Released(Shape),
    /// Of the others.
    Both(Shapes),
}

/// Traces a type as wanted.
pub(crate) fn find<T: Serialize + DeserializeOwned>(wanted: Wanted) -> Found {
    match wanted {
        Wanted::Released => Found::Released(trace::<T>()),
        Wanted::Compact => Found::Both(Shapes::of::<T>(Codec::Bincode)),
        Wanted::Readable => Found::Both(Shapes::of::<T>(Codec::Json)),
    }
}
