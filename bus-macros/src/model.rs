//! What the rules leave: types that cannot hold what a rule excluded.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{LitStr, Type};

use crate::parse::{MethodItem, ServiceTrait};

/// What the check made of a trait.
pub(crate) enum Checked<'a> {
    /// Everything holds.
    Sound(Service<'a>),
    /// Something was reported: what still stands, so that code around the trait keeps its meaning.
    Broken(Salvage<'a>),
}

/// A trait that keeps every rule.
pub(crate) struct Service<'a> {
    pub(crate) written: &'a ServiceTrait,
    pub(crate) names: Names,
    pub(crate) route: Route,
    pub(crate) settings: Settings,
    pub(crate) methods: Vec<Method<'a>>,
}

/// A trait that breaks a rule, and those of its methods whose types are known.
pub(crate) struct Salvage<'a> {
    pub(crate) written: &'a ServiceTrait,
    pub(crate) names: Names,
    pub(crate) methods: Vec<Method<'a>>,
    /// `Result<T>`, which the compiler either refuses or knows as an alias.
    pub(crate) perhaps_aliases: Vec<&'a Type>,
}

/// What the generated code calls things.
pub(crate) struct Names {
    /// `::bus`, or what `crate = path` says.
    pub(crate) bus: TokenStream,
    pub(crate) client: Ident,
    pub(crate) server: Ident,
}

/// Two valid names of Kafka topics that differ from each other.
pub(crate) struct Route {
    pub(crate) topic: LitStr,
    pub(crate) reply: LitStr,
}

/// Options of the trait; `None` leaves it to the default.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) partitions: Option<u32>,
    pub(crate) reply_partitions: Option<u32>,
    pub(crate) replication: Option<u32>,
    pub(crate) codec: Option<Codec>,
    pub(crate) timeout: Option<Duration>,
}

/// How the arguments of a trait are written.
#[derive(Clone, Copy)]
pub(crate) enum Codec {
    Bincode,
    Json,
    MsgPack,
}

/// A method whose types can be named on both sides.
pub(crate) struct Method<'a> {
    pub(crate) written: &'a MethodItem,
    pub(crate) wire_name: String,
    /// Where that name is written.
    pub(crate) wire_span: Span,
    pub(crate) arguments: Vec<Argument<'a>>,
    /// Which argument is the key.
    pub(crate) key: Option<usize>,
    pub(crate) answer: &'a Type,
    pub(crate) error: &'a Type,
    pub(crate) timeout: Option<Duration>,
    pub(crate) run: Run,
    pub(crate) exchange: Exchange,
    pub(crate) idempotent: bool,
}

/// Where a handler runs.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    Task,
    Blocking,
    Inline,
}

/// What comes back.
#[derive(Clone, Copy)]
pub(crate) enum Exchange {
    Answer,
    /// An answer, and word to the handler when nobody waits for it any more.
    CancellableAnswer,
    Nothing,
}

/// An argument.
pub(crate) struct Argument<'a> {
    /// `None` for `_` and other patterns.
    pub(crate) name: Option<&'a Ident>,
    /// The type as it stands in the signature.
    pub(crate) written: &'a Type,
    pub(crate) form: Form<'a>,
}

/// How an argument is taken, and so which owned type crosses the wire.
pub(crate) enum Form<'a> {
    /// `T`
    Owned(&'a Type),
    /// `&str`; the type is the `str`.
    Text(&'a Type),
    /// `&[T]`; the type is the `T`.
    List(&'a Type),
    /// `&T`; the type is the `T`.
    Borrowed(&'a Type),
}
