//! The contract: statics, for each method remembers its fingerprint.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Type;

use crate::args::plain;
use crate::attributes;
use crate::model::{Codec, Exchange, Form, Method, Run, Service};
use crate::type_name::type_name;

/// The static of a method. Items are not hygienic, so it has a name that nobody writes.
pub(super) fn method_static(position: usize) -> Ident {
    format_ident!("__METHOD_{position}")
}

/// The static of the contract.
pub(super) fn contract_static() -> Ident {
    format_ident!("__CONTRACT")
}

/// All statics of a service.
pub(super) fn contract(service: &Service<'_>) -> TokenStream {
    let bus = &service.names.bus;
    let methods = service.methods.iter().enumerate().map(|(position, method)| method_item(bus, position, method));
    let list = service.methods.iter().enumerate().map(|(position, method)| {
        let (name, cfgs) = (method_static(position), attributes::cfgs(&method.written.attributes));
        quote!(#cfgs &#name)
    });
    let contract = contract_static();
    let name = plain(&service.written.ident);
    let (topic, reply) = (&service.route.topic, &service.route.reply);
    let documentation = docs(&attributes::docs(&service.written.attributes));
    let settings = settings(service);
    quote! {
        #(#methods)*

        static #contract: #bus::Contract = #bus::__private::contract(#name, #topic, #reply)
            #documentation
            .version_(::core::option_env!("CARGO_PKG_VERSION"))
            #settings
            .methods_(&[#(#list),*]);
    }
}

fn settings(service: &Service<'_>) -> TokenStream {
    let bus = &service.names.bus;
    let settings = &service.settings;
    let partitions = settings.partitions.map(|count| quote!(.partitions_(#count)));
    let reply_partitions = settings.reply_partitions.map(|count| quote!(.reply_partitions_(#count)));
    let replication = settings.replication.map(|copies| {
        let copies = proc_macro2::Literal::u32_unsuffixed(copies);
        quote!(.replication_(#copies))
    });
    let codec = settings.codec.map(|codec| match codec {
        Codec::Bincode => quote!(.codec_(#bus::Codec::Bincode)),
        Codec::Json => quote!(.codec_(#bus::Codec::Json)),
    });
    let timeout = timeout(settings.timeout);
    quote!(#partitions #reply_partitions #replication #codec #timeout)
}

fn method_item(bus: &TokenStream, position: usize, method: &Method<'_>) -> TokenStream {
    let static_name = method_static(position);
    let cfgs = attributes::cfgs(&method.written.attributes);
    let wire_name = &method.wire_name;
    let arguments = method.arguments.iter().enumerate().map(|(position, argument)| {
        let name = argument.name.map_or_else(|| position.to_string(), plain);
        let r#type = argument_type(bus, &argument.form);
        let key = (method.key == Some(position)).then(|| quote!(.key_()));
        quote!(#bus::__private::argument(#name, #r#type) #key)
    });
    let answer = type_value(bus, method.answer);
    let error = type_value(bus, method.error);
    let documentation = docs(&attributes::docs(&method.written.attributes));
    let timeout = timeout(method.timeout);
    let run = match method.run {
        Run::Task => quote!(),
        Run::Blocking => quote!(.blocking_()),
        Run::Inline => quote!(.inline_()),
    };
    let idempotent = method.idempotent.then(|| quote!(.idempotent_()));
    let exchange = match method.exchange {
        Exchange::Answer => quote!(),
        Exchange::CancellableAnswer => quote!(.cancel_()),
        Exchange::Nothing => quote!(.oneway_()),
    };
    quote! {
        #cfgs
        static #static_name: #bus::__private::Method =
            #bus::__private::method(#wire_name, &[#(#arguments),*], #answer, #error)
                #documentation #timeout #run #idempotent #exchange;
    }
}

fn argument_type(bus: &TokenStream, form: &Form<'_>) -> TokenStream {
    match form {
        Form::Owned(r#type) | Form::Borrowed(r#type) => type_value(bus, r#type),
        Form::Text(_) => quote! {
            #bus::__private::r#type("String", <#bus::__private::String as #bus::__private::Wire>::shape)
        },
        Form::List(element) => {
            let name = format!("Vec<{}>", type_name(element.to_token_stream()));
            quote!(#bus::__private::r#type(#name, <#element as #bus::__private::Wire>::shape_vec))
        }
    }
}

fn type_value(bus: &TokenStream, r#type: &Type) -> TokenStream {
    let name = type_name(r#type.to_token_stream());
    quote!(#bus::__private::r#type(#name, <#r#type as #bus::__private::Wire>::shape))
}

fn timeout(time: Option<std::time::Duration>) -> Option<TokenStream> {
    let milliseconds = u64::try_from(time?.as_millis()).unwrap_or(u64::MAX);
    Some(quote!(.timeout_(#milliseconds)))
}

fn docs(text: &str) -> Option<TokenStream> {
    (!text.is_empty()).then(|| quote!(.docs_(#text)))
}
