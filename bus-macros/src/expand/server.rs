//! The server: from a request to the user's method.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};

use super::contract::contract_static;
use super::types;
use crate::attributes;
use crate::model::{Argument, Form, Method, Names, Salvage, Service};

/// What the server of a sound service does.
pub(super) fn server(service: &Service<'_>) -> TokenStream {
    let Names { bus, server, .. } = &service.names;
    let ident = &service.written.ident;
    let contract = contract_static();
    let traits = types::server_traits(service.written, &service.names);
    let handlers = service.methods.iter().enumerate().map(|(position, method)| handler(bus, ident, position, method));
    let arms = service.methods.iter().enumerate().map(|(position, method)| {
        let cfgs = attributes::cfgs(&method.written.attributes);
        let (wire_name, handler) = (&method.wire_name, handler_name(position));
        quote!(#cfgs #wire_name => #handler(&*self.service, &request).await,)
    });
    quote! {
        #traits

        #[automatically_derived]
        impl<__Service: #ident> #bus::Dispatch for #server<__Service> {
            fn contract(&self) -> &'static #bus::Contract {
                &#contract
            }

            async fn dispatch(&self, request: #bus::Request) -> #bus::Reply {
                match #bus::__private::Method::name(#bus::Request::method(&request)) {
                    #(#arms)*
                    _ => #bus::Request::unknown_method(&request),
                }
            }
        }

        #(#handlers)*
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

            async fn dispatch(&self, request: #bus::Request) -> #bus::Reply {
                loop {}
            }
        }
    }
}

fn handler_name(position: usize) -> Ident {
    format_ident!("__handle_{position}")
}

/// A function for each method: the compiler's work grows with their number, not with its square.
fn handler(bus: &TokenStream, service: &Ident, position: usize, method: &Method<'_>) -> TokenStream {
    let cfgs = attributes::cfgs(&method.written.attributes);
    let (handler, ident) = (handler_name(position), &method.written.ident);
    let names: Vec<Ident> = (0..method.arguments.len()).map(|position| local(&format!("argument{position}"))).collect();
    let decodings = method.arguments.iter().zip(&names).map(|(argument, name)| {
        let decode = decoding(bus, argument);
        quote!(let #name = #decode;)
    });
    let lent = method.arguments.iter().zip(&names).map(|(argument, name)| match &argument.form {
        Form::Owned(_) => quote!(#name),
        Form::Text(_) | Form::List(_) | Form::Borrowed(_) => quote!(&#name),
    });
    let shared = method.arguments.iter().filter_map(|argument| match &argument.form {
        // What is lent to a future that may move between threads is shared between them.
        Form::List(r#type) | Form::Borrowed(r#type) => Some(quote!(<#r#type as #bus::__private::Lend>::CHECKED;)),
        Form::Owned(_) | Form::Text(_) => None,
    });
    let (answer, error) = (method.answer, method.error);
    quote! {
        #cfgs
        async fn #handler<__Service: #service>(service: &__Service, request: &#bus::Request) -> #bus::Reply {
            #(let () = #shared)*
            let arguments = (|| {
                let mut decoder = #bus::Request::arguments(request)?;
                #(#decodings)*
                #bus::__private::Decoder::finish(decoder)?;
                ::core::result::Result::Ok::<_, #bus::DecodeError>((#(#names,)*))
            })();
            let (#(#names,)*) = match arguments {
                ::core::result::Result::Ok(arguments) => arguments,
                ::core::result::Result::Err(cause) => return #bus::Request::undecodable(request, &cause),
            };
            match <__Service as #service>::#ident(service, #(#lent),*).await {
                ::core::result::Result::Ok(answer) => {
                    #bus::Request::ok_with(request, &answer, <#answer as #bus::__private::Wire>::encode)
                }
                ::core::result::Result::Err(error) => {
                    #bus::Request::error_with(request, &error, <#error as #bus::__private::Wire>::encode)
                }
            }
        }
    }
}

fn decoding(bus: &TokenStream, argument: &Argument<'_>) -> TokenStream {
    match &argument.form {
        Form::Owned(r#type) | Form::Borrowed(r#type) => {
            quote!(<#r#type as #bus::__private::Wire>::decode(&mut decoder)?)
        }
        Form::List(element) => quote!(<#element as #bus::__private::Wire>::decode_vec(&mut decoder)?),
        Form::Text(_) => quote!(<#bus::__private::String as #bus::__private::Wire>::decode(&mut decoder)?),
    }
}

fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
