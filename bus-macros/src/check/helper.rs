//! The words of `#[bus(..)]` on methods and arguments.

use std::time::Duration;

use quote::ToTokens;
use syn::{Error, LitStr};

use super::words::{ON_ARGUMENTS, ON_METHODS, list, place_of};
use crate::args::{self, Word};
use crate::attributes::Attribute;
use crate::errors::Errors;
use crate::model::{Exchange, Run};
use crate::nearest::nearest;

/// What `#[bus(..)]` says of a method.
pub(super) struct MethodOptions {
    pub(super) timeout: Option<Duration>,
    pub(super) name: Option<LitStr>,
    pub(super) idempotent: bool,
    /// `None` where nothing is said.
    pub(super) run: Option<Run>,
    pub(super) exchange: Exchange,
    /// What stands for types that cannot be traced.
    pub(super) opaque: Option<LitStr>,
    /// It is no request.
    pub(super) skip: bool,
    /// The word itself, for rules that look at the method's types.
    pub(super) oneway: Option<proc_macro2::Ident>,
}

/// Reads the attributes of a method.
pub(super) fn on_method(attributes: &[Attribute], method: &str, errors: &mut Errors) -> MethodOptions {
    let mut options = MethodOptions {
        timeout: None,
        name: None,
        idempotent: false,
        run: None,
        exchange: Exchange::Answer,
        opaque: None,
        skip: false,
        oneway: None,
    };
    let words = words(attributes, &format!("method `{method}`"), errors);
    let (mut blocking, mut inline, mut cancel) = (None, None, None);
    each(&words, ON_METHODS, &format!("method `{method}`"), errors, |name, word| {
        match name {
            "timeout" => options.timeout = Some(word.duration(method)?),
            "name" => options.name = Some(wire_name(word, method)?),
            "idempotent" => word.flag().map(|()| options.idempotent = true)?,
            "blocking" => word.flag().map(|()| blocking = Some(word))?,
            "inline" => word.flag().map(|()| inline = Some(word))?,
            "cancel" => word.flag().map(|()| cancel = Some(word))?,
            "opaque" => options.opaque = Some(opaque(word, method)?),
            "skip" => word.flag().map(|()| options.skip = true)?,
            _ => word.flag().map(|()| options.oneway = Some(word.name.clone()))?,
        }
        Ok(())
    });
    options.run = match (blocking, inline) {
        (Some(first), Some(second)) => {
            excluded(
                later(first, second, &words),
                method,
                "`blocking` and `inline`",
                "one moves it to the blocking pool, the other runs it where it is read",
                errors,
            );
            None
        }
        (Some(_), None) => Some(Run::Blocking),
        (None, Some(_)) => Some(Run::Inline),
        (None, None) => None,
    };
    options.exchange = match (&options.oneway, cancel) {
        (Some(_), Some(cancel)) => {
            excluded(
                cancel,
                method,
                "`oneway` and `cancel`",
                "nobody waits for a oneway request, so nobody can give up",
                errors,
            );
            Exchange::Oneway
        }
        (Some(_), None) => Exchange::Oneway,
        (None, Some(_)) => Exchange::CancellableAnswer,
        (None, None) => Exchange::Answer,
    };
    if let (true, Some(other)) = (options.skip, words.iter().find(|word| word.name() != "skip")) {
        errors.at(
            other,
            format!("`skip` keeps method `{method}` out of the contract, where `{}` has no meaning", other.name()),
        );
    }
    options
}

/// Reads the attributes of an argument: whether it is the key, and the word that says so.
pub(super) fn on_argument(attributes: &[Attribute], of: &str, errors: &mut Errors) -> Option<proc_macro2::Ident> {
    let words = words(attributes, of, errors);
    let mut key = None;
    each(&words, ON_ARGUMENTS, of, errors, |_, word| word.flag().map(|()| key = Some(word.name.clone())));
    key
}

/// The words of all `#[bus(..)]` that stand together.
fn words(attributes: &[Attribute], of: &str, errors: &mut Errors) -> Vec<Word> {
    let mut words = Vec::new();
    for attribute in attributes {
        if attribute.hides_helper() {
            errors.at(
                attribute,
                format!("`#[bus(..)]` on {of} cannot depend on a `cfg_attr`: put `#[cfg]` on two methods instead"),
            );
        } else if let Some(word) = attribute.path_word() {
            let value = if matches!(word.as_str(), "timeout" | "name" | "opaque") { " = \"...\"" } else { "" };
            errors.at(
                attribute,
                format!("options on {of} stand in parentheses: write `#[bus({word}{value})]`, not `#[bus::{word}]`"),
            );
        } else if attribute.is_helper() {
            match attribute.arguments() {
                Some(arguments) if !arguments.is_empty() => words.extend(args::read(arguments, errors).list),
                _ => errors.at(
                    attribute,
                    format!("`#[bus(..)]` on {of} says nothing: write an option, as in `#[bus(timeout = \"2s\")]`"),
                ),
            }
        }
    }
    words
}

/// Calls `read` with each known word; unknown, misplaced and repeated ones are reported.
fn each<'a>(
    words: &'a [Word],
    known: &[&'static str],
    of: &str,
    errors: &mut Errors,
    mut read: impl FnMut(&'static str, &'a Word) -> Result<(), Error>,
) {
    let mut seen = Vec::new();
    for word in words {
        let name = word.name();
        let Some(option) = known.iter().copied().find(|option| *option == name) else {
            let message = match (place_of(&name), nearest(&name, known)) {
                (Some(place), _) => format!("`{name}` on {of} is out of place, it is an option of {place}"),
                (None, Some(known)) => format!("unknown option `{name}` on {of}: did you mean `{known}`?"),
                (None, None) => format!("unknown option `{name}` on {of}, expected {}", list(known)),
            };
            errors.at(&word.name, message);
            continue;
        };
        if seen.contains(&option) {
            errors.at(&word.name, format!("`{option}` is given more than once on {of}"));
            continue;
        }
        seen.push(option);
        errors.ok(read(option, word));
    }
}

fn later<'a>(first: &'a Word, second: &'a Word, words: &[Word]) -> &'a Word {
    let position = |wanted: &Word| words.iter().position(|word| std::ptr::eq(word, wanted));
    if position(first) > position(second) { first } else { second }
}

fn excluded(at: impl ToTokens, method: &str, pair: &str, reason: &str, errors: &mut Errors) {
    errors.at(at, format!("{pair} on method `{method}` exclude each other: {reason}"));
}

/// A name for the wire: short and plain, for people of other languages type it.
fn wire_name(word: &Word, method: &str) -> Result<LitStr, Error> {
    let name = word.string("the method on the wire", "\"...\"")?;
    let text = name.value();
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    if text.is_empty() || text.len() > 249 || !text.chars().all(plain) {
        return Err(Error::new_spanned(
            &name,
            format!("the wire name of method `{method}` must be 1 to 249 ASCII letters, digits, `.`, `_` and `-`"),
        ));
    }
    Ok(name)
}

/// A text that both sides agree on by hand, and that changes when what it stands for does.
fn opaque(word: &Word, method: &str) -> Result<LitStr, Error> {
    let text = word.string("the version of what cannot be traced", "\"v1\"")?;
    if text.value().trim().is_empty() || text.value().len() > 249 {
        return Err(Error::new_spanned(
            &text,
            format!(
                "`opaque` of method `{method}` must be 1 to 249 bytes that both sides agree on, as in `opaque = \"v1\"`"
            ),
        ));
    }
    Ok(text)
}
