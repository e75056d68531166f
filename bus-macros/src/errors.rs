//! The mistakes of one run, collected so that all of them are reported.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::Error;

/// Mistakes, in the order they were found.
#[derive(Default)]
pub(crate) struct Errors(Vec<Error>);

impl Errors {
    /// Reports a mistake at the user's own tokens.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(Error::new_spanned(tokens, message));
    }

    /// Reports a mistake where there is only a place to point at.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.0.push(Error::new(span, message));
    }

    /// Reports a mistake that another stage has worded.
    pub(crate) fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Keeps the value and reports the mistake.
    pub(crate) fn ok<T>(&mut self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many there are, to see later whether a step added one.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The mistakes as code that does not compile, and the code that stands behind them.
    pub(crate) fn in_front_of(self, code: TokenStream) -> TokenStream {
        let mut tokens: TokenStream = self.0.iter().map(Error::to_compile_error).collect();
        tokens.extend(code);
        tokens
    }
}
