//! A contract as owned data: what tools read, without the generated code.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::shapes::{WrittenAndRead, is_readable};
use super::table::{Graph, TypeNumber, TypeRef, TypeTable, tabulate};
use super::{Contract, Exchange, Level, Method, Options, Run, Type};
use crate::codec::Codec;

/// The version of the form that descriptions have.
const FORMAT: u32 = 1;

/// A contract as owned data, documentation and both shapes of every type included.
///
/// It goes through JSON or any other serde format and back unchanged, so that a tool, a lock file
/// or a board can use it without the code that the attribute generates. Its types are numbers in
/// [`types`](Self::types); [`written`](Self::written) and [`read`](Self::read) look them up.
///
/// ```
/// use bus::contract::ContractDescription;
///
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { #[doc = "The time."] async fn now(&self, zone: String) -> Result<u64, String>; }
/// let description = <ClockClient as bus::Client>::contract().describe();
/// let json = serde_json::to_string(&description).unwrap();
/// let read: ContractDescription = serde_json::from_str(&json).unwrap();
/// assert_eq!(read, description);
///
/// let now = read.method("now").unwrap();
/// assert_eq!(now.docs, "The time.");
/// assert_eq!(read.read(&now.arguments[0].r#type, read.codec).to_string(), "string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ContractDescription {
    /// The version of the form that this is in: 1.
    pub format: u32,
    /// The trait's name.
    pub name: String,
    /// The topic that requests go to.
    pub topic: String,
    /// The topic that replies come back on.
    pub reply: String,
    /// The topic that unreadable requests are kept on.
    pub dead_letters: String,
    /// The trait's doc comment; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The version of the package that the trait stands in; empty outside cargo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Partitions that the request topic must have, where the attribute says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partitions: Option<u32>,
    /// Partitions that the reply topic must have, where the attribute says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_partitions: Option<u32>,
    /// Copies of each record when the topics are made; `None` leaves it to the broker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replication: Option<u16>,
    /// The codec of a request that names none, and of a client that chooses none.
    #[serde(with = "codec_name")]
    pub codec: Codec,
    /// The timeout of methods that have none of their own, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// The methods, in the order they are written.
    pub methods: Vec<MethodDescription>,
    /// The types of all methods, each of them once.
    pub types: TypeTable,
}

/// One method of a [`ContractDescription`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MethodDescription {
    /// The name on the wire.
    pub name: String,
    /// The method's doc comment; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The arguments, in order, without `&self`.
    pub arguments: Vec<ArgumentDescription>,
    /// The type of the answer.
    pub answer: TypeDescription,
    /// The type of the error.
    pub error: TypeDescription,
    /// The method's own timeout, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What `#[bus(..)]` said of the method: `blocking`, `inline`, `idempotent`, `oneway`, `cancel`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The text of `#[bus(opaque = "..")]`, which stands for what cannot be traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<String>,
    /// The numbers that a request names in `bus-contract`, 16 hexadecimal digits each with a `-`
    /// between; `None` where a type could not be traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// One argument of a [`MethodDescription`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ArgumentDescription {
    /// The argument's name in the source; `_` and patterns have a number.
    pub name: String,
    /// The type as it crosses the wire.
    pub r#type: TypeDescription,
    /// Whether `#[bus(key)]` chooses the request's partition by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key: bool,
}

/// A type as it stands in the source, and the numbers of its shapes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TypeDescription {
    /// The type as the source writes it.
    pub name: String,
    /// Its shapes under binary codecs.
    pub compact: WrittenAndRead,
    /// Its shapes under JSON, where they differ: some types write a text where people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readable: Option<WrittenAndRead>,
}

impl TypeDescription {
    /// The numbers of its shapes under a codec.
    pub fn shapes(&self, codec: Codec) -> WrittenAndRead {
        self.readable.filter(|_| is_readable(codec)).unwrap_or(self.compact)
    }
}

impl ContractDescription {
    /// The method with this name on the wire.
    pub fn method(&self, name: &str) -> Option<&MethodDescription> {
        self.methods.iter().find(|method| method.name == name)
    }

    /// What a type of this contract writes with a codec.
    pub fn written(&self, of: &TypeDescription, codec: Codec) -> TypeRef<'_> {
        self.types.start(of.shapes(codec).written)
    }

    /// What a type of this contract reads with a codec.
    pub fn read(&self, of: &TypeDescription, codec: Codec) -> TypeRef<'_> {
        self.types.start(of.shapes(codec).read)
    }
}

impl Contract {
    /// The contract as owned data. Traces every type, which takes some microseconds each.
    pub fn describe(&self) -> ContractDescription {
        let mut gathered = Gathered::default();
        let methods: Vec<_> = self.methods().iter().map(|method| gathered.method(method)).collect();
        let (types, numbers) = tabulate(gathered.graph, &gathered.roots);
        let mut description = ContractDescription {
            format: FORMAT,
            name: self.name().to_owned(),
            topic: self.topic().to_owned(),
            reply: self.reply().to_owned(),
            dead_letters: self.dead_letter_topic(),
            docs: self.docs().to_owned(),
            version: self.version().to_owned(),
            partitions: self.partitions(),
            reply_partitions: self.reply_partitions(),
            replication: self.replication(),
            codec: self.codec(),
            timeout_ms: milliseconds(self.timeout()),
            methods,
            types,
        };
        for method in &mut description.methods {
            let all = method.arguments.iter_mut().map(|argument| &mut argument.r#type);
            for described in all.chain([&mut method.answer, &mut method.error]) {
                described.renumber(&numbers);
            }
        }
        description
    }
}

impl TypeDescription {
    /// From positions among the roots to numbers in the table.
    fn renumber(&mut self, numbers: &[TypeNumber]) {
        let number = |root: TypeNumber| {
            usize::try_from(root).ok().and_then(|root| numbers.get(root)).copied().unwrap_or(TypeNumber::MAX)
        };
        for shapes in [Some(&mut self.compact), self.readable.as_mut()].into_iter().flatten() {
            *shapes = WrittenAndRead::new(number(shapes.written), number(shapes.read));
        }
        self.readable = self.readable.filter(|readable| *readable != self.compact);
    }
}

/// The types of a contract as they come.
#[derive(Default)]
struct Gathered {
    graph: Graph,
    /// What every type writes and reads.
    roots: Vec<TypeNumber>,
}

impl Gathered {
    fn method(&mut self, method: &Method) -> MethodDescription {
        let arguments = method.arguments().iter().map(|argument| ArgumentDescription {
            name: argument.name().to_owned(),
            r#type: self.r#type(argument.r#type()),
            key: argument.is_key(),
        });
        MethodDescription {
            name: method.name().to_owned(),
            docs: method.docs().to_owned(),
            arguments: arguments.collect(),
            answer: self.r#type(method.answer()),
            error: self.r#type(method.error()),
            timeout_ms: milliseconds(method.timeout()),
            options: words(method.options()),
            opaque: method.opaque().map(ToOwned::to_owned),
            fingerprint: (method.fingerprint().level == Level::Shape)
                .then(|| method.fingerprint_text().unwrap_or_default().to_owned()),
        }
    }

    /// The numbers are positions among the roots for now.
    fn r#type(&mut self, of: &Type) -> TypeDescription {
        TypeDescription {
            name: of.name().to_owned(),
            compact: self.shapes(of, Codec::Bincode),
            readable: Some(self.shapes(of, Codec::Json)),
        }
    }

    fn shapes(&mut self, of: &Type, codec: Codec) -> WrittenAndRead {
        let shapes = of.shapes(codec);
        let base = self.graph.append(shapes.table().types());
        let mut root = |number: TypeNumber| {
            self.roots.push(base.saturating_add(number));
            TypeNumber::try_from(self.roots.len() - 1).unwrap_or(TypeNumber::MAX)
        };
        WrittenAndRead::new(root(shapes.written().number()), root(shapes.read().number()))
    }
}

fn milliseconds(time: Option<Duration>) -> Option<u64> {
    time.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

fn words(options: Options) -> Vec<String> {
    let words = [
        (options.run == Run::Blocking, "blocking"),
        (options.run == Run::Inline, "inline"),
        (options.idempotent, "idempotent"),
        (options.exchange == Exchange::Oneway, "oneway"),
        (options.exchange == Exchange::CancellableAnswer, "cancel"),
    ];
    words.iter().filter(|(set, _)| *set).map(|(_, word)| (*word).to_owned()).collect()
}

/// A codec as its name.
pub(super) mod codec_name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::codec::Codec;

    #[allow(clippy::trivially_copy_pass_by_ref)] // serde's signature.
    pub(in super::super) fn serialize<S: Serializer>(codec: &Codec, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(codec.name())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Codec, D::Error> {
        let name = String::deserialize(from)?;
        Codec::from_name(name.as_bytes()).ok_or_else(|| D::Error::custom(format_args!("no codec is called {name:?}")))
    }
}

#[cfg(test)]
mod tests;
