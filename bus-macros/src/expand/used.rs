//! A use of all that is made, for whoever needs one side alone is not to hear that the other is
//! never used. A constant without a name counts as used itself.

use proc_macro2::TokenStream;
use quote::quote;

use crate::attributes;
use crate::model::{Method, Names};

/// Names every function, and calls none.
pub(super) fn used(names: &Names, methods: &[Method<'_>]) -> TokenStream {
    let Names { bus, client, server } = names;
    let calls = methods.iter().map(|method| {
        let (cfgs, ident) = (attributes::cfgs(&method.written.attributes), &method.written.ident);
        quote!(#cfgs let _ = #client::#ident;)
    });
    quote! {
        const _: fn() = || {
            let _ = <#client as ::core::convert::From<#bus::Channel>>::from;
            let _ = <#server<()>>::new;
            #(#calls)*
        };
    }
}
