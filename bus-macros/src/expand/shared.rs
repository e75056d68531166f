//! An `Arc` of a service is a service.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::definition;
use super::server::argument_name;
use crate::attributes::{self, Attribute};
use crate::check::signature;
use crate::model::{Method, Service, Through};
use crate::written::{Input, InputKind};

/// The implementation, where there can be one.
pub(super) fn service(service: &Service<'_>) -> Option<TokenStream> {
    if !service.may_be_an_arc() {
        return None;
    }
    let written = service.written;
    let (bus, ident) = (&service.names.bus, &written.ident);
    let rewritten = written.attributes.iter().find(|attribute| attribute.is_async_trait());
    let methods = service.methods.iter().map(|method| forwarded(method, ident, rewritten));
    let unsized_too = service
        .methods
        .iter()
        .all(|method| {
            matches!(method.through, Through::Reference)
                && !method.written.where_clause.iter().any(signature::wants_sized)
        })
        .then(|| quote!(+ ?::core::marker::Sized));
    let bounds = &written.supertraits;
    let bounds = (!bounds.is_empty()).then(|| quote!(where #bus::__private::Arc<__Service>: #bounds));
    Some(quote! {
        #rewritten
        impl<__Service: #ident #unsized_too> #ident for #bus::__private::Arc<__Service> #bounds {
            #(#methods)*
        }
    })
}

fn forwarded(method: &Method<'_>, service: &proc_macro2::Ident, rewritten: Option<&Attribute>) -> TokenStream {
    let written = method.written;
    let (cfgs, ident) = (attributes::cfgs(&written.attributes), &written.ident);
    let mut names = Vec::new();
    let mut word = quote!(self);
    let inputs: Vec<TokenStream> = written
        .inputs
        .iter()
        .map(|input: &Input| match &input.kind {
            InputKind::Receiver(receiver) => {
                word = receiver.word.to_token_stream();
                receiver.tokens.clone()
            }
            InputKind::Typed { r#type, .. } => {
                let name = argument_name(names.len());
                names.push(name.clone());
                quote!(#name: #r#type)
            }
            InputKind::Unreadable(tokens) => tokens.clone(),
        })
        .collect();
    let through = match method.through {
        Through::Arc => quote!(::core::clone::Clone::clone(&*#word)),
        Through::Reference | Through::ArcReference => quote!(&**#word),
    };
    let called = quote!(<__Service as #service>::#ident(#through, #(#names),*));
    let arguments = quote!((#(#inputs),*));
    if let (Some(_), Some(asyncness)) = (rewritten, &written.asyncness) {
        // As the user's own implementations are written: the other attribute rewrites this one, too.
        let output = written.output.as_ref().map(|(arrow, output)| quote!(#arrow #output));
        let (fn_token, generics, clause) = (&written.fn_token, &written.generics, &written.where_clause);
        return quote!(#cfgs #asyncness #fn_token #ident #generics #arguments #output #clause { #called.await });
    }
    let head = definition::signature(written, &arguments);
    quote!(#cfgs #head { #called })
}
