//! The two types that a user sees: their structs, and what they are apart from calls.

use proc_macro2::TokenStream;
use quote::quote;

use crate::args::plain;
use crate::attributes;
use crate::model::Names;
use crate::written::ServiceTrait;

/// The client's and the server's struct.
pub(super) fn types(written: &ServiceTrait, names: &Names) -> TokenStream {
    let ServiceTrait { visibility, ident, .. } = written;
    let Names { bus, client, server } = names;
    let attributes = attributes::for_types(&written.attributes);
    let service = plain(ident);
    let bus_path = bus.to_string().replace(' ', "");
    let docs = attributes::docs(&written.attributes);
    let about = if docs.is_empty() { String::new() } else { format!("\n\n{docs}") };
    let client_docs = format!(
        "Calls a service that implements [`{service}`].{about}\n\nMade by `bus.client()`, or `From` a [`Channel`]({bus_path}::Channel): \
         a test gives it [`loopback({server}::new(..))`]({bus_path}::loopback). Cloning is cheap."
    );
    let server_docs =
        format!("Serves an implementation of [`{service}`]: give it to `bus.serve(..)`. Cloning is cheap.");
    quote! {
        #attributes
        #[doc = #client_docs]
        #visibility struct #client {
            channel: #bus::Channel,
        }

        #attributes
        #[doc = #server_docs]
        #visibility struct #server<__Service> {
            service: #bus::__private::Arc<__Service>,
        }
    }
}

/// What a client is apart from its calls.
pub(super) fn client_traits(names: &Names) -> TokenStream {
    let Names { bus, client, .. } = names;
    let name = client.to_string();
    quote! {
        #[automatically_derived]
        impl ::core::convert::From<#bus::Channel> for #client {
            fn from(__channel: #bus::Channel) -> Self {
                Self { channel: __channel }
            }
        }

        #[automatically_derived]
        impl ::core::clone::Clone for #client {
            fn clone(&self) -> Self {
                Self { channel: ::core::clone::Clone::clone(&self.channel) }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #client {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::DebugStruct::finish(::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(__formatter, #name),
                    "channel",
                    &self.channel,
                ))
            }
        }
    }
}

/// What a server is apart from what it serves. By hand, for a derive would ask the service for
/// what its `Arc` has already.
pub(super) fn server_traits(written: &ServiceTrait, names: &Names) -> TokenStream {
    let Names { bus, server, .. } = names;
    let visibility = &written.visibility;
    let name = server.to_string();
    quote! {
        impl<__Service> #server<__Service> {
            /// Makes a server of a service, or of an `Arc` of one. Requests run side by side on this one value.
            #visibility fn new(__service: __Service) -> Self {
                Self { service: #bus::__private::Arc::new(__service) }
            }
        }

        #[automatically_derived]
        impl<__Service> ::core::convert::From<__Service> for #server<__Service> {
            fn from(__service: __Service) -> Self {
                Self { service: #bus::__private::Arc::new(__service) }
            }
        }

        #[automatically_derived]
        impl<__Service> ::core::clone::Clone for #server<__Service> {
            fn clone(&self) -> Self {
                Self { service: ::core::clone::Clone::clone(&self.service) }
            }
        }

        #[automatically_derived]
        impl<__Service> ::core::fmt::Debug for #server<__Service> {
            fn fmt(&self, __formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Formatter::write_str(__formatter, #name)
            }
        }
    }
}
