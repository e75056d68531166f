//! The mistakes of one run, collected so that all of them are reported.

use std::collections::HashSet;
use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// Mistakes, in the order they were found.
#[derive(Default)]
pub(crate) struct Errors {
    list: Vec<Error>,
    /// What is said once however often it is met.
    said: HashSet<String>,
}

impl Errors {
    /// Reports a mistake at the user's own tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.list.push(Error::new_spanned(tokens, message));
    }

    /// Reports a mistake that may be met again, the first time.
    pub(crate) fn once(&mut self, about: &str, tokens: impl ToTokens, message: impl Display) {
        if self.said.insert(about.to_owned()) {
            self.at(tokens, message);
        }
    }

    /// Reports a mistake where there is only a place to point at.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.list.push(Error::new(span, message));
    }

    /// Reports a mistake that another stage has worded.
    pub(crate) fn push(&mut self, error: Error) {
        self.list.push(error);
    }

    /// Keeps the value and reports the mistake.
    pub(crate) fn ok<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many there are, to see later whether a step added one.
    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }

    /// The mistakes as code that does not compile, and the code that stands behind them.
    pub(crate) fn in_front_of(self, code: TokenStream) -> TokenStream {
        let mut tokens: TokenStream = self.list.iter().map(Error::to_compile_error).collect();
        tokens.extend(code);
        tokens
    }
}
