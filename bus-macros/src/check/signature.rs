//! What of a signature is no type: receivers that are none, bounds, lifetimes.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{TypeParamBound, WherePredicate};

use crate::written::{InputKind, MethodItem, ReceiverKind};

/// Whether a function is the implementing type's own and can be no request: `fn new() -> Self`, or
/// `fn boxed(self) -> Box<dyn Clock> where Self: Sized`.
pub(super) fn belongs_to_the_type(item: &MethodItem) -> bool {
    match item.inputs.first().map(|input| &input.kind) {
        Some(InputKind::Receiver(receiver)) => {
            receiver.kind == ReceiverKind::Other && item.where_clause.iter().any(wants_sized)
        }
        // A request that forgot its `&self` is `async` and answers with something of the wire.
        _ => {
            item.asyncness.is_none()
                || item.where_clause.iter().any(wants_sized)
                || item.output.as_ref().is_some_and(|(_, output)| mentions_self(output.to_token_stream()))
        }
    }
}

/// Whether a clause says `Self: Sized`.
pub(crate) fn wants_sized(clause: &syn::WhereClause) -> bool {
    clause.predicates.iter().any(|predicate| {
        matches!(predicate, WherePredicate::Type(of)
            if is_self(&of.bounded_ty) && of.bounds.iter().any(|bound| is_named(bound, &["Sized"])))
    })
}

/// A bound in a where clause that a service or a type of the wire may not keep.
pub(super) fn foreign_bound(item: &MethodItem) -> Option<&WherePredicate> {
    item.where_clause.as_ref()?.predicates.iter().find(|predicate| !is_kept(predicate))
}

/// Whether every service keeps it, for services are `Send + Sync + 'static` and have a size.
pub(super) fn is_kept(predicate: &WherePredicate) -> bool {
    match predicate {
        WherePredicate::Type(of) => {
            is_self(&of.bounded_ty)
                && of.bounds.iter().all(|bound| {
                    matches!(bound, TypeParamBound::Lifetime(_)) || is_named(bound, &["Sized", "Send", "Sync"])
                })
        }
        WherePredicate::Lifetime(_) => true,
        _ => false,
    }
}

fn is_self(r#type: &syn::Type) -> bool {
    r#type.to_token_stream().to_string() == "Self"
}

/// Whether a bound is one of these traits, by its last word.
pub(super) fn is_named(bound: &TypeParamBound, names: &[&str]) -> bool {
    matches!(bound, TypeParamBound::Trait(of)
        if of.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name)))
}

/// Whether the word `Self` is among the tokens.
pub(super) fn mentions_self(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "Self",
        TokenTree::Group(group) => mentions_self(group.stream()),
        _ => false,
    })
}
