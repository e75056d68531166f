//! What a type must be to cross the bus, as far as its tokens tell. Whether it is a serde type is
//! the compiler's to say, at the same tokens.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{GenericArgument, PathArguments, ReturnType, Token, Type, TypeParamBound, TypePath, TypeReference};

use crate::errors::Errors;
use crate::model::Form;
use crate::type_name::type_name;

/// The type without parentheses and without what a `macro_rules!` wraps it in.
pub(super) fn inner(r#type: &Type) -> &Type {
    match r#type {
        Type::Group(group) => inner(&group.elem),
        Type::Paren(paren) => inner(&paren.elem),
        other => other,
    }
}

/// How an argument of this type is taken, or `None` if it cannot be and that was reported.
pub(super) fn argument<'a>(r#type: &'a Type, what: &str, errors: &mut Errors) -> Option<Form<'a>> {
    let Type::Reference(reference) = inner(r#type) else {
        return owned(r#type, what, errors).then_some(Form::Owned(r#type));
    };
    if let Some(mutability) = &reference.mutability {
        let instead = instead(&reference.elem);
        errors.at(
            reference,
            format!(
                "{what} cannot be `&{}`, for the handler's changes would not come back; use {instead}",
                mutability.to_token_stream()
            ),
        );
        return None;
    }
    if let Some(lifetime) = &reference.lifetime
        && lifetime.ident == "static"
    {
        let shorter = type_name(reference.elem.to_token_stream());
        let instead = instead(r#type);
        errors.at(
            lifetime,
            format!("{what} cannot be borrowed for `{lifetime}`, it lives as long as the request; use `&{shorter}` or {instead}"),
        );
        return None;
    }
    let and = &reference.and_token;
    match inner(&reference.elem) {
        text if is_str(text) => Some(Form::Text(and, text)),
        Type::Slice(slice) => {
            holds(&slice.elem, r#type, what, errors).then_some(Form::List(and, &reference.elem, &slice.elem))
        }
        other => match unsized_by_name(other) {
            Some(UnsizedName::Loan) => Some(Form::Loan(and, &reference.elem)),
            Some(UnsizedName::Unsent) => {
                let name = type_name(other.to_token_stream());
                let own = if name.contains(':') {
                    String::new()
                } else {
                    format!(" (or, if `{name}` is a type of yours, `&self::{name}`)")
                };
                errors.at(other, format!("{what} is text that no other machine need understand; use `&str`{own}"));
                None
            }
            None => owned(other, what, errors).then_some(Form::Borrowed(and, &reference.elem)),
        },
    }
}

/// Whether the type can be made of bytes on the other side; if not, each reason is reported.
pub(super) fn owned(r#type: &Type, what: &str, errors: &mut Errors) -> bool {
    holds(r#type, r#type, what, errors)
}

fn holds(r#type: &Type, whole: &Type, what: &str, errors: &mut Errors) -> bool {
    let mut walk = Walk { what, whole, errors, holds: true };
    walk.r#type(r#type);
    walk.holds
}

/// A name that the standard library has for a type that is only ever borrowed.
enum UnsizedName {
    /// It has an owned form that crosses the wire.
    Loan,
    /// It has none.
    Unsent,
}

/// Whether a type may be one that has no size. A type of the user's may have the same name.
fn unsized_by_name(r#type: &Type) -> Option<UnsizedName> {
    let Type::Path(path) = r#type else { return None };
    let segments = &path.path.segments;
    let first =
        segments.first().filter(|first| segments.len() == 1 || first.ident == "std" || first.ident == "core")?;
    let last = segments.last().filter(|last| last.arguments.is_none() && first.arguments.is_none())?;
    match last.ident.to_string().as_str() {
        "Path" | "CStr" => Some(UnsizedName::Loan),
        "OsStr" => Some(UnsizedName::Unsent),
        _ => None,
    }
}

/// Goes through a type and reports what has no wire form.
struct Walk<'a> {
    what: &'a str,
    whole: &'a Type,
    errors: &'a mut Errors,
    holds: bool,
}

impl Walk<'_> {
    fn report(&mut self, at: impl ToTokens, message: &str) {
        self.errors.at(at, message);
        self.holds = false;
    }

    fn r#type(&mut self, r#type: &Type) {
        let what = self.what;
        match r#type {
            Type::Reference(reference) => {
                let message = format!(
                    "{what} cannot hold a borrowed value, which nobody could own on the other side; use {}",
                    instead(self.whole)
                );
                self.report(reference, &message);
            }
            Type::ImplTrait(bounds) => {
                let concrete = concrete(&bounds.bounds);
                self.report(bounds, &format!("`impl Trait` in {what} has no wire type; {concrete}"));
            }
            Type::TraitObject(object) => {
                let concrete = concrete(&object.bounds);
                self.report(object, &format!("`dyn Trait` in {what} has no wire type; {concrete}"));
            }
            // Behind a `Box` a slice has a size.
            Type::Slice(slice) if !matches!(inner(self.whole), Type::Slice(whole) if std::ptr::eq(whole, slice)) => {
                self.r#type(&slice.elem);
            }
            Type::Slice(slice) => {
                let message = format!("{what} has no known size; use {}", instead(self.whole));
                self.report(slice, &message);
            }
            // The compiler refuses `_` in a signature, at the same place.
            Type::Infer(_) => self.holds = false,
            Type::Path(path) => self.path(path),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|element| self.r#type(element)),
            Type::Array(array) => self.r#type(&array.elem),
            Type::Group(group) => self.r#type(&group.elem),
            Type::Paren(paren) => self.r#type(&paren.elem),
            // Pointers, functions and `!` have no serde traits: the compiler says so.
            _ => {}
        }
    }

    /// Whether the path is all of the type, so that it stands without a pointer in front.
    fn is_whole(&self, path: &TypePath) -> bool {
        matches!(inner(self.whole), Type::Path(whole) if std::ptr::eq(whole, path))
    }

    fn path(&mut self, path: &TypePath) {
        let what = self.what;
        if let Some(itself) = &path.qself {
            self.r#type(&itself.ty);
        }
        if let Some(first) = path.path.segments.first().filter(|segment| segment.ident == "Self") {
            if let Some(of) = path.path.segments.iter().nth(1) {
                let name = format!("Self::{}", of.ident);
                let message = format!(
                    "`{name}` in {what} is another type in each implementation, and both sides have to know it; name a concrete type"
                );
                self.errors.once(&name, path, message);
                self.holds = false;
            } else {
                let message = format!("`Self` in {what} differs between client and server; name a concrete type");
                self.report(&first.ident, &message);
            }
            return;
        }
        if is_str_path(path) && self.is_whole(path) {
            let message = format!("{what} has no known size; use `String` or `&str`");
            self.report(path, &message);
            return;
        }
        for segment in &path.path.segments {
            match &segment.arguments {
                PathArguments::None => {}
                PathArguments::AngleBracketed(arguments) => {
                    for argument in &arguments.args {
                        self.generic(argument);
                    }
                }
                PathArguments::Parenthesized(arguments) => {
                    for input in &arguments.inputs {
                        self.r#type(&input.ty);
                    }
                    if let ReturnType::Type(_, output) = &arguments.output {
                        self.r#type(output);
                    }
                }
            }
        }
    }

    fn generic(&mut self, argument: &GenericArgument) {
        match argument {
            GenericArgument::Type(r#type) => self.r#type(r#type),
            GenericArgument::Lifetime(lifetime) if lifetime.ident != "static" => {
                let message = format!(
                    "{} cannot hold a borrowed value, which nobody could own on the other side; use {}",
                    self.what,
                    instead(self.whole)
                );
                self.report(lifetime, &message);
            }
            _ => {}
        }
    }
}

/// What to write instead of `impl Trait` and `dyn Trait`.
fn concrete(bounds: &Punctuated<TypeParamBound, Token![+]>) -> String {
    let of = bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(of) => of.path.segments.last(),
        _ => None,
    });
    let Some(of) = of else { return "name a concrete type".to_owned() };
    let of_what = match &of.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(|argument| match argument {
            GenericArgument::Type(r#type) => Some(r#type),
            GenericArgument::AssocType(item) => Some(&item.ty),
            _ => None,
        }),
        _ => None,
    };
    match (of.ident.to_string().as_str(), of_what) {
        ("Error", _) => "use an enum of yours or `String`".to_owned(),
        ("Display" | "ToString" | "Debug", _) => "use `&str` or `String`".to_owned(),
        ("Into" | "AsRef" | "Borrow", Some(r#type)) => format!("use {}", instead(r#type)),
        ("IntoIterator" | "Iterator" | "ExactSizeIterator", Some(item)) => {
            owned_text(item).map_or_else(|| "use a `Vec`".to_owned(), |item| format!("use `Vec<{item}>`"))
        }
        ("Fn" | "FnMut" | "FnOnce", _) => "send data: code stays where it is".to_owned(),
        _ => "name a concrete type, an enum where there are several".to_owned(),
    }
}

pub(super) fn is_unit(r#type: &Type) -> bool {
    matches!(inner(r#type), Type::Tuple(tuple) if tuple.elems.is_empty())
}

fn is_str(r#type: &Type) -> bool {
    matches!(r#type, Type::Path(path) if is_str_path(path))
}

fn is_str_path(path: &TypePath) -> bool {
    path.qself.is_none() && path.path.is_ident("str")
}

/// What to write instead, with its backticks.
fn instead(r#type: &Type) -> String {
    owned_text(r#type).map_or_else(|| "an owned type".to_owned(), |text| format!("`{text}`"))
}

/// The owned form of a type as text, where there is one.
fn owned_text(r#type: &Type) -> Option<String> {
    match r#type {
        Type::Group(group) => owned_text(&group.elem),
        Type::Paren(paren) => owned_text(&paren.elem),
        Type::Reference(TypeReference { elem, .. }) => owned_text(elem),
        Type::Slice(slice) => Some(format!("Vec<{}>", owned_text(&slice.elem)?)),
        Type::Array(array) => {
            Some(format!("[{}; {}]", owned_text(&array.elem)?, type_name(array.len.to_token_stream())))
        }
        Type::Tuple(tuple) => {
            let elements: Option<Vec<String>> = tuple.elems.iter().map(owned_text).collect();
            Some(format!("({})", elements?.join(", ")))
        }
        Type::Path(path) => owned_path(path),
        _ => None,
    }
}

fn owned_path(path: &TypePath) -> Option<String> {
    if is_str_path(path) {
        return Some("String".to_owned());
    }
    if path.qself.is_some() {
        return None;
    }
    let mut segments = Vec::new();
    for segment in &path.path.segments {
        let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
            segments.push(type_name(segment.to_token_stream()));
            continue;
        };
        if segment.ident == "Cow" {
            return arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(borrowed) => owned_text(borrowed),
                _ => None,
            });
        }
        let arguments: Option<Vec<String>> = arguments
            .args
            .iter()
            .map(|argument| match argument {
                GenericArgument::Type(r#type) => owned_text(r#type),
                GenericArgument::Lifetime(_) => None,
                other => Some(type_name(other.to_token_stream())),
            })
            .collect();
        segments.push(format!("{}<{}>", segment.ident, arguments?.join(", ")));
    }
    let colons = if path.path.leading_colon.is_some() { "::" } else { "" };
    Some(format!("{colons}{}", segments.join("::")))
}
