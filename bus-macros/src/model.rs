//! What the rules leave: types that cannot hold what a rule excluded.

use std::collections::HashMap;
use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{LitStr, Token, Type};

use crate::attributes::Attribute;
use crate::type_name::type_name;
use crate::written::{MethodItem, ServiceTrait};

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
    /// Whether the trait holds something that is no request, so that nobody but the service has it.
    pub(crate) leaves_out: bool,
    pub(crate) types: Types<'a>,
}

/// A trait that breaks a rule, and those of its methods whose types are known.
pub(crate) struct Salvage<'a> {
    pub(crate) written: &'a ServiceTrait,
    pub(crate) names: Names,
    pub(crate) methods: Vec<Method<'a>>,
    pub(crate) types: Types<'a>,
}

/// Methods that an `Arc` has of traits that are in scope everywhere.
const OF_ARCS: &[&str] = &[
    "as_ref",
    "borrow",
    "clamp",
    "clone",
    "clone_from",
    "cmp",
    "default",
    "drop",
    "eq",
    "fmt",
    "from",
    "ge",
    "gt",
    "hash",
    "into",
    "le",
    "lt",
    "max",
    "min",
    "ne",
    "partial_cmp",
    "to_owned",
    "to_string",
    "try_from",
    "try_into",
    "type_id",
];

impl Service<'_> {
    /// Whether an `Arc` of a service can be a service: where the trait holds something that is no
    /// request an `Arc` could not pass it on, and where it has a method that an `Arc` has already,
    /// whoever calls that one of an `Arc` would have to say which is meant.
    pub(crate) fn may_be_an_arc(&self) -> bool {
        let is_taken = |method: &Method<'_>| OF_ARCS.iter().any(|name| method.written.ident == name);
        let has_implementations = self.written.attributes.iter().any(Attribute::is_trait_variant);
        !self.leaves_out && !has_implementations && !self.methods.iter().any(is_taken)
    }
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
    pub(crate) through: Through,
    pub(crate) calling: Calling,
    pub(crate) arguments: Vec<Argument<'a>>,
    /// Which argument is the key.
    pub(crate) key: Option<usize>,
    pub(crate) outcome: Outcome<'a>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) run: Run,
    pub(crate) exchange: Exchange,
    pub(crate) idempotent: bool,
    /// What stands for types that cannot be traced.
    pub(crate) opaque: Option<LitStr>,
}

/// What the service is called through.
#[derive(Clone, Copy)]
pub(crate) enum Through {
    /// `&self`
    Reference,
    /// `self: Arc<Self>`
    Arc,
    /// `self: &Arc<Self>`
    ArcReference,
}

/// What a method of the service gives when it is called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calling {
    /// A future: it is an `async fn`, or says that it returns one.
    Future,
    /// Its outcome: it is a plain `fn`.
    Outcome,
}

/// What a method returns, or its future.
pub(crate) enum Outcome<'a> {
    /// `Result<T, E>`
    Result { answer: &'a Type, error: &'a Type },
    /// A type that is no `Result`, or nothing.
    Plain(Option<&'a Type>),
    /// A name, which may be an alias: the compiler has to be asked.
    Named(&'a Type),
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
    Oneway,
}

/// An argument.
pub(crate) struct Argument<'a> {
    /// `None` for `_` and other patterns.
    pub(crate) name: Option<&'a Ident>,
    pub(crate) docs: String,
    pub(crate) form: Form<'a>,
}

/// How an argument is taken, and so which owned type crosses the wire.
pub(crate) enum Form<'a> {
    /// `T`
    Owned(&'a Type),
    /// `&str`; the type is the `str`.
    Text(&'a Token![&], &'a Type),
    /// `&[T]`; the types are `[T]` and `T`.
    List(&'a Token![&], &'a Type, &'a Type),
    /// `&T`; the type is the `T`.
    Borrowed(&'a Token![&], &'a Type),
    /// `&Path`, which is the standard library's or a type of the user's.
    Loan(&'a Token![&], &'a Type),
}

/// The types that cross the bus, each as it was written first: where the compiler is asked about
/// one twice, it is asked about the same tokens, and complains once.
#[derive(Default)]
pub(crate) struct Types<'a>(HashMap<String, &'a Type>);

impl<'a> Types<'a> {
    /// The types of these methods.
    pub(crate) fn of(methods: &[Method<'a>]) -> Self {
        let mut types = Self::default();
        for method in methods {
            for argument in &method.arguments {
                match &argument.form {
                    Form::Owned(r#type)
                    | Form::List(_, _, r#type)
                    | Form::Borrowed(_, r#type)
                    | Form::Loan(_, r#type) => types.note(r#type),
                    Form::Text(..) => {}
                }
            }
            match &method.outcome {
                Outcome::Result { answer, error } => {
                    types.note(answer);
                    types.note(error);
                }
                Outcome::Plain(Some(r#type)) | Outcome::Named(r#type) => types.note(r#type),
                Outcome::Plain(None) => {}
            }
        }
        types
    }

    fn note(&mut self, r#type: &'a Type) {
        self.0.entry(type_name(r#type.to_token_stream())).or_insert(r#type);
    }

    /// The type as it was written first.
    pub(crate) fn first<'t>(&'t self, r#type: &'t Type) -> &'t Type {
        self.0.get(&type_name(r#type.to_token_stream())).copied().unwrap_or(r#type)
    }
}
