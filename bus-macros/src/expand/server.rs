//! The server: from a request to the user's method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::contract::contract_static;
use super::types;
use super::wire::{self, Wires};
use crate::attributes;
use crate::model::{Argument, Calling, Form, Method, Names, Outcome, Salvage, Service, Through};

/// What the server of a sound service does.
pub(super) fn server(service: &Service<'_>) -> TokenStream {
    let Names { bus, server, .. } = &service.names;
    let ident = &service.written.ident;
    let contract = contract_static();
    let traits = types::server_traits(service.written, &service.names);
    let wires = Wires { bus, types: &service.types };
    let handlers = service.methods.iter().enumerate().map(|(position, method)| handler(wires, ident, position, method));
    let request = local("__request");
    let arms = service.methods.iter().enumerate().map(|(position, method)| {
        let cfgs = attributes::cfgs(&method.written.attributes);
        let (wire_name, handler) = (&method.wire_name, handler_name(position));
        quote!(#cfgs #wire_name => #handler(&self.service, &#request).await,)
    });
    let shared = (!service.may_be_an_arc()).then(|| shared(service));
    quote! {
        #traits

        #[automatically_derived]
        impl<__Service: #ident> #bus::Dispatch for #server<__Service> {
            fn contract(&self) -> &'static #bus::Contract {
                &#contract
            }

            async fn dispatch(
                &self,
                #request: #bus::Request,
            ) -> ::core::result::Result<#bus::Reply, #bus::Rejected> {
                match #bus::__private::Method::name(#bus::Request::method(&#request)) {
                    #(#arms)*
                    _ => ::core::result::Result::Err(#bus::Request::unknown_method(&#request)),
                }
            }
        }

        #shared

        #(#handlers)*
    }
}

/// A server of an `Arc`, where an `Arc` of a service cannot be a service itself.
fn shared(service: &Service<'_>) -> TokenStream {
    let Names { bus, server, .. } = &service.names;
    let ident = &service.written.ident;
    let contract = contract_static();
    let (request, inner) = (local("__request"), local("__inner"));
    quote! {
        #[automatically_derived]
        impl<__Service: #ident> #bus::Dispatch for #server<#bus::__private::Arc<__Service>> {
            fn contract(&self) -> &'static #bus::Contract {
                &#contract
            }

            async fn dispatch(
                &self,
                #request: #bus::Request,
            ) -> ::core::result::Result<#bus::Reply, #bus::Rejected> {
                let #inner = #server { service: ::core::clone::Clone::clone(&*self.service) };
                #bus::Dispatch::dispatch(&#inner, #request).await
            }
        }
    }
}

/// A server that can be given to the bus and never runs.
pub(super) fn stub(salvage: &Salvage<'_>) -> TokenStream {
    let Names { bus, server, .. } = &salvage.names;
    let traits = types::server_traits(salvage.written, &salvage.names);
    quote! {
        #traits

        #[automatically_derived]
        impl<__Service: ::core::marker::Send + ::core::marker::Sync + 'static> #bus::Dispatch for #server<__Service> {
            fn contract(&self) -> &'static #bus::Contract {
                loop {}
            }

            async fn dispatch(&self, _: #bus::Request) -> ::core::result::Result<#bus::Reply, #bus::Rejected> {
                loop {}
            }
        }
    }
}

fn handler_name(position: usize) -> Ident {
    format_ident!("__handle_{position}")
}

/// A function for each method: the compiler's work grows with their number, not with its square.
fn handler(wires: Wires<'_>, service: &Ident, position: usize, method: &Method<'_>) -> TokenStream {
    let bus = wires.bus;
    let cfgs = attributes::cfgs(&method.written.attributes);
    let (handler, ident) = (handler_name(position), &method.written.ident);
    let names: Vec<Ident> = (0..method.arguments.len()).map(argument_name).collect();
    let decodings = method.arguments.iter().zip(&names).map(|(argument, name)| {
        let decode = decoding(wires, argument);
        quote!(let #name = #decode;)
    });
    let lent = method.arguments.iter().zip(&names).map(|(argument, name)| match &argument.form {
        Form::Owned(_) => quote!(#name),
        Form::Text(..) | Form::List(..) | Form::Borrowed(..) => quote!(&#name),
        Form::Loan(_, r#type) => {
            let loan = wires.loan(r#type);
            quote!(#loan::lend(&#name))
        }
    });
    let shared = method.arguments.iter().filter_map(|argument| match &argument.form {
        // What is lent to a future that may move between threads is shared between them.
        Form::List(_, _, r#type) | Form::Borrowed(_, r#type) => {
            Some(quote!(<#r#type as #bus::__private::Lend>::CHECKED;))
        }
        Form::Owned(_) | Form::Text(..) | Form::Loan(..) => None,
    });
    let [value, request, arguments, decoder, cause, outcome, answer, error] =
        ["__service", "__request", "__arguments", "__decoder", "__cause", "__outcome", "__answer", "__error"]
            .map(local);
    let through = match method.through {
        Through::Reference => quote!(&**#value),
        Through::Arc => quote!(::core::clone::Clone::clone(#value)),
        Through::ArcReference => quote!(#value),
    };
    let called = quote!(<__Service as #service>::#ident(#through, #(#lent),*));
    let outcome_of_it = match method.calling {
        Calling::Future => quote!(#called.await),
        Calling::Outcome => called,
    };
    let (answer_wire, error_wire) = (wires.answer(method).functions, wires.error(method).functions);
    let ok = quote!(#bus::Request::ok_with(#request, &#answer, #answer_wire::encode));
    let failed = quote!(#bus::Request::error_with(#request, &#error, #error_wire::encode));
    let as_result = match &method.outcome {
        Outcome::Result { .. } | Outcome::Plain(_) => quote!(#outcome),
        Outcome::Named(r#type) => {
            let is_result = wire::is_result(bus, r#type);
            quote!(<#r#type as #bus::__private::Outcome<#is_result>>::into_result(#outcome))
        }
    };
    let reply = match &method.outcome {
        Outcome::Plain(_) => quote! {
            let #answer = #as_result;
            ::core::result::Result::Ok(#ok)
        },
        Outcome::Result { .. } | Outcome::Named(_) => quote! {
            ::core::result::Result::Ok(match #as_result {
                ::core::result::Result::Ok(#answer) => #ok,
                ::core::result::Result::Err(#error) => #failed,
            })
        },
    };
    quote! {
        #cfgs
        async fn #handler<__Service: #service>(
            #value: &#bus::__private::Arc<__Service>,
            #request: &#bus::Request,
        ) -> ::core::result::Result<#bus::Reply, #bus::Rejected> {
            #(let () = #shared)*
            let #arguments = (|| {
                let mut #decoder = #bus::Request::arguments(#request)?;
                #(#decodings)*
                #bus::__private::Decoder::finish(#decoder)?;
                ::core::result::Result::Ok::<_, #bus::DecodeError>((#(#names,)*))
            })();
            let (#(#names,)*) = match #arguments {
                ::core::result::Result::Ok(#arguments) => #arguments,
                ::core::result::Result::Err(#cause) => {
                    return ::core::result::Result::Err(#bus::Request::undecodable(#request, &#cause));
                }
            };
            let #outcome = #outcome_of_it;
            #reply
        }
    }
}

fn decoding(wires: Wires<'_>, argument: &Argument<'_>) -> TokenStream {
    let (functions, decoder) = (wires.argument(&argument.form).functions, local("__decoder"));
    match &argument.form {
        Form::List(..) => quote!(#functions::decode_vec(&mut #decoder)?),
        Form::Owned(_) | Form::Borrowed(..) | Form::Text(..) | Form::Loan(..) => {
            quote!(#functions::decode(&mut #decoder)?)
        }
    }
}

/// The name of an argument in code that does not show the user's.
pub(super) fn argument_name(position: usize) -> Ident {
    local(&format!("__argument{position}"))
}

/// A name of ours. It is hygienic, and unlikely besides: a constant of the user's would be a
/// pattern wherever a binding has its name.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
