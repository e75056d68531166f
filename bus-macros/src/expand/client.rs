//! The client: one inherent function a method, and none of its own, so that no name is taken.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::allowed::allowed;
use super::contract::contract_static;
use super::types;
use super::wire::Wires;
use crate::args::plain;
use crate::attributes;
use crate::model::{Argument, Exchange, Form, Method, Names, Outcome, Salvage, Service};
use crate::type_name::type_name;
use crate::written::ServiceTrait;

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
    let wires = Wires { bus: &service.names.bus, types: &service.types };
    let calls = service.methods.iter().enumerate().map(|(position, method)| {
        let body = call(wires, position, method);
        function(service.written, wires, method, service.settings.timeout, &body)
    });
    inherent(service.written, &service.names, calls)
}

fn inherent(written: &ServiceTrait, names: &Names, calls: impl Iterator<Item = TokenStream>) -> TokenStream {
    let client = &names.client;
    let (cfgs, allowed) = (attributes::cfgs_and_allowed(&written.attributes), allowed(written));
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
    quote! {
        #traits

        #[automatically_derived]
        impl #bus::Client for #client {
            fn contract() -> &'static #bus::Contract {
                loop {}
            }
        }
    }
}

/// Calls that have the right types and cannot be made.
pub(super) fn stub_calls(salvage: &Salvage<'_>) -> TokenStream {
    let wires = Wires { bus: &salvage.names.bus, types: &salvage.types };
    let calls = salvage.methods.iter().map(|method| {
        let names = method.arguments.iter().enumerate().map(|(position, argument)| name(argument, position));
        let asked = method.arguments.iter().map(|argument| wires.argument(&argument.form));
        let functions = asked.chain([wires.answer(method), wires.error(method)]).map(|wire| wire.functions);
        // The types are asked all the same, so that what is wrong with them is said in the same run.
        let body = quote! {
            #(let _ = #functions::shape;)*
            let _ = (#(&#names,)*);
            loop {}
        };
        function(salvage.written, wires, method, None, &body)
    });
    inherent(salvage.written, &salvage.names, calls)
}

fn function(
    written: &ServiceTrait,
    wires: Wires<'_>,
    method: &Method<'_>,
    default: Option<Duration>,
    body: &TokenStream,
) -> TokenStream {
    let bus = wires.bus;
    let visibility = &written.visibility;
    let attributes = attributes::for_readers(&method.written.attributes);
    let docs = docs(bus, method, default);
    // The user's own word: "go to definition" on a call leads to the method in the trait.
    let ident = &method.written.ident;
    let arguments = method.arguments.iter().enumerate().map(|(position, argument)| {
        let name = name(argument, position);
        // Without a lifetime that the method may have named: a call keeps nothing borrowed.
        match &argument.form {
            Form::Owned(r#type) => quote!(#name: #r#type),
            Form::Text(and, r#type)
            | Form::List(and, r#type, _)
            | Form::Borrowed(and, r#type)
            | Form::Loan(and, r#type) => quote!(#name: #and #r#type),
        }
    });
    let (answer, error) = (wires.answer(method).r#type, wires.error(method).r#type);
    quote! {
        #attributes
        #[doc = #docs]
        #visibility fn #ident(&self, #(#arguments),*) -> #bus::Call<#answer, #error> {
            #body
        }
    }
}

fn call(wires: Wires<'_>, position: usize, method: &Method<'_>) -> TokenStream {
    let bus = wires.bus;
    let encoder = if method.arguments.is_empty() {
        quote!(_)
    } else {
        Ident::new("__encoder", Span::mixed_site()).into_token_stream()
    };
    let encodings = method.arguments.iter().enumerate().map(|(position, argument)| {
        let (name, functions) = (name(argument, position), wires.argument(&argument.form).functions);
        match &argument.form {
            Form::Owned(_) => quote!(#functions::encode(&#name, #encoder)?;),
            Form::Borrowed(..) => quote!(#functions::encode(#name, #encoder)?;),
            Form::List(..) => quote!(#functions::encode_slice(#name, #encoder)?;),
            Form::Text(..) => quote!(#bus::__private::encode_str(#name, #encoder)?;),
            Form::Loan(_, r#type) => {
                let loan = wires.loan(r#type);
                quote!(#loan::encode(#name, #encoder)?;)
            }
        }
    });
    let key =
        method.key.and_then(|key| method.arguments.get(key).map(|argument| (key, argument))).map(|(key, argument)| {
            let name = name(argument, key);
            let (r#type, reference) = match &argument.form {
                Form::Owned(r#type) => (r#type, quote!(&#name)),
                Form::Borrowed(_, r#type)
                | Form::Text(_, r#type)
                | Form::List(_, r#type, _)
                | Form::Loan(_, r#type) => (r#type, quote!(#name)),
            };
            quote! {
                #bus::__private::Encoder::partition_key(
                    #encoder,
                    <#r#type as #bus::PartitionKey>::partition_key(#reference),
                );
            }
        });
    let (answer, error) = (wires.answer(method).functions, wires.error(method).functions);
    quote! {
        #bus::Call::new(
            &self.channel,
            <Self as #bus::Client>::contract(),
            <Self as #bus::__private::HasMethods>::method(#position),
            |#encoder| {
                #(#encodings)*
                #key
                ::core::result::Result::Ok(())
            },
            #answer::decode,
            #error::decode,
        )
    }
}

/// The user's name, or one that cannot meet it.
fn name(argument: &Argument<'_>, position: usize) -> Ident {
    argument.name.cloned().unwrap_or_else(|| format_ident!("__argument{position}", span = Span::mixed_site()))
}

/// What the client adds to the user's own words.
fn docs(bus: &TokenStream, method: &Method<'_>, default: Option<Duration>) -> String {
    let bus = bus.to_string().replace(' ', "");
    let end = match method.exchange {
        Exchange::Oneway => "Ends when the handler is done; it has no value to answer with.",
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
    let arguments: String = method
        .arguments
        .iter()
        .filter_map(|argument| Some((argument.name?, &argument.docs)))
        .filter(|(_, docs)| !docs.is_empty())
        .fold(String::new(), |list, (name, docs)| format!("{list}\n* `{}`: {}", plain(name), docs.replace('\n', " ")));
    let arguments = if arguments.is_empty() { arguments } else { arguments + "\n" };
    let own_error = match &method.outcome {
        Outcome::Result { error, .. } => Some(type_name(error.to_token_stream())),
        Outcome::Named(r#type) => Some(type_name(r#type.to_token_stream())),
        Outcome::Plain(_) => None,
    };
    let service = own_error.map_or_else(String::new, |error| match &method.outcome {
        Outcome::Result { .. } => {
            format!("[`CallError::Service`]({bus}::CallError::Service) with the service's own `{error}`, or ")
        }
        _ => format!(
            "[`CallError::Service`]({bus}::CallError::Service) with the service's own error, if `{error}` holds one, or "
        ),
    });
    format!(
        "{first}{arguments}\n{end} {wait}; [`timeout`]({bus}::Call::timeout) on the call changes that.\n\n{heading}\
         {service}[`CallError::Bus`]({bus}::CallError::Bus) with the [`Failure`]({bus}::Failure) that says why there is no answer."
    )
}

fn length(time: Duration) -> String {
    match time.as_millis() {
        whole if whole % 1000 == 0 => format!("{} s", whole / 1000),
        milliseconds => format!("{milliseconds} ms"),
    }
}
