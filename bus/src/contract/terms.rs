//! What one side of a call knows of a method's types, in the form that the other side can ask for.

use std::fmt::Write;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use serde::{Deserialize, Serialize};

use super::shapes::WrittenAndRead;
use super::table::{LONGEST_TEXT, TypeRef, TypeShape, TypeTable};
use crate::hash::fnv1a;

/// How many arguments a peer's method may have.
pub(super) const MOST_ARGUMENTS: usize = 64;

/// The longest terms that one side tells the other, in bytes: JSON is longer than a shape's text, and each
/// type has two.
const LONGEST_TERMS: usize = 8 * LONGEST_TEXT;

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
        fnv1a(text.as_bytes())
    }

    fn both(&self, of: WrittenAndRead, text: &mut String) {
        let _ = write!(text, "writes {}reads {}", self.written(of).nameless_text(), self.read(of).nameless_text());
    }

    /// What a peer sent, if it is what its number says.
    pub(super) fn from_peer(number: u64, text: &str) -> Option<Self> {
        if text.len() > LONGEST_TERMS {
            return None;
        }
        let terms: Self = serde_json::from_str(text).ok()?;
        // Each argument is looked through as a whole.
        (terms.arguments.len() <= MOST_ARGUMENTS && terms.number() == number).then_some(terms)
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
    pub(super) fn new(terms: Terms) -> Self {
        let number = terms.number();
        let text = serde_json::to_string(&terms).ok().filter(|text| text.len() <= LONGEST_TERMS);
        Self { terms, number, number_text: format!("{number:016x}"), text }
    }

    /// The number as a header says it; none where a server that asked could not be told what it stands for.
    pub(crate) fn number_text(&self) -> Option<&str> {
        self.text.is_some().then_some(&*self.number_text)
    }

    /// All of it as a header says it where a server asks.
    pub(crate) fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }
}

/// The terms of a method: as binary codecs have its types, and as people read them.
#[derive(Debug)]
pub(crate) struct MethodTerms {
    pub(super) compact: OnceLock<KnownTerms>,
    pub(super) readable: OnceLock<KnownTerms>,
    /// How many calls to come tell all of it.
    pub(super) telling: AtomicU32,
}

impl MethodTerms {
    pub(super) const fn new() -> Self {
        Self { compact: OnceLock::new(), readable: OnceLock::new(), telling: AtomicU32::new(0) }
    }
}
