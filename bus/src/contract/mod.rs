//! What two sides agree on: topics, methods, types and options, as the attribute wrote them down.
//!
//! A [`Contract`] is a `static` made by `#[bus::request]`; nothing here is filled in by hand.

mod canonical;
mod changes;
mod defaults;
mod description;
mod fingerprint;
mod fit;
mod judge;
mod known;
pub mod lock;
mod shape;
mod shapes;
mod table;
mod terms;
mod trace;
mod verdict;

use std::sync::OnceLock;
use std::time::Duration;

pub use self::changes::{Change, Direction, Order, changes, order};
pub(crate) use self::defaults::dead_letters_of;
pub use self::defaults::{DEFAULT_PARTITIONS, DEFAULT_TIMEOUT};
pub use self::description::{ArgumentDescription, ContractDescription, MethodDescription, TypeDescription};
pub use self::fingerprint::{Fingerprint, Level};
pub use self::shape::{Field, Fields, Shape, Variant};
pub use self::verdict::{Finding, Outcome, Verdict, verdict};

pub(crate) use self::judge::{Claim, Decision, Judge};
use self::shapes::is_readable;
pub(crate) use self::shapes::{Found, Trace, Wanted, find as find_shapes};
pub use self::shapes::{Shapes, WrittenAndRead};
pub use self::table::{
    Content, FieldShape, LONGEST_TEXT, MOST_TYPES, Others, Presence, TableError, TypeNumber, TypeRef, TypeShape,
    TypeTable, VariantShape,
};
use self::terms::MethodTerms;
use crate::codec::Codec;

/// One trait under `#[bus::request]`: its pair of topics and its methods.
///
/// ```
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn now(&self) -> Result<u64, String>; }
/// let contract = <ClockClient as bus::Client>::contract();
/// assert_eq!(contract.topic(), "clock.req");
/// assert_eq!(contract.methods()[0].name(), "now");
/// ```
#[derive(Debug)]
pub struct Contract {
    name: &'static str,
    topic: &'static str,
    reply: &'static str,
    docs: &'static str,
    version: &'static str,
    partitions: Option<u32>,
    reply_partitions: Option<u32>,
    replication: Option<u16>,
    codec: Codec,
    timeout: Option<Duration>,
    methods: &'static [&'static Method],
}

impl Contract {
    /// The trait's name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The topic that requests go to.
    pub const fn topic(&self) -> &'static str {
        self.topic
    }

    /// The topic that replies come back on.
    pub const fn reply(&self) -> &'static str {
        self.reply
    }

    /// The trait's doc comment, one line of source a line; empty where there is none.
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// The version of the package that the trait stands in; empty outside cargo.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Partitions that the request topic must have, where the attribute says so.
    pub const fn partitions(&self) -> Option<u32> {
        self.partitions
    }

    /// Partitions that the reply topic must have, where the attribute says so.
    pub const fn reply_partitions(&self) -> Option<u32> {
        self.reply_partitions
    }

    /// Copies of each record when we make the topics; `None` leaves it to the broker.
    pub const fn replication(&self) -> Option<u16> {
        self.replication
    }

    /// The codec of a request that names none, and of a client that chooses none.
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// The timeout of methods that have none of their own.
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The methods, in the order they are written.
    pub const fn methods(&self) -> &'static [&'static Method] {
        self.methods
    }

    /// The method with this name on the wire.
    pub fn method(&self, name: &str) -> Option<&'static Method> {
        self.methods.iter().copied().find(|method| method.name == name)
    }
}

/// One method of a [`Contract`].
#[derive(Debug)]
pub struct Method {
    name: &'static str,
    docs: &'static str,
    arguments: &'static [Argument],
    answer: Type,
    error: Type,
    timeout: Option<Duration>,
    options: Options,
    opaque: Option<&'static str>,
    terms: MethodTerms,
    fingerprint: OnceLock<Fingerprint>,
    fingerprint_text: OnceLock<Option<String>>,
}

impl Method {
    /// The name on the wire: the method's own, or what `#[bus(name = "..")]` gave it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The method's doc comment; empty where there is none.
    pub const fn docs(&self) -> &'static str {
        self.docs
    }

    /// The arguments, in order, without `&self`.
    pub const fn arguments(&self) -> &'static [Argument] {
        self.arguments
    }

    /// The type of the answer, `T` of `Result<T, E>`.
    pub const fn answer(&self) -> &Type {
        &self.answer
    }

    /// The type of the error, `E` of `Result<T, E>`.
    pub const fn error(&self) -> &Type {
        &self.error
    }

    /// The timeout of `#[bus(timeout = "..")]`.
    pub const fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// What `#[bus(..)]` said of the method.
    pub const fn options(&self) -> Options {
        self.options
    }

    /// The text of `#[bus(opaque = "..")]`, which stands for what cannot be traced.
    pub const fn opaque(&self) -> Option<&'static str> {
        self.opaque
    }
}

/// One argument of a [`Method`].
#[derive(Clone, Copy, Debug)]
pub struct Argument {
    name: &'static str,
    r#type: Type,
    key: bool,
}

impl Argument {
    /// The argument's name in the source; `_` and patterns have a number.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The type as it crosses the wire: the owned form of a borrowed argument.
    pub const fn r#type(&self) -> &Type {
        &self.r#type
    }

    /// Whether `#[bus(key)]` chooses the request's partition by it.
    pub const fn is_key(&self) -> bool {
        self.key
    }
}

/// A type as it stands in the source, and its shape on the wire.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    name: &'static str,
    trace: Trace,
}

impl Type {
    /// The type as the source writes it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What the type looks like on the wire, traced through `Deserialize`: what fingerprints are
    /// made of.
    pub fn shape(&self) -> Shape {
        match (self.trace)(Wanted::Released) {
            Found::Released(shape) => shape,
            Found::Both(_) => Shape::Opaque(self.name.to_owned()),
        }
    }

    /// What the type writes and what it reads with a codec.
    pub fn shapes(&self, codec: Codec) -> Shapes {
        match (self.trace)(if is_readable(codec) { Wanted::Readable } else { Wanted::Compact }) {
            Found::Both(shapes) => shapes,
            Found::Released(_) => Shapes::opaque(self.name),
        }
    }
}

/// What `#[bus(..)]` said of a method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Where the handler runs.
    pub run: Run,
    /// What comes back.
    pub exchange: Exchange,
    /// Whether it may run twice without harm, so that a retry is safe.
    pub idempotent: bool,
}

/// Where a handler runs: `#[bus(blocking)]`, `#[bus(inline)]` or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Run {
    /// As a task of the runtime.
    #[default]
    Task,
    /// On the blocking pool.
    Blocking,
    /// Polled first where the request is read.
    Inline,
}

/// What comes back from a method: `#[bus(oneway)]`, `#[bus(cancel)]` or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// An answer.
    #[default]
    Answer,
    /// An answer; the handler is told when its caller gives up.
    CancellableAnswer,
    /// Nothing.
    Oneway,
}

/// The `const` building blocks that the attribute's expansion calls.
pub(crate) mod build {
    // Hidden: the attribute is the documentation, and only its expansion calls these.
    #![allow(missing_docs, clippy::return_self_not_must_use)]

    use super::{
        Argument, Codec, Contract, Duration, Exchange, Method, MethodTerms, OnceLock, Options, Run, Trace, Type,
        find_shapes,
    };

    pub const fn contract(name: &'static str, topic: &'static str, reply: &'static str) -> Contract {
        Contract {
            name,
            topic,
            reply,
            docs: "",
            version: "",
            partitions: None,
            reply_partitions: None,
            replication: None,
            codec: Codec::Bincode,
            timeout: None,
            methods: &[],
        }
    }

    /// Setters end in an underscore where the reader has the plain name.
    impl Contract {
        #[doc(hidden)]
        pub const fn docs_(mut self, docs: &'static str) -> Self {
            self.docs = docs;
            self
        }
        #[doc(hidden)]
        pub const fn version_(mut self, version: Option<&'static str>) -> Self {
            if let Some(version) = version {
                self.version = version;
            }
            self
        }
        #[doc(hidden)]
        pub const fn partitions_(mut self, partitions: u32) -> Self {
            self.partitions = Some(partitions);
            self
        }
        #[doc(hidden)]
        pub const fn reply_partitions_(mut self, partitions: u32) -> Self {
            self.reply_partitions = Some(partitions);
            self
        }
        #[doc(hidden)]
        pub const fn replication_(mut self, copies: u16) -> Self {
            self.replication = Some(copies);
            self
        }
        #[doc(hidden)]
        pub const fn codec_(mut self, codec: Codec) -> Self {
            self.codec = codec;
            self
        }
        #[doc(hidden)]
        pub const fn timeout_(mut self, milliseconds: u64) -> Self {
            self.timeout = Some(Duration::from_millis(milliseconds));
            self
        }
        #[doc(hidden)]
        pub const fn methods_(mut self, methods: &'static [&'static Method]) -> Self {
            self.methods = methods;
            self
        }
    }

    pub const fn method(name: &'static str, arguments: &'static [Argument], answer: Type, error: Type) -> Method {
        Method {
            name,
            docs: "",
            arguments,
            answer,
            error,
            timeout: None,
            options: Options { run: Run::Task, exchange: Exchange::Answer, idempotent: false },
            opaque: None,
            terms: MethodTerms::new(),
            fingerprint: OnceLock::new(),
            fingerprint_text: OnceLock::new(),
        }
    }

    impl Method {
        #[doc(hidden)]
        pub const fn docs_(mut self, docs: &'static str) -> Self {
            self.docs = docs;
            self
        }
        #[doc(hidden)]
        pub const fn timeout_(mut self, milliseconds: u64) -> Self {
            self.timeout = Some(Duration::from_millis(milliseconds));
            self
        }
        #[doc(hidden)]
        pub const fn run_(mut self, run: Run) -> Self {
            self.options.run = run;
            self
        }
        #[doc(hidden)]
        pub const fn exchange_(mut self, exchange: Exchange) -> Self {
            self.options.exchange = exchange;
            self
        }
        #[doc(hidden)]
        pub const fn idempotent_(mut self) -> Self {
            self.options.idempotent = true;
            self
        }
        #[doc(hidden)]
        pub const fn opaque_(mut self, text: &'static str) -> Self {
            self.opaque = Some(text);
            self
        }
    }

    /// What stands for a method that is not there: the expansion counts methods, and never comes to it.
    pub static NO_METHOD: Method = method("", &[], r#type("()", find_shapes::<()>), r#type("()", find_shapes::<()>));

    pub const fn argument(name: &'static str, r#type: Type) -> Argument {
        Argument { name, r#type, key: false }
    }

    impl Argument {
        #[doc(hidden)]
        pub const fn key_(mut self) -> Self {
            self.key = true;
            self
        }
    }

    pub const fn r#type(name: &'static str, trace: Trace) -> Type {
        Type { name, trace }
    }
}
