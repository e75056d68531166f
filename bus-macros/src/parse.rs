//! The trait as written: every token kept, bodies unread, nothing judged.
//!
//! What cannot be read stays in as tokens, so that the trait can be given back to the compiler and
//! to editors whatever is wrong with it.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser, Result, discouraged::Speculative};
use syn::{Error, Lifetime, Token, Type, Visibility};

use crate::attributes::{self, Attribute};
use crate::written::{End, Input, InputKind, Item, MethodItem, Receiver, ReceiverKind, ServiceTrait};

/// Reads a trait, or says what else is there. `None` is something that another attribute made of a
/// trait and gave our attribute, too: one of these, an `impl` of the trait, is reported.
pub(crate) fn service_trait(item: &TokenStream) -> Result<Option<ServiceTrait>> {
    match parse_trait.parse2(item.clone()) {
        Ok(written) => Ok(Some(written)),
        Err(error) => match not_written(item) {
            Some(what) if what != "impl" => Ok(None),
            _ => Err(error),
        },
    }
}

/// The keyword of an item that nobody wrote: where it stands there is other text.
fn not_written(item: &TokenStream) -> Option<String> {
    let attributes_and_visibility = |input: ParseStream<'_>| {
        Attribute::all(input)?;
        input.parse::<Visibility>()?;
        let word = input.parse::<TokenTree>()?;
        let rest = input.parse::<TokenStream>()?;
        Ok((word, rest))
    };
    let (word, rest) = attributes_and_visibility.parse2(item.clone()).ok()?;
    let keyword = word.to_string();
    let there = word.span().source_text()?;
    let of_a_trait = rest.into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "for"));
    // The `impl` of a mock itself says less than that of the trait for it.
    let keyword = if keyword == "impl" && !of_a_trait { "an inherent impl".to_owned() } else { keyword };
    (there != word.to_string()).then_some(keyword)
}

fn parse_trait(input: ParseStream<'_>) -> Result<ServiceTrait> {
    let attributes = Attribute::all(input)?;
    let visibility = input.parse()?;
    expect_trait(input)?;
    let unsafety = input.parse()?;
    let auto = if input.peek(Token![trait]) { None } else { Some(Ident::parse_any(input)?) };
    let trait_token = input.parse()?;
    let ident = input.parse()?;
    let generics = input.parse()?;
    let colon: Option<Token![:]> = input.parse()?;
    let supertraits =
        if colon.is_some() { until(input, |at| at.peek(Token![where]) || is_brace(at))? } else { TokenStream::new() };
    let where_clause = input.parse()?;
    let brace: Group = input.parse()?;
    let (inner, items) = parse_items.parse2(brace.stream())?;
    // Something behind the trait is not ours to read, and cannot come from the compiler.
    input.parse::<TokenStream>()?;
    Ok(ServiceTrait {
        attributes,
        visibility,
        unsafety,
        auto,
        trait_token,
        ident,
        generics,
        colon,
        supertraits,
        where_clause,
        brace,
        inner,
        items,
    })
}

/// Stops at anything that is not a trait, and names it.
fn expect_trait(input: ParseStream<'_>) -> Result<()> {
    let ahead = input.fork();
    let mut keyword = None;
    while !ahead.is_empty() && !ahead.peek(Token![trait]) {
        let TokenTree::Ident(word) = ahead.parse()? else { break };
        let found = match word.to_string().as_str() {
            "impl" => "an `impl` block",
            "struct" => "a struct",
            "enum" => "an enum",
            "union" => "a union",
            "fn" => "a function",
            "mod" => "a module",
            "type" => "a type alias",
            "use" => "an import",
            "static" => "a static",
            "macro_rules" => "a macro",
            // `const` stands before `fn` too.
            "const" if !ahead.peek(Token![fn]) && !ahead.peek(Token![async]) && !ahead.peek(Token![unsafe]) => {
                "a constant"
            }
            _ => continue,
        };
        keyword = Some((word, found));
        break;
    }
    match keyword {
        None if ahead.peek(Token![trait]) => Ok(()),
        None => Err(input.error("expected a trait: `#[bus::request]` goes on the trait that describes the service")),
        Some((word, found)) => {
            let of_another = is_impl_of_a_trait(&ahead);
            let hint = if of_another {
                "; if another attribute, as `#[automock]`, made this of your trait, put `#[bus::request]` above it"
            } else {
                ""
            };
            Err(Error::new_spanned(
                word,
                format!(
                    "expected a trait, found {found}: `#[bus::request]` goes on the trait that describes the service{hint}"
                ),
            ))
        }
    }
}

/// Whether a type follows, `for` and another one, as behind the `impl` of a trait.
fn is_impl_of_a_trait(behind: ParseStream<'_>) -> bool {
    let mut tokens = behind.cursor().token_stream().into_iter();
    tokens.any(|token| matches!(token, TokenTree::Ident(word) if word == "for"))
}

fn parse_items(input: ParseStream<'_>) -> Result<(Vec<Attribute>, Vec<Item>)> {
    let mut inner = Vec::new();
    while input.peek(Token![#]) && input.peek2(Token![!]) {
        inner.push(input.parse()?);
    }
    let mut items = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        if let Ok(method) = parse_method(&ahead) {
            input.advance_to(&ahead);
            items.push(Item::Method(Box::new(method)));
        } else {
            items.push(other_item(input)?);
        }
    }
    Ok((inner, items))
}

/// Takes tokens up to the next semicolon or pair of braces.
fn other_item(input: ParseStream<'_>) -> Result<Item> {
    let mut tokens = TokenStream::new();
    let mut kind = None;
    while !input.is_empty() {
        if kind.is_none() {
            kind = if input.peek(Token![type]) || input.peek(Token![const]) && input.peek2(syn::Ident) {
                Some(Kind::Own)
            } else if input.peek2(Token![!]) && !input.peek(Token![#]) {
                Some(Kind::Macro)
            } else {
                None
            };
        }
        let last = input.peek(Token![;]) || is_brace(input);
        tokens.extend([input.parse::<TokenTree>()?]);
        if last {
            return Ok(match kind {
                Some(Kind::Own) => Item::Own(tokens),
                Some(Kind::Macro) => Item::Other { what: "a macro call", tokens },
                None => Item::Other { what: "what the attribute cannot read", tokens },
            });
        }
    }
    Ok(Item::Unfinished(tokens))
}

/// What an item is that is no method.
enum Kind {
    Own,
    Macro,
}

fn parse_method(input: ParseStream<'_>) -> Result<MethodItem> {
    let attributes = Attribute::all(input)?;
    let visibility = input.parse()?;
    let before_async = qualifiers(input)?;
    let asyncness = input.parse()?;
    let after_async = qualifiers(input)?;
    let fn_token = input.parse()?;
    let ident = input.parse()?;
    let generics = input.parse()?;
    let parentheses: Group = input.parse()?;
    let inputs = parse_inputs.parse2(parentheses.stream())?;
    let output = match input.parse::<Option<Token![->]>>()? {
        None => None,
        Some(arrow) => Some((arrow, parse_type(input, |at| at.peek(Token![where]) || ends_method(at))?)),
    };
    let where_clause = input.parse()?;
    let end = if input.peek(Token![;]) {
        End::Semicolon(input.parse()?)
    } else if input.is_empty() || begins_item(input) {
        End::Missing
    } else {
        End::Body(body(input)?)
    };
    Ok(MethodItem {
        attributes,
        visibility,
        before_async,
        asyncness,
        after_async,
        fn_token,
        ident,
        generics,
        parentheses,
        inputs,
        output,
        where_clause,
        end,
    })
}

fn ends_method(at: ParseStream<'_>) -> bool {
    at.peek(Token![;]) || is_brace(at) || begins_item(at)
}

/// Whether the next method, type or constant begins here.
fn begins_item(at: ParseStream<'_>) -> bool {
    at.peek(Token![async])
        || at.peek(Token![pub])
        || at.peek(Token![type])
        || at.peek(Token![#])
        || at.peek(Token![fn]) && at.peek2(syn::Ident)
        || at.peek(Token![const]) && at.peek2(syn::Ident)
}

fn qualifiers(input: ParseStream<'_>) -> Result<Vec<TokenStream>> {
    let mut words = Vec::new();
    while !input.peek(Token![fn]) && !input.peek(Token![async]) {
        if input.peek(Token![extern]) {
            let (keyword, abi): (Token![extern], Option<syn::LitStr>) = (input.parse()?, input.parse()?);
            words.push(quote!(#keyword #abi));
        } else {
            words.push(Ident::parse_any(input)?.into_token_stream());
        }
    }
    Ok(words)
}

/// A block; from a `macro_rules!` it comes in invisible delimiters.
fn body(input: ParseStream<'_>) -> Result<TokenTree> {
    let tree: TokenTree = input.parse()?;
    match &tree {
        TokenTree::Group(group) if matches!(group.delimiter(), Delimiter::Brace | Delimiter::None) => Ok(tree),
        _ => Err(Error::new_spanned(tree, "expected `;` or a body")),
    }
}

fn parse_inputs(input: ParseStream<'_>) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    while !input.is_empty() {
        let attributes = Attribute::all(input)?;
        let kind = if let Some(receiver) = parse_receiver(input)? { receiver } else { parse_typed(input)? };
        inputs.push(Input { attributes, kind });
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(inputs)
}

fn parse_receiver(input: ParseStream<'_>) -> Result<Option<InputKind>> {
    let ahead = input.fork();
    let and: Option<Token![&]> = ahead.parse()?;
    let lifetime: Option<Lifetime> = if and.is_some() { ahead.parse()? } else { None };
    let mutability: Option<Token![mut]> = ahead.parse()?;
    if !ahead.peek(Token![self]) {
        return Ok(None);
    }
    let word: Token![self] = ahead.parse()?;
    let mut tokens = quote!(#and #lifetime #mutability #word);
    let mut kind = match (&and, &mutability) {
        (Some(_), None) => ReceiverKind::Reference,
        (Some(_), Some(_)) => ReceiverKind::Mutable,
        (None, _) => ReceiverKind::Other,
    };
    if ahead.peek(Token![:]) {
        let r#type = until(&ahead, |at| at.peek(Token![,]))?;
        kind = receiver_kind(&r#type);
        tokens.extend(r#type);
    }
    input.advance_to(&ahead);
    Ok(Some(InputKind::Receiver(Receiver { tokens, word, kind })))
}

/// What the type behind `self:` is, colon included.
fn receiver_kind(tokens: &TokenStream) -> ReceiverKind {
    let parse = |input: ParseStream<'_>| {
        input.parse::<Token![:]>()?;
        input.parse::<Type>()
    };
    let Ok(r#type) = parse.parse2(tokens.clone()) else { return ReceiverKind::Other };
    match &r#type {
        Type::Path(_) if is_arc_of_self(&r#type) => ReceiverKind::Arc,
        Type::Reference(reference) if reference.mutability.is_some() => ReceiverKind::Mutable,
        Type::Reference(reference) if is_arc_of_self(&reference.elem) => ReceiverKind::ArcReference,
        Type::Reference(reference) if reference.elem.to_token_stream().to_string() == "Self" => ReceiverKind::Reference,
        _ => ReceiverKind::Other,
    }
}

fn is_arc_of_self(r#type: &Type) -> bool {
    let Type::Path(path) = r#type else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    last.ident == "Arc" && last.arguments.to_token_stream().to_string().replace(' ', "") == "<Self>"
}

fn parse_typed(input: ParseStream<'_>) -> Result<InputKind> {
    let pattern = until(input, |at| (at.peek(Token![:]) && !at.peek(Token![::])) || at.peek(Token![,]))?;
    if !input.peek(Token![:]) {
        return Ok(InputKind::Unreadable(pattern));
    }
    let colon = input.parse()?;
    let r#type = Box::new(parse_type(input, |at| at.peek(Token![,]))?);
    Ok(InputKind::Typed { name: simple_name(&pattern), pattern, colon, r#type })
}

/// The name of a pattern that is one: `user`, `mut user`.
fn simple_name(pattern: &TokenStream) -> Option<Ident> {
    let parse = |input: ParseStream<'_>| {
        input.parse::<Option<Token![mut]>>()?;
        input.parse::<Ident>()
    };
    parse.parse2(pattern.clone()).ok()
}

/// A type; where syn cannot read it, its tokens up to the end.
fn parse_type(input: ParseStream<'_>, end: impl Fn(ParseStream<'_>) -> bool + Copy) -> Result<Type> {
    let ahead = input.fork();
    if let Ok(r#type) = ahead.parse::<Type>()
        && (ahead.is_empty() || end(&ahead))
    {
        input.advance_to(&ahead);
        return Ok(r#type);
    }
    Ok(Type::Verbatim(until(input, end)?))
}

/// The tokens before the end, with angle brackets counted, for `HashMap<K, V>` has a comma in it.
fn until(input: ParseStream<'_>, end: impl Fn(ParseStream<'_>) -> bool) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    let mut depth = 0_usize;
    while !(input.is_empty() || depth == 0 && end(input)) {
        if input.peek(Token![->]) {
            tokens.extend(input.parse::<Token![->]>()?.into_token_stream());
            continue;
        }
        if input.peek(Token![::]) {
            // In one step, so that neither half is taken for the colon before a type.
            tokens.extend(input.parse::<Token![::]>()?.into_token_stream());
            continue;
        }
        let token: TokenTree = input.parse()?;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        tokens.extend([token]);
    }
    Ok(tokens)
}

fn is_brace(input: ParseStream<'_>) -> bool {
    input.peek(syn::token::Brace)
}

impl Input {
    /// The argument as it stands in the trait, without a doc comment, which no argument may have.
    pub(crate) fn tokens(&self) -> TokenStream {
        let attributes = attributes::kept(&self.attributes).filter(|attribute| attribute.doc_line().is_none());
        let kind = match &self.kind {
            InputKind::Receiver(receiver) => receiver.tokens.clone(),
            InputKind::Typed { pattern, colon, r#type, .. } => quote!(#pattern #colon #r#type),
            InputKind::Unreadable(tokens) => tokens.clone(),
        };
        quote!(#(#attributes)* #kind)
    }
}

impl MethodItem {
    /// The parentheses with what is in them, our helper left out.
    pub(crate) fn arguments(&self) -> TokenStream {
        let inputs = self.inputs.iter().map(Input::tokens);
        let mut group = Group::new(Delimiter::Parenthesis, quote!(#(#inputs),*));
        group.set_span(self.parentheses.span());
        group.into_token_stream()
    }
}

impl ToTokens for End {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Semicolon(semicolon) => semicolon.to_tokens(tokens),
            Self::Body(body) => body.to_tokens(tokens),
            // The compiler has said so, and would say it again of what we give back.
            Self::Missing => <Token![;]>::default().to_tokens(tokens),
        }
    }
}
