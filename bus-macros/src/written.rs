//! The trait as it was written, in parts.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{Generics, Token, Type, Visibility, WhereClause};

use crate::attributes::Attribute;

/// A trait.
pub(crate) struct ServiceTrait {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) auto: Option<Ident>,
    pub(crate) trait_token: Token![trait],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) colon: Option<Token![:]>,
    pub(crate) supertraits: TokenStream,
    pub(crate) where_clause: Option<WhereClause>,
    pub(crate) brace: Group,
    pub(crate) inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// What stands between the braces.
pub(crate) enum Item {
    Method(Box<MethodItem>),
    /// An associated type or constant, which each implementation has of its own.
    Own(TokenStream),
    /// A macro call, or what else cannot be read.
    Other {
        what: &'static str,
        tokens: TokenStream,
    },
    /// Something that ends too early, which the compiler has reported by now.
    Unfinished(TokenStream),
}

/// A method's signature, and its body as tokens.
pub(crate) struct MethodItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    /// `const`, `unsafe`, `extern "C"` and what else may stand before `async`.
    pub(crate) before_async: Vec<TokenStream>,
    pub(crate) asyncness: Option<Token![async]>,
    /// The same words, behind it.
    pub(crate) after_async: Vec<TokenStream>,
    pub(crate) fn_token: Token![fn],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) parentheses: Group,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Option<(Token![->], Type)>,
    pub(crate) where_clause: Option<WhereClause>,
    pub(crate) end: End,
}

/// How a method ends.
pub(crate) enum End {
    Semicolon(Token![;]),
    Body(TokenTree),
    /// In the next method or the trait's end, which the compiler has reported by now.
    Missing,
}

/// One argument, with its attributes.
pub(crate) struct Input {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) kind: InputKind,
}

pub(crate) enum InputKind {
    Receiver(Receiver),
    Typed { pattern: TokenStream, name: Option<Ident>, colon: Token![:], r#type: Box<Type> },
    Unreadable(TokenStream),
}

/// `&self` and what else may stand in its place.
pub(crate) struct Receiver {
    pub(crate) tokens: TokenStream,
    /// The user's own `self`, which knows where it may be used.
    pub(crate) word: Token![self],
    pub(crate) kind: ReceiverKind,
}

/// What a service is called through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReceiverKind {
    /// `&self`
    Reference,
    /// `self: Arc<Self>`
    Arc,
    /// `self: &Arc<Self>`
    ArcReference,
    /// `&mut self`
    Mutable,
    /// `self`, `self: Box<Self>` and whatever else.
    Other,
}
