//! What is asked of the user's types, and by which tokens.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{PathArguments, Type};

use crate::model::{Form, Method, Outcome, Types};
use crate::type_name::type_name;

/// What the generated code says of types.
#[derive(Clone, Copy)]
pub(super) struct Wires<'a> {
    pub(super) bus: &'a TokenStream,
    pub(super) types: &'a Types<'a>,
}

/// A type that crosses the bus: what it is, and which trait says how.
pub(super) struct Wire {
    /// The type.
    pub(super) r#type: TokenStream,
    /// `<T as Wire>`.
    pub(super) functions: TokenStream,
    /// The type as text, an expression.
    pub(super) name: TokenStream,
}

impl Wires<'_> {
    /// A type of the user's.
    pub(super) fn of(&self, r#type: &Type) -> Wire {
        self.named(r#type, other_words(r#type))
    }

    fn named(&self, r#type: &Type, words: &str) -> Wire {
        let (bus, first) = (self.bus, self.types.first(r#type));
        let words = proc_macro2::Ident::new(words, Span::call_site());
        Wire {
            r#type: r#type.to_token_stream(),
            functions: quote!(<#first as #bus::__private::#words>),
            name: type_name(r#type.to_token_stream()).into_token_stream(),
        }
    }

    fn ours(&self, r#type: &TokenStream, name: &str) -> Wire {
        let bus = self.bus;
        Wire {
            r#type: r#type.clone(),
            functions: quote!(<#r#type as #bus::__private::Wire>),
            name: name.into_token_stream(),
        }
    }

    /// What crosses the wire for an argument.
    pub(super) fn argument(&self, form: &Form<'_>) -> Wire {
        let bus = self.bus;
        match form {
            Form::Owned(r#type) | Form::Borrowed(_, r#type) | Form::List(_, _, r#type) => self.of(r#type),
            Form::Text(..) => self.ours(&quote!(#bus::__private::String), "String"),
            Form::Loan(_, r#type) => {
                let (loan, name) = (self.loan(r#type), type_name(r#type.to_token_stream()));
                Wire {
                    r#type: quote!(#loan::Owned),
                    functions: quote!(<#loan::Owned as #bus::__private::Wire>),
                    name: quote!(#bus::__private::owned_name(#loan::OWNED, #name)),
                }
            }
        }
    }

    /// `<Path as Loan>`
    pub(super) fn loan(&self, r#type: &Type) -> TokenStream {
        let (bus, first) = (self.bus, self.types.first(r#type));
        quote!(<#first as #bus::__private::Loan>)
    }

    /// What a method answers with.
    pub(super) fn answer(&self, method: &Method<'_>) -> Wire {
        match &method.outcome {
            Outcome::Result { answer, .. } | Outcome::Plain(Some(answer)) => self.of(answer),
            Outcome::Plain(None) => self.ours(&quote!(()), "()"),
            Outcome::Named(r#type) => self.part("Answer", other_words(r#type), "answer", r#type),
        }
    }

    /// What a method fails with.
    pub(super) fn error(&self, method: &Method<'_>) -> Wire {
        let bus = self.bus;
        match &method.outcome {
            Outcome::Result { error, .. } => self.of(error),
            Outcome::Plain(_) => self.ours(&quote!(#bus::Infallible), "Infallible"),
            Outcome::Named(r#type) => self.part("ErrorOf", "NamedError", "error", r#type),
        }
    }

    /// A part of what a name stands for.
    fn part(&self, part: &str, words: &str, called: &str, r#type: &Type) -> Wire {
        let bus = self.bus;
        let part = proc_macro2::Ident::new(part, Span::call_site());
        let words = proc_macro2::Ident::new(words, Span::call_site());
        let (name, first) = (type_name(r#type.to_token_stream()), self.types.first(r#type));
        let is_result = is_result(bus, r#type);
        let asked = part_tokens(bus, &part, first);
        let whole = if called == "answer" { quote!(#name) } else { quote!("Infallible") };
        let called = format!("{called} of {name}");
        Wire {
            r#type: quote!(#bus::__private::#part<#r#type, #is_result>),
            functions: quote!(<#asked as #bus::__private::#words>),
            name: quote!(if #is_result { #called } else { #whole }),
        }
    }
}

/// The part of a type in tokens that begin and end where the type does, so that what is wrong with
/// the part is said there.
fn part_tokens(bus: &TokenStream, part: &proc_macro2::Ident, of: &Type) -> TokenStream {
    let is_result = is_result(bus, of);
    let tokens: Vec<_> = of.to_token_stream().into_iter().collect();
    let first = tokens.first().map_or_else(|| of.span(), proc_macro2::TokenTree::span);
    let last = tokens.last().map_or(first, proc_macro2::TokenTree::span);
    let path = quote!(#bus::__private::#part).into_iter().map(|mut token| {
        // `$crate` leads where its own span says.
        if token.to_string() != "$crate" {
            token.set_span(first);
        }
        token
    });
    let path: TokenStream = path.collect();
    let close = quote_spanned!(last=> >);
    quote!(#path<#of, #is_result #close)
}

/// Whether a type is a `Result`, as a constant between braces. Both ways to the constant are named,
/// so that the import of the second is used whichever is taken.
pub(super) fn is_result(bus: &TokenStream, r#type: &Type) -> TokenStream {
    quote! {
        {
            use #bus::__private::Plain as __Plain;
            let _: bool = <#bus::__private::Returned<()> as __Plain>::IS_RESULT;
            <#bus::__private::Returned<#r#type>>::IS_RESULT
        }
    }
}

/// Under which name a type is asked for: some are known to lack serde's traits for a reason.
fn other_words(r#type: &Type) -> &'static str {
    match r#type {
        Type::Group(group) => other_words(&group.elem),
        Type::Paren(paren) => other_words(&paren.elem),
        Type::Array(_) => "ArrayWire",
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "Infallible" => "NeverWire",
            Some(last) if (last.ident == "Arc" || last.ident == "Rc") && !last.arguments.is_none() => "SharedWire",
            _ if is_foreign_error(r#type) => "ForeignError",
            _ => "Wire",
        },
        _ => "Wire",
    }
}

/// Whether it is an `Error` or a `Report` out of another crate, as in `anyhow::Error`.
fn is_foreign_error(r#type: &Type) -> bool {
    let Type::Path(path) = r#type else { return false };
    let segments = &path.path.segments;
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return false };
    let is_own = ["crate", "self", "super", "Self"].iter().any(|own| first.ident == own);
    segments.len() > 1
        && !is_own
        && matches!(last.arguments, PathArguments::None)
        && ["Error", "Report"].iter().any(|name| last.ident == name)
}
