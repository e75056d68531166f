//! The user's trait again, so that `async fn` in an `impl` block satisfies it.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Token, Type};

use crate::attributes::{self, Attribute};
use crate::check::outcome;
use crate::written::{End, Input, InputKind, Item, MethodItem, ServiceTrait};

/// The trait of a sound service.
pub(super) fn definition(written: &ServiceTrait) -> TokenStream {
    written_again(written, &TokenStream::new(), &TokenStream::new())
}

/// The trait of a broken one. What could not be lowered is left for the compiler and for editors.
pub(super) fn salvaged(written: &ServiceTrait) -> TokenStream {
    // Without the bound an answer that holds `Self` would be reported a second time.
    written_again(written, &quote!(#[allow(async_fn_in_trait)]), &sized_self())
}

fn written_again(written: &ServiceTrait, allowed: &TokenStream, bound: &TokenStream) -> TokenStream {
    let ServiceTrait {
        visibility,
        unsafety,
        auto,
        trait_token,
        ident,
        generics,
        colon,
        supertraits,
        where_clause,
        inner,
        ..
    } = written;
    // What `#[async_trait]` is to rewrite it has to find as it was written.
    let rewritten = written.attributes.iter().any(Attribute::is_async_trait);
    let attributes = attributes::kept(&written.attributes);
    let items = written.items.iter().map(|item| match item {
        Item::Method(method) => lowered(method, bound, rewritten),
        Item::Own(tokens) | Item::Other { tokens, .. } | Item::Unfinished(tokens) => tokens.clone(),
    });
    let mut body = Group::new(Delimiter::Brace, quote!(#(#inner)* #(#items)*));
    body.set_span(written.brace.span());
    // Brackets of ours around no parameters: of a type that is not in scope the compiler would
    // guess, here alone, that it is a missing parameter, and so report it twice.
    let generics = if generics.lt_token.is_some() { quote!(#generics) } else { quote!(<>) };
    let colon = colon.as_ref().map_or_else(|| quote!(:), ToTokens::into_token_stream);
    let plus = plus(supertraits);
    let bounds = quote_spanned!(ident.span()=> ::core::marker::Send + ::core::marker::Sync + 'static);
    quote! {
        #(#attributes)* #allowed
        #visibility #unsafety #auto #trait_token #ident #generics
        #colon #supertraits #plus #bounds #where_clause #body
    }
}

fn plus(supertraits: &TokenStream) -> TokenStream {
    let last = supertraits.clone().into_iter().last().map(|token| token.to_string());
    match last.as_deref() {
        None | Some("+") => TokenStream::new(),
        Some(_) => quote!(+),
    }
}

/// A method whose future is `Send`, which `async fn` in a trait cannot promise.
fn lowered(method: &MethodItem, bound: &TokenStream, rewritten: bool) -> TokenStream {
    let MethodItem { visibility, before_async, asyncness, after_async, end, .. } = method;
    let attributes = attributes::kept(&method.attributes);
    let head = quote!(#(#attributes)* #visibility #(#before_async)*);
    let end = match (end, asyncness) {
        (End::Body(body), Some(asyncness)) if !rewritten => {
            typed_body(*asyncness, body, method.output.as_ref().map(|(_, output)| output))
        }
        (end, _) => end.to_token_stream(),
    };
    // Without a service to borrow from, and with an answer that is one, as in `async fn new() -> Self`.
    let sized = !matches!(method.inputs.first(), Some(Input { kind: InputKind::Receiver(_), .. }));
    let bound = if bound.is_empty() && sized && asyncness.is_some() { sized_self() } else { bound.clone() };
    let where_clause = match &method.where_clause {
        None if !bound.is_empty() => quote!(where #bound),
        _ => TokenStream::new(),
    };
    let signature = if rewritten {
        let MethodItem { fn_token, ident, generics, output, where_clause, .. } = method;
        let (arguments, output) = (method.arguments(), output.as_ref().map(|(arrow, output)| quote!(#arrow #output)));
        quote!(#asyncness #fn_token #ident #generics #arguments #output #where_clause)
    } else {
        signature(method, &method.arguments())
    };
    quote!(#head #(#after_async)* #signature #where_clause #end)
}

/// `Self: Sized`
fn sized_self() -> TokenStream {
    quote!(Self: ::core::marker::Sized)
}

/// A method from `fn` to its where clause, as an implementation may have it, too.
pub(super) fn signature(method: &MethodItem, arguments: &TokenStream) -> TokenStream {
    let MethodItem { asyncness, fn_token, ident, generics, output, where_clause, .. } = method;
    let future = |output: &TokenStream, span: Span| {
        quote_spanned! {span=> impl ::core::future::Future<Output = #output> + ::core::marker::Send }
    };
    let output = match (output, asyncness) {
        // At the user's return type, which is what the compiler speaks of when it speaks of this.
        (Some((arrow, output)), Some(_)) => {
            let future = future(&output.to_token_stream(), output.span());
            quote!(#arrow #future)
        }
        (None, Some(_)) => {
            let future = future(&quote!(()), ident.span());
            quote!(-> #future)
        }
        (Some((arrow, output)), None) if outcome::lacks_send(output) => {
            quote!(#arrow #output + ::core::marker::Send)
        }
        (Some((arrow, output)), None) => quote!(#arrow #output),
        (None, None) => TokenStream::new(),
    };
    quote!(#fn_token #ident #generics #arguments #output #where_clause)
}

/// A default body. The line in front of it tells the compiler what the body answers with, so that
/// a wrong answer is reported where it stands and not at the attribute.
fn typed_body(asyncness: Token![async], body: &TokenTree, output: Option<&Type>) -> TokenStream {
    let answer = Ident::new("__answer", Span::mixed_site());
    let typed = output.map(|output| {
        quote! {
            if let ::core::option::Option::Some(#answer) = ::core::option::Option::None::<#output> {
                return #answer;
            }
        }
    });
    let (tokens, span) = match braces(body) {
        Some(group) => (group.stream(), group.span()),
        None => (body.to_token_stream(), body.span()),
    };
    let (inner, tokens) = inner_attributes(tokens);
    let mut whole = Group::new(Delimiter::Brace, quote!(#typed #tokens));
    whole.set_span(span);
    // The user's own `async`: what is wrong with the future is said of the method.
    quote!({ #inner #asyncness move #whole })
}

/// The inner attributes that a body begins with, which are the function's and not the future's.
fn inner_attributes(body: TokenStream) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let is = |position: usize, text: &str| matches!(tokens.get(position), Some(TokenTree::Punct(punct)) if punct.to_string() == text);
    let mut end = 0;
    while is(end, "#") && is(end + 1, "!") {
        end += 3;
    }
    let rest = tokens.iter().skip(end).cloned().collect();
    (tokens.into_iter().take(end).collect(), rest)
}

/// The braces of a body, out of the invisible delimiters that a `macro_rules!` puts around them.
fn braces(body: &TokenTree) -> Option<Group> {
    match body {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.clone()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => braces(&group.stream().into_iter().next()?),
        _ => None,
    }
}
