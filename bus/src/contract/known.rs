//! A method's terms: traced at the first call, told to servers that ask.

use std::sync::atomic::Ordering;

use super::shapes::{WrittenAndRead, is_readable};
use super::table::{Graph, tabulate};
use super::terms::{KnownTerms, MethodTerms, Terms};
use super::{Argument, Method};
use crate::codec::Codec;

/// How many calls tell all of it once a server has asked: there may be more such servers, and none
/// of them asks twice.
const TELLING: u32 = 64;

impl Method {
    /// What is known of the method's types under a codec; traced at the first call.
    pub(crate) fn terms(&self, codec: Codec) -> &KnownTerms {
        let MethodTerms { compact, readable, .. } = &self.terms;
        if is_readable(codec) { readable } else { compact }.get_or_init(|| KnownTerms::new(self.traced(codec)))
    }

    fn traced(&self, codec: Codec) -> Terms {
        let (mut graph, mut roots) = (Graph::default(), Vec::new());
        let types = self.arguments().iter().map(Argument::r#type).chain([self.answer(), self.error()]);
        for of in types {
            let shapes = of.shapes(codec);
            let base = graph.append(shapes.table().types());
            roots.push(base.saturating_add(shapes.written().number()));
            roots.push(base.saturating_add(shapes.read().number()));
        }
        let (types, numbers) = tabulate(graph, &roots);
        let mut pairs = numbers.chunks_exact(2).map(|pair| WrittenAndRead::new(pair[0], pair[1]));
        let mut next = || pairs.next().unwrap_or(WrittenAndRead::new(0, 0));
        Terms {
            arguments: self.arguments().iter().map(|argument| (argument.name().to_owned(), next())).collect(),
            answer: next(),
            error: next(),
            opaque: self.opaque().map(ToOwned::to_owned),
            types,
        }
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
