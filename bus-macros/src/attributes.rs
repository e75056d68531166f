//! Attributes as the user wrote them, and which of them go where.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Result};
use syn::{Ident, Token, ext::IdentExt};

/// One outer or inner attribute. Only its first word is read; the rest may be any tokens.
pub(crate) struct Attribute {
    tokens: TokenStream,
    name: String,
    inside: TokenStream,
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut tokens = input.parse::<Token![#]>()?.into_token_stream();
        if input.peek(Token![!]) {
            tokens.extend(input.parse::<Token![!]>()?.into_token_stream());
        }
        let group: Group = input.parse()?;
        tokens.extend([TokenTree::Group(group.clone())]);
        let (name, inside) = syn::parse::Parser::parse2(Self::name_and_rest, group.stream())?;
        Ok(Self { tokens, name, inside })
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Attribute {
    /// All attributes that stand here, outer and inner.
    pub(crate) fn all(input: ParseStream<'_>) -> Result<Vec<Self>> {
        let mut all = Vec::new();
        while input.peek(Token![#]) {
            all.push(input.parse()?);
        }
        Ok(all)
    }

    fn name_and_rest(input: ParseStream<'_>) -> Result<(String, TokenStream)> {
        let mut name = if input.peek(Ident::peek_any) { Ident::parse_any(input)?.to_string() } else { String::new() };
        if input.parse::<Option<Token![::]>>()?.is_some() {
            name.push_str("::");
        }
        Ok((name, input.parse()?))
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether it is our `#[bus(..)]`, well-formed or not.
    pub(crate) fn is_helper(&self) -> bool {
        self.is("bus")
    }

    /// Whether it is `#[cfg_attr(.., bus(..))]`, which nobody resolves before the macro runs.
    pub(crate) fn hides_helper(&self) -> bool {
        self.conditional().is_some_and(|(_, list)| list.iter().any(|inner| first_word(inner) == "bus"))
    }

    /// Whether it is a `#[bus::request(..)]`: one of two, for the first is what we expand.
    pub(crate) fn is_request(&self) -> bool {
        self.is("bus::") && first_word(&self.inside) == "request"
    }

    /// The word of `#[bus::word]`, which is no attribute.
    pub(crate) fn path_word(&self) -> Option<String> {
        (self.is("bus::") && !self.is_request()).then(|| first_word(&self.inside))
    }

    /// Whether it is `#[async_trait]`, which rewrites what stands under it, ours included.
    pub(crate) fn is_async_trait(&self) -> bool {
        self.is("async_trait") || self.is("async_trait::") && first_word(&self.inside) == "async_trait"
    }

    /// Whether it is `#[trait_variant::make(..)]`, which implements the trait for whatever has its
    /// other variant.
    pub(crate) fn is_trait_variant(&self) -> bool {
        self.is("trait_variant::")
    }

    pub(crate) fn is_cfg(&self) -> bool {
        self.is("cfg")
    }

    /// Whether the compiler must not see it, for it means nothing to it.
    fn is_ours(&self) -> bool {
        self.is_helper() || self.hides_helper() || self.is_request() || self.path_word().is_some()
    }

    /// The tokens between the parentheses; `None` where there are none.
    pub(crate) fn arguments(&self) -> Option<TokenStream> {
        match (self.inside.clone().into_iter().next(), self.inside.clone().into_iter().count()) {
            (Some(TokenTree::Group(group)), 1) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
            _ => None,
        }
    }

    /// One line of a doc comment.
    pub(crate) fn doc_line(&self) -> Option<String> {
        if !self.is("doc") {
            return None;
        }
        let mut inside = self.inside.clone().into_iter();
        let equals = matches!(inside.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == '=');
        let line = equals.then(|| syn::parse2::<syn::LitStr>(inside.collect()).ok()).flatten()?.value();
        Some(line.strip_prefix(' ').map(ToOwned::to_owned).unwrap_or(line))
    }

    /// The condition of a `cfg_attr` and the attributes under it.
    fn conditional(&self) -> Option<(TokenStream, Vec<TokenStream>)> {
        if !self.is("cfg_attr") {
            return None;
        }
        let mut pieces = vec![TokenStream::new()];
        for token in self.arguments()? {
            match (&token, pieces.last_mut()) {
                (TokenTree::Punct(punct), _) if punct.as_char() == ',' => pieces.push(TokenStream::new()),
                (_, Some(piece)) => piece.extend([token]),
                (_, None) => {}
            }
        }
        pieces.retain(|piece| !piece.is_empty());
        (!pieces.is_empty()).then(|| (pieces.remove(0), pieces))
    }

    /// The attribute if its name is among these; of a `cfg_attr`, what is under it and among these.
    fn only(&self, names: &[&str]) -> Option<TokenStream> {
        if names.contains(&self.name.as_str()) {
            return Some(self.tokens.clone());
        }
        let (condition, mut list) = self.conditional()?;
        list.retain(|inner| names.contains(&first_word(inner).as_str()));
        (!list.is_empty()).then(|| quote!(#[cfg_attr(#condition, #(#list),*)]))
    }
}

fn first_word(tokens: &TokenStream) -> String {
    tokens.clone().into_iter().next().map(|token| token.to_string()).unwrap_or_default()
}

/// What has to stand on everything that is made of an item: whether it exists at all.
pub(crate) fn cfgs(attributes: &[Attribute]) -> TokenStream {
    attributes.iter().filter_map(|attribute| attribute.only(&["cfg"])).collect()
}

/// What the user allows on an item, and whether it exists: for what is made of it and looks like it.
pub(crate) fn cfgs_and_allowed(attributes: &[Attribute]) -> TokenStream {
    attributes.iter().filter_map(|attribute| attribute.only(&["allow", "cfg"])).collect()
}

/// What a reader of the generated item should see as well, and what its author allows.
pub(crate) fn for_readers(attributes: &[Attribute]) -> TokenStream {
    attributes.iter().filter_map(|attribute| attribute.only(&["allow", "cfg", "doc", "deprecated"])).collect()
}

/// Whether something is deprecated, on this platform or on another.
pub(crate) fn deprecates(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.only(&["deprecated"]).is_some())
}

/// What concerns users of a generated type, whose documentation is another than the trait's.
pub(crate) fn for_types(attributes: &[Attribute]) -> TokenStream {
    attributes.iter().filter_map(|attribute| attribute.only(&["cfg", "deprecated"])).collect()
}

/// What the user's own item keeps: everything but our helper.
pub(crate) fn kept(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| !attribute.is_ours())
}

/// The doc comment as text.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    attributes.iter().filter_map(Attribute::doc_line).collect::<Vec<_>>().join("\n")
}
