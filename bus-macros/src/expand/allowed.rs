//! Lints that the code that the macro writes may break.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attributes;
use crate::written::{Item, ServiceTrait};

/// What is deprecated is used by what is made of it, and by nobody else. No other lint is allowed
/// here: where a crate forbids one, the compiler refuses whatever allows it.
pub(super) fn allowed(written: &ServiceTrait) -> Option<TokenStream> {
    let methods = written.items.iter().filter_map(|item| match item {
        Item::Method(method) => Some(&method.attributes),
        _ => None,
    });
    let deprecated = std::iter::once(&written.attributes).chain(methods).any(|all| attributes::deprecates(all));
    deprecated.then(|| quote!(#[allow(deprecated)]))
}
