//! `manifest!`: what a program serves and calls, from the names of traits to their contracts.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Path, Token, braced};

use crate::errors::Errors;
use crate::nearest::nearest;

/// The words that begin a section.
const WORDS: [&str; 2] = ["serves", "calls"];

/// A trait, and the methods of it that are called; `None` is all of them.
struct Named {
    path: Path,
    methods: Option<Vec<Ident>>,
}

impl Parse for Named {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = Path::parse_mod_style(input)?;
        let methods = if input.peek(syn::token::Brace) {
            let inner;
            braced!(inner in input);
            Some(inner.parse_terminated(Ident::parse, Token![,])?.into_iter().collect())
        } else {
            None
        };
        Ok(Self { path, methods })
    }
}

/// A word and what stands behind it.
struct Section {
    word: Ident,
    named: Vec<Named>,
}

impl Parse for Section {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let word: Ident = input.parse()?;
        let mut named = Vec::new();
        while !input.is_empty() && !input.peek(Token![;]) {
            named.push(input.parse()?);
            if !input.peek(Token![;]) && !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { word, named })
    }
}

/// The macro without the compiler. The first token is the path to the crate.
pub(crate) fn manifest_tokens(input: TokenStream) -> TokenStream {
    let mut tokens = input.into_iter();
    let bus: TokenStream = tokens.by_ref().take_while(|token| !is_semicolon(token)).collect();
    let sections = |input: ParseStream<'_>| input.parse_terminated(Section::parse, Token![;]);
    let mut errors = Errors::default();
    let sections = match sections.parse2(tokens.collect()) {
        Ok(sections) => sections,
        Err(error) => {
            errors.push(error);
            return errors.in_front_of(TokenStream::new());
        }
    };
    let (mut serves, mut calls) = (Vec::new(), Vec::new());
    for section in sections {
        let word = section.word.to_string();
        if !WORDS.contains(&word.as_str()) {
            let help = nearest(&word, &WORDS).map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
            errors.at(&section.word, format!("`{word}` is not `serves` or `calls`{help}"));
            continue;
        }
        if section.named.is_empty() {
            errors.at(&section.word, format!("`{word}` names no trait: name one, or leave the word out"));
        }
        for named in section.named {
            let contract = contract(&bus, &named.path);
            match named.methods {
                Some(methods) if word == "serves" => {
                    let at = methods.first().unwrap_or(&section.word);
                    errors.at(at, "a server serves all methods of its trait: list methods behind `calls` alone");
                }
                Some(methods) if methods.is_empty() => {
                    errors.at(&named.path, "the list of methods is empty: name one, or leave the braces out");
                }
                Some(methods) => {
                    let names = methods.iter().map(crate::args::plain);
                    calls.push(quote!((#contract, ::core::option::Option::Some(&[#(#names),*]))));
                }
                None if word == "serves" => serves.push(contract),
                None => calls.push(quote!((#contract, ::core::option::Option::None))),
            }
        }
    }
    errors.in_front_of(quote! {
        {
            static __MANIFEST: #bus::__private::Declared = #bus::__private::Declared {
                program: match ::core::option_env!("CARGO_BIN_NAME") {
                    ::core::option::Option::Some(__name) => ::core::option::Option::Some(__name),
                    ::core::option::Option::None => ::core::option_env!("CARGO_CRATE_NAME"),
                },
                version: ::core::option_env!("CARGO_PKG_VERSION"),
                serves: &[#(#serves),*],
                calls: &[#(#calls),*],
            };
            #bus::__private::declare(&__MANIFEST);
        }
    })
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// The way to the contract of a trait: by the client that stands beside it.
fn contract(bus: &TokenStream, path: &Path) -> TokenStream {
    let mut client = path.clone();
    if let Some(last) = client.segments.last_mut() {
        let name = crate::args::plain(&last.ident);
        last.ident = format_ident!("{name}Client", span = last.ident.span());
    }
    quote!(<#client as #bus::Client>::contract)
}
