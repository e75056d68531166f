//! The rules of one method.

use proc_macro2::Ident;
use syn::GenericParam;

use super::{helper, outcome, signature, types};
use crate::args::plain;
use crate::errors::Errors;
use crate::model::{Argument, Calling, Method, Outcome, Run, Through};
use crate::written::{Input, InputKind, MethodItem, ReceiverKind};

/// What is known of a method.
pub(super) enum Known<'a> {
    /// It is a request, and these are its types on both sides.
    Request(Box<Method<'a>>),
    /// It belongs to the service alone: it has `#[bus(skip)]`, or no service to be called on.
    LeftOut,
    /// Nothing, and why is reported here or by the compiler.
    Nothing,
}

/// Reads a method; everything that is wrong is reported.
pub(super) fn method<'a>(item: &'a MethodItem, errors: &mut Errors) -> Known<'a> {
    let name = plain(&item.ident);
    let before = errors.count();
    let options = helper::on_method(&item.attributes, &name, errors);
    if options.skip {
        return if errors.count() > before { Known::Nothing } else { Known::LeftOut };
    }
    if signature::belongs_to_the_type(item) {
        return Known::LeftOut;
    }
    match sound(item, &name, &options, errors) {
        Some(method) => Known::Request(Box::new(method)),
        None => Known::Nothing,
    }
}

fn sound<'a>(
    item: &'a MethodItem,
    name: &str,
    options: &helper::MethodOptions,
    errors: &mut Errors,
) -> Option<Method<'a>> {
    let before = errors.count();
    qualifiers(item, name, errors);
    let through = receiver(item, name, errors);
    let (arguments, key) = arguments(item, name, errors);
    let calling_and_output = outcome::called(item, name, errors);
    let outcome = calling_and_output.and_then(|(_, output)| outcome::outcome(output, name, errors));
    let ((calling, _), outcome) = (calling_and_output?, outcome?);
    let (through, arguments) = (through?, arguments?);
    if errors.count() > before || !item.before_async.is_empty() || !item.after_async.is_empty() {
        return None;
    }
    if let Some(oneway) = options.oneway.as_ref().filter(|_| !is_silent(&outcome)) {
        errors.at(
            oneway,
            format!(
                "`oneway` method `{name}` must return `Result<(), E>` or nothing: it has no answer to carry a value"
            ),
        );
    }
    let wire_span = options.name.as_ref().map_or_else(|| item.ident.span(), syn::LitStr::span);
    let wire_name = options.name.as_ref().map_or_else(|| name.to_owned(), syn::LitStr::value);
    Some(Method {
        written: item,
        wire_name,
        wire_span,
        through,
        calling,
        arguments,
        key,
        outcome,
        timeout: options.timeout,
        run: options.run.unwrap_or(match calling {
            Calling::Future => Run::Task,
            // It may compute for long or wait for something: a thread of the runtime must not.
            Calling::Outcome => Run::Blocking,
        }),
        exchange: options.exchange,
        idempotent: options.idempotent,
        opaque: options.opaque.clone(),
    })
}

/// Whether an answer would carry nothing. An alias may hide a `Result<(), E>`.
fn is_silent(outcome: &Outcome<'_>) -> bool {
    match outcome {
        Outcome::Result { answer, .. } => types::is_unit(answer),
        Outcome::Plain(answer) => answer.is_none_or(types::is_unit),
        Outcome::Named(_) => true,
    }
}

fn qualifiers(item: &MethodItem, name: &str, errors: &mut Errors) {
    // `const` is left to the compiler, which refuses it in every trait.
    for word in item.before_async.iter().chain(&item.after_async).filter(|word| word.to_string() != "const") {
        let text = word.to_string();
        errors.at(word, format!("request method `{name}` must not be `{text}`"));
    }
    let is_generic = !item.generics.params.iter().all(|param| matches!(param, GenericParam::Lifetime(_)));
    if is_generic {
        errors.at(
            &item.generics,
            format!("request method `{name}` must not be generic: its wire type has to be known to both sides; name concrete types, or keep the method out of the contract with `#[bus(skip)]`"),
        );
    }
    if let Some(predicate) = signature::foreign_bound(item).filter(|_| !is_generic) {
        errors.at(
            predicate,
            format!("request method `{name}` must not have this bound: name concrete types instead, or keep the method out of the contract with `#[bus(skip)]`"),
        );
    }
}

fn receiver(item: &MethodItem, name: &str, errors: &mut Errors) -> Option<Through> {
    let first = "`&self` first, for a request goes to a service that runs";
    let (receiver, attributes) = match item.inputs.first() {
        Some(Input { kind: InputKind::Receiver(receiver), attributes }) => (receiver, attributes),
        Some(first_input) => {
            errors.at(first_input.tokens(), format!("request method `{name}` must take {first}"));
            return None;
        }
        None => {
            errors.at_span(item.parentheses.span(), format!("request method `{name}` must take {first}"));
            return None;
        }
    };
    if let Some(helper) = attributes.iter().find(|attribute| attribute.is_helper()) {
        errors.at(
            helper,
            format!(
                "`#[bus(..)]` on `&self` of `{name}` has no meaning: options go on the method, `key` on an argument"
            ),
        );
    }
    match receiver.kind {
        ReceiverKind::Reference => return Some(Through::Reference),
        ReceiverKind::Arc => return Some(Through::Arc),
        ReceiverKind::ArcReference => return Some(Through::ArcReference),
        ReceiverKind::Mutable => errors.at(
            &receiver.tokens,
            format!(
                "request method `{name}` must take `&self`, for one service value serves many requests at once: keep what changes behind a `Mutex`"
            ),
        ),
        ReceiverKind::Other => errors.at(
            &receiver.tokens,
            format!(
                "request method `{name}` must take `&self` or `self: Arc<Self>`: one service value serves many requests at once"
            ),
        ),
    }
    None
}

/// The arguments, or `None` if one is not known, and which is the key.
fn arguments<'a>(item: &'a MethodItem, name: &str, errors: &mut Errors) -> (Option<Vec<Argument<'a>>>, Option<usize>) {
    let mut arguments = Some(Vec::new());
    let mut key = None;
    let typed = item.inputs.iter().filter(|input| !matches!(input.kind, InputKind::Receiver(_)));
    for (position, input) in typed.enumerate() {
        let what = describe(input, position, name);
        if let Some(cfg) = input.attributes.iter().find(|attribute| attribute.is_cfg()) {
            errors.at(
                cfg,
                format!("{what} must not depend on `#[cfg]`, or the two sides would disagree: put it on the method"),
            );
        }
        if let Some(word) = helper::on_argument(&input.attributes, &what, errors) {
            if key.is_some() {
                errors.at(
                    word,
                    format!("request method `{name}` has two `key` arguments: one key chooses the partition, put both values into one type"),
                );
            } else {
                key = Some(position);
            }
        }
        let argument = argument(input, &what, errors);
        let named = argument.as_ref().and_then(|argument| argument.name);
        let is_taken = |name: &&Ident| {
            arguments.iter().flatten().any(|other: &Argument<'_>| other.name.is_some_and(|other| *name == other))
        };
        if let Some(again) = named.filter(is_taken) {
            errors.at(
                again,
                format!("request method `{name}` has two arguments called `{again}`: one of them needs another name"),
            );
        }
        match (&mut arguments, argument) {
            (Some(arguments), Some(argument)) => arguments.push(argument),
            _ => arguments = None,
        }
    }
    (arguments, key)
}

fn argument<'a>(input: &'a Input, what: &str, errors: &mut Errors) -> Option<Argument<'a>> {
    match &input.kind {
        InputKind::Typed { name, r#type, .. } => {
            let form = types::argument(r#type, what, errors)?;
            Some(Argument { name: name.as_ref(), docs: crate::attributes::docs(&input.attributes), form })
        }
        // No name or no type: the compiler has said so before it called us.
        InputKind::Unreadable(_) | InputKind::Receiver(_) => None,
    }
}

/// How messages call an argument: by its name, or by its number where it has none.
fn describe(input: &Input, position: usize, method: &str) -> String {
    match &input.kind {
        InputKind::Typed { name: Some(name), .. } => format!("argument `{}` of `{method}`", plain(name)),
        _ => format!("argument {} of `{method}`", position + 1),
    }
}
