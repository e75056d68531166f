//! The contract: statics, for each method remembers its fingerprint.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use super::wire::{Wire, Wires};
use crate::args::plain;
use crate::attributes;
use crate::model::{Codec, Exchange, Form, Method, Names, Run, Service};
use crate::type_name::type_name;

/// The static of the contract. Items are not hygienic, so it has a name that nobody writes.
pub(super) fn contract_static() -> Ident {
    format_ident!("__CONTRACT")
}

/// The statics of a service, and the way to them from its client.
pub(super) fn contract(service: &Service<'_>) -> TokenStream {
    let Names { bus, client, .. } = &service.names;
    let wires = Wires { bus, types: &service.types };
    let (mut statics, mut arms, mut list) = (Vec::new(), Vec::new(), Vec::new());
    for (position, method) in service.methods.iter().enumerate() {
        let cfgs = attributes::cfgs(&method.written.attributes);
        let (static_name, value) = (format_ident!("__METHOD_{position}"), method_value(wires, method));
        statics.push(quote!(#cfgs static #static_name: #bus::__private::Method = #value;));
        arms.push(quote!(#cfgs #position => &#static_name,));
        list.push(quote!(#cfgs &#static_name));
    }
    let contract = contract_static();
    let name = plain(&service.written.ident);
    let (topic, reply) = (&service.route.topic, &service.route.reply);
    let documentation = docs(&attributes::docs(&service.written.attributes));
    let settings = settings(service);
    quote! {
        #(#statics)*

        static #contract: #bus::Contract = #bus::__private::contract(#name, #topic, #reply)
            #documentation
            .version_(::core::option_env!("CARGO_PKG_VERSION"))
            #settings
            .methods_(&[#(#list),*]);

        #[automatically_derived]
        impl #bus::__private::HasMethods for #client {
            fn method(__position: usize) -> &'static #bus::__private::Method {
                match __position {
                    #(#arms)*
                    _ => &#bus::__private::NO_METHOD,
                }
            }
        }
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
        Codec::MsgPack => quote!(.codec_(#bus::Codec::MsgPack)),
    });
    let timeout = timeout(settings.timeout);
    quote!(#partitions #reply_partitions #replication #codec #timeout)
}

fn method_value(wires: Wires<'_>, method: &Method<'_>) -> TokenStream {
    let (bus, wire_name) = (wires.bus, &method.wire_name);
    let arguments = method.arguments.iter().enumerate().map(|(position, argument)| {
        let name = argument.name.map_or_else(|| position.to_string(), plain);
        let r#type = argument_type(wires, &argument.form);
        let key = (method.key == Some(position)).then(|| quote!(.key_()));
        quote!(#bus::__private::argument(#name, #r#type) #key)
    });
    let answer = type_value(bus, &wires.answer(method));
    let error = type_value(bus, &wires.error(method));
    let documentation = docs(&attributes::docs(&method.written.attributes));
    let timeout = timeout(method.timeout);
    let run = match method.run {
        Run::Task => quote!(),
        Run::Blocking => quote!(.run_(#bus::__private::Run::Blocking)),
        Run::Inline => quote!(.run_(#bus::__private::Run::Inline)),
    };
    let idempotent = method.idempotent.then(|| quote!(.idempotent_()));
    let exchange = match method.exchange {
        Exchange::Answer => quote!(),
        Exchange::CancellableAnswer => quote!(.exchange_(#bus::__private::Exchange::CancellableAnswer)),
        Exchange::Oneway => quote!(.exchange_(#bus::__private::Exchange::Oneway)),
    };
    let opaque = method.opaque.as_ref().map(|text| quote!(.opaque_(#text)));
    quote! {
        #bus::__private::method(#wire_name, &[#(#arguments),*], #answer, #error)
            #documentation #timeout #run #idempotent #exchange #opaque
    }
}

fn argument_type(wires: Wires<'_>, form: &Form<'_>) -> TokenStream {
    let (bus, wire) = (wires.bus, wires.argument(form));
    match form {
        Form::List(_, _, element) => {
            let (name, functions) = (format!("Vec<{}>", type_name(element.to_token_stream())), &wire.functions);
            quote!(#bus::__private::r#type(#name, #functions::shape_vec))
        }
        _ => type_value(bus, &wire),
    }
}

fn type_value(bus: &TokenStream, wire: &Wire) -> TokenStream {
    let Wire { name, functions, .. } = wire;
    quote!(#bus::__private::r#type(#name, #functions::shape))
}

fn timeout(time: Option<std::time::Duration>) -> Option<TokenStream> {
    let milliseconds = u64::try_from(time?.as_millis()).unwrap_or(u64::MAX);
    Some(quote!(.timeout_(#milliseconds)))
}

fn docs(text: &str) -> Option<TokenStream> {
    (!text.is_empty()).then(|| quote!(.docs_(#text)))
}
