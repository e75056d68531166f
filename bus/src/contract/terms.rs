//! What one side of a call knows of a method's types, in the form that the other side can ask for.

use std::fmt::Write;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};

use super::shapes::{WrittenAndRead, is_readable};
use super::table::{Graph, LONGEST_TEXT, TypeRef, TypeShape, TypeTable, tabulate};
use super::{Method, fingerprint};
use crate::codec::Codec;

/// Both shapes of every type of a method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// The names and types of the arguments, in order.
    pub(super) arguments: Vec<(String, WrittenAndRead)>,
    pub(super) answer: WrittenAndRead,
    pub(super) error: WrittenAndRead,
    /// What stands for types that cannot be traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) opaque: Option<String>,
    pub(super) types: TypeTable,
}

impl Terms {
    fn of(method: &Method, codec: Codec) -> Self {
        let (mut graph, mut roots) = (Graph::default(), Vec::new());
        let types = method.arguments().iter().map(super::Argument::r#type).chain([method.answer(), method.error()]);
        for of in types {
            let shapes = of.shapes(codec);
            let base = graph.append(shapes.table().types());
            roots.push(base.saturating_add(shapes.written().number()));
            roots.push(base.saturating_add(shapes.read().number()));
        }
        let (types, numbers) = tabulate(graph, &roots);
        let mut pairs = numbers.chunks_exact(2).map(|pair| WrittenAndRead::new(pair[0], pair[1]));
        let mut next = || pairs.next().unwrap_or(WrittenAndRead::new(0, 0));
        Self {
            arguments: method.arguments().iter().map(|argument| (argument.name().to_owned(), next())).collect(),
            answer: next(),
            error: next(),
            opaque: method.opaque().map(ToOwned::to_owned),
            types,
        }
    }

    pub(super) fn written(&self, of: WrittenAndRead) -> TypeRef<'_> {
        self.types.start(of.written)
    }

    pub(super) fn read(&self, of: WrittenAndRead) -> TypeRef<'_> {
        self.types.start(of.read)
    }

    /// One number for all of it, without the names of types. Frozen: another number makes every
    /// deployed process look changed.
    fn number(&self) -> u64 {
        let mut text = String::new();
        for (name, of) in &self.arguments {
            let _ = writeln!(text, "argument {name:?}");
            self.both(*of, &mut text);
        }
        text.push_str("answer\n");
        self.both(self.answer, &mut text);
        text.push_str("error\n");
        self.both(self.error, &mut text);
        if let Some(opaque) = &self.opaque {
            let _ = writeln!(text, "opaque {opaque:?}");
        }
        fingerprint::fnv1a(text.as_bytes())
    }

    fn both(&self, of: WrittenAndRead, text: &mut String) {
        let _ = write!(text, "writes {}reads {}", self.written(of).nameless_text(), self.read(of).nameless_text());
    }

    /// What a peer sent, if it is what its number says.
    pub(super) fn from_peer(number: u64, text: &str) -> Option<Self> {
        if text.len() > LONGEST_TEXT {
            return None;
        }
        let terms: Self = serde_json::from_str(text).ok()?;
        (terms.number() == number).then_some(terms)
    }

    /// Whether something that is read could not be traced.
    pub(super) fn reads_opaque(&self, of: WrittenAndRead) -> bool {
        let (mut open, mut seen) = (vec![of.read], std::collections::HashSet::new());
        while let Some(number) = open.pop() {
            let shape = self.types.start(number).shape();
            if matches!(shape, TypeShape::Opaque { .. }) {
                return true;
            }
            if seen.insert(number) {
                open.extend(shape.parts());
            }
        }
        false
    }
}

/// What is known of a method's types under one kind of codec, made once.
#[derive(Debug)]
pub(crate) struct KnownTerms {
    pub(crate) terms: Terms,
    pub(crate) number: u64,
    number_text: String,
    /// None where it is too long to be sent.
    text: Option<String>,
}

impl KnownTerms {
    fn of(method: &Method, codec: Codec) -> Self {
        let terms = Terms::of(method, codec);
        let number = terms.number();
        let text = serde_json::to_string(&terms).ok().filter(|text| text.len() <= LONGEST_TEXT);
        Self { terms, number, number_text: format!("{number:016x}"), text }
    }

    /// The number as a header says it.
    pub(crate) fn number_text(&self) -> &str {
        &self.number_text
    }

    /// All of it as a header says it where a server asks.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// How many calls tell all of it once a server has asked: there may be more such servers, and none
/// of them asks twice.
const TELLING: u32 = 64;

/// The terms of a method: as binary codecs have its types, and as people read them.
#[derive(Debug)]
pub(crate) struct MethodTerms {
    compact: OnceLock<KnownTerms>,
    readable: OnceLock<KnownTerms>,
    /// How many calls to come tell all of it.
    telling: AtomicU32,
}

impl MethodTerms {
    pub(super) const fn new() -> Self {
        Self { compact: OnceLock::new(), readable: OnceLock::new(), telling: AtomicU32::new(0) }
    }
}

impl Method {
    /// What is known of the method's types under a codec; traced at the first call.
    pub(crate) fn terms(&self, codec: Codec) -> &KnownTerms {
        let MethodTerms { compact, readable, .. } = &self.terms;
        if is_readable(codec) { readable } else { compact }.get_or_init(|| KnownTerms::of(self, codec))
    }

    /// Whether the next call tells all that is known of its types.
    pub(crate) fn tells_shapes(&self) -> bool {
        let telling = &self.terms.telling;
        // Hardly ever is there anything to count down.
        telling.load(Ordering::Relaxed) > 0
            && telling.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }

    /// A server has asked: the next calls tell it at once.
    pub(crate) fn tell_shapes(&self) {
        self.terms.telling.store(TELLING, Ordering::Relaxed);
    }
}
