//! The client: one inherent function a method, and none of its own, so that no name is taken.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::contract::{contract_static, method_field};
use super::types;
use crate::args::plain;
use crate::attributes;
use crate::model::{Argument, Exchange, Form, Method, Names, Salvage, Service};
use crate::parse::ServiceTrait;
use crate::type_name::type_name;

/// What the client of a sound service can do.
pub(super) fn client(service: &Service<'_>) -> TokenStream {
    let Names { bus, client, .. } = &service.names;
    let contract = contract_static();
    let traits = types::client_traits(&service.names);
    quote! {
        #traits

        #[automatically_derived]
        impl #bus::Client for #client {
            fn contract() -> &'static #bus::Contract {
                &#contract
            }
        }
    }
}

/// The calls of a sound service. They stand beside the struct and not in the `const _`, where the
/// compiler would call them `_::<impl PortfolioClient>::products`.
pub(super) fn calls(service: &Service<'_>) -> TokenStream {
    let calls = service.methods.iter().enumerate().map(|(position, method)| {
        let body = call(&service.names.bus, position, method);
        function(service.written, &service.names, method, service.settings.timeout, &body)
    });
    inherent(service.written, &service.names, calls)
}

fn inherent(written: &ServiceTrait, names: &Names, calls: impl Iterator<Item = TokenStream>) -> TokenStream {
    let client = &names.client;
    let (cfgs, allowed) = (attributes::cfgs(&written.attributes), super::allowed());
    quote! {
        #cfgs
        #allowed
        impl #client { #(#calls)* }
    }
}

/// A client that can be made of a channel, as the real one can.
pub(super) fn stub(salvage: &Salvage<'_>) -> TokenStream {
    let Names { bus, client, .. } = &salvage.names;
    let traits = types::client_traits(&salvage.names);
    let perhaps_aliases = &salvage.perhaps_aliases;
    quote! {
        #traits

        #[automatically_derived]
        impl #bus::Client for #client {
            fn contract() -> &'static #bus::Contract {
                loop {}
            }
        }

        #(const _: () = <#perhaps_aliases as #bus::__private::SpelledOut>::CHECKED;)*
    }
}

/// Calls that have the right types and cannot be made.
pub(super) fn stub_calls(salvage: &Salvage<'_>) -> TokenStream {
    let bus = &salvage.names.bus;
    let calls = salvage.methods.iter().map(|method| {
        let types = method.arguments.iter().map(|argument| match &argument.form {
            Form::Owned(r#type) | Form::Borrowed(r#type) | Form::List(r#type) => r#type.to_token_stream(),
            Form::Text(_) => quote!(#bus::__private::String),
        });
        let (answer, error) = (method.answer.to_token_stream(), method.error.to_token_stream());
        let types = types.chain([answer, error]);
        // The types are asked all the same, so that what is wrong with them is said in the same run.
        let body = quote! {
            #(let _ = <#types as #bus::__private::Wire>::shape;)*
            loop {}
        };
        function(salvage.written, &salvage.names, method, None, &body)
    });
    inherent(salvage.written, &salvage.names, calls)
}

fn function(
    written: &ServiceTrait,
    names: &Names,
    method: &Method<'_>,
    default: Option<Duration>,
    body: &TokenStream,
) -> TokenStream {
    let bus = &names.bus;
    let visibility = &written.visibility;
    let attributes = attributes::for_readers(&method.written.attributes);
    let docs = docs(bus, method, default);
    // The user's own word: "go to definition" on a call leads to the method in the trait.
    let ident = &method.written.ident;
    let arguments = method.arguments.iter().enumerate().map(|(position, argument)| {
        let (name, r#type) = (name(argument, position), argument.written);
        quote!(#name: #r#type)
    });
    let (answer, error) = (method.answer, method.error);
    quote! {
        #attributes
        #[doc = #docs]
        #visibility fn #ident(&self, #(#arguments),*) -> #bus::Call<#answer, #error> {
            #body
        }
    }
}

fn call(bus: &TokenStream, position: usize, method: &Method<'_>) -> TokenStream {
    let method_field = method_field(position);
    let encoder = Ident::new("encoder", Span::mixed_site());
    let encodings = method.arguments.iter().enumerate().map(|(position, argument)| {
        let name = name(argument, position);
        match &argument.form {
            Form::Owned(r#type) => quote!(<#r#type as #bus::__private::Wire>::encode(&#name, #encoder)?;),
            Form::Borrowed(r#type) => quote!(<#r#type as #bus::__private::Wire>::encode(#name, #encoder)?;),
            Form::List(element) => quote!(<#element as #bus::__private::Wire>::encode_slice(#name, #encoder)?;),
            Form::Text(_) => quote!(#bus::__private::encode_str(#name, #encoder)?;),
        }
    });
    let key =
        method.key.and_then(|key| method.arguments.get(key).map(|argument| (key, argument))).map(|(key, argument)| {
            let name = name(argument, key);
            let (r#type, reference) = match &argument.form {
                Form::Owned(r#type) => (r#type.to_token_stream(), quote!(&#name)),
                Form::Borrowed(r#type) | Form::Text(r#type) => (r#type.to_token_stream(), quote!(#name)),
                Form::List(element) => (quote!([#element]), quote!(#name)),
            };
            quote! {
                #bus::__private::Encoder::partition_key(
                    #encoder,
                    <#r#type as #bus::PartitionKey>::partition_key(#reference),
                );
            }
        });
    let (answer, error) = (method.answer, method.error);
    quote! {
        #bus::Call::new(
            &self.channel,
            <Self as #bus::Client>::contract(),
            <Self as #bus::__private::HasMethods>::methods().#method_field,
            |#encoder| {
                #(#encodings)*
                #key
                ::core::result::Result::Ok(())
            },
            <#answer as #bus::__private::Wire>::decode,
            <#error as #bus::__private::Wire>::decode,
        )
    }
}

/// The user's name, or one that cannot meet it.
fn name(argument: &Argument<'_>, position: usize) -> Ident {
    argument.name.cloned().unwrap_or_else(|| format_ident!("argument{position}", span = Span::mixed_site()))
}

/// What the client adds to the user's own words.
fn docs(bus: &TokenStream, method: &Method<'_>, default: Option<Duration>) -> String {
    let bus = bus.to_string().replace(' ', "");
    let error = type_name(method.error.to_token_stream());
    let end = match method.exchange {
        Exchange::Oneway => "Ends when the broker has the request; there is no answer.",
        Exchange::Answer | Exchange::CancellableAnswer => "Nothing is sent before the call is awaited.",
    };
    let wait = match (method.timeout, default) {
        (Some(time), _) => format!("It waits for {} at most", length(time)),
        (None, Some(time)) => format!("It waits for {} at most, or as long as the client says", length(time)),
        (None, None) => "It waits as long as the client says, 5 s where nobody says anything".to_owned(),
    };
    // A heading stands once, the user's own before ours.
    let own = attributes::docs(&method.written.attributes);
    let heading = if own.lines().any(|line| line.trim() == "# Errors") { "" } else { "# Errors\n\n" };
    let first = if own.is_empty() { format!("Calls `{}`.\n", plain(&method.written.ident)) } else { String::new() };
    format!(
        "{first}\n{end} {wait}; [`timeout`]({bus}::Call::timeout) on the call changes that.\n\n{heading}\
         [`CallError::Service`]({bus}::CallError::Service) with the service's own `{error}`, or \
         [`CallError::Bus`]({bus}::CallError::Bus) with the [`Failure`]({bus}::Failure) that says why there is no answer."
    )
}

fn length(time: Duration) -> String {
    match time.as_millis() {
        whole if whole % 1000 == 0 => format!("{} s", whole / 1000),
        milliseconds => format!("{milliseconds} ms"),
    }
}
