//! The test that holds a contract against its lock.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};

use crate::args::plain;
use crate::attributes;
use crate::model::{Names, Service};
use crate::written::Item;

/// A test beside the trait, for one in a `const _` would not be found; and so no test before there is
/// a folder of locks, for a trait may stand in a function, where the compiler warns of tests.
///
/// A crate is built anew when the variable comes or goes, so that a new folder is seen by the first
/// update.
pub(super) fn lock(service: &Service<'_>, allowed: Option<&TokenStream>) -> TokenStream {
    let Names { bus, client, .. } = &service.names;
    let cfgs = attributes::cfgs(&service.written.attributes);
    if !is_locked() {
        return quote! {
            #cfgs
            #[cfg(test)]
            const _: ::core::option::Option<&::core::primitive::str> = ::core::option_env!("BUS_UPDATE_LOCK");
        };
    }
    let test = format_ident!("contract_of_{}_is_as_locked", snake(&plain(&service.written.ident)));
    let features = features(service);
    quote! {
        #cfgs
        #[cfg(test)]
        #allowed
        #[test]
        fn #test() -> ::core::result::Result<(), #bus::contract::lock::LockError> {
            let _ = ::core::option_env!("BUS_UPDATE_LOCK");
            #bus::__private::check_lock(
                <#client as #bus::Client>::contract(),
                ::core::option_env!("CARGO_MANIFEST_DIR"),
                &[#((#features, ::core::cfg!(feature = #features))),*],
            )
        }
    }
}

/// Whether the crate that is being compiled has a folder of locks.
fn is_locked() -> bool {
    std::env::var_os("CARGO_MANIFEST_DIR").is_some_and(|manifest| Path::new(&manifest).join("bus.lock").is_dir())
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// The cargo features that the trait asks for: a contract is another with them.
fn features(service: &Service<'_>) -> BTreeSet<String> {
    let methods = service.written.items.iter().filter_map(|item| match item {
        Item::Method(method) => Some(&method.attributes),
        _ => None,
    });
    let mut features = BTreeSet::new();
    for attributes in methods.chain([&service.written.attributes]) {
        asked(attributes::cfgs(attributes), &mut features);
    }
    features
}

/// Every `feature = "name"`.
fn asked(tokens: TokenStream, features: &mut BTreeSet<String>) {
    let mut before = [String::new(), String::new()];
    for token in tokens {
        match &token {
            TokenTree::Group(group) => asked(group.stream(), features),
            TokenTree::Literal(name) if before == ["feature", "="] => {
                if let Ok(name) = syn::parse_str::<syn::LitStr>(&name.to_string()) {
                    features.insert(name.value());
                }
            }
            _ => {}
        }
        before = [std::mem::take(&mut before[1]), token.to_string()];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_found_wherever_they_stand() {
        let mut features = BTreeSet::new();
        asked(
            quote!(#[cfg(all(feature = "a", not(feature = "b"), unix, target_os = "c"))] #[cfg(feature = "d")]),
            &mut features,
        );
        assert_eq!(features.into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    }

    #[test]
    fn names_of_tests_are_in_snake_case() {
        assert_eq!(snake("PortfolioQueries"), "portfolio_queries");
        assert_eq!(snake("Http_API"), "http_a_p_i");
    }
}
