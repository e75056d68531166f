//! The rules of one method.

use syn::{GenericArgument, GenericParam, PathArguments, Type};

use super::{helper, types};
use crate::args::plain;
use crate::errors::Errors;
use crate::model::{Argument, Method};
use crate::parse::{Input, InputKind, MethodItem};

/// What is known of a method.
pub(super) enum Known<'a> {
    /// Its types, on both sides.
    Types(Method<'a>),
    /// Nothing, and why is reported here or by the compiler.
    Nothing,
    /// Nothing, for a `Result` of one type is either a mistake that the compiler reports or an
    /// alias that hides the other type: the compiler has to be asked which.
    PerhapsAlias(&'a Type),
}

/// Reads a method; everything that is wrong is reported.
pub(super) fn method<'a>(item: &'a MethodItem, errors: &mut Errors) -> Known<'a> {
    if let Some((_, output)) = &item.output
        && is_short_result(output)
    {
        let _ = sound(item, errors);
        return Known::PerhapsAlias(output);
    }
    sound(item, errors).map_or(Known::Nothing, Known::Types)
}

fn sound<'a>(item: &'a MethodItem, errors: &mut Errors) -> Option<Method<'a>> {
    let name = plain(&item.ident);
    let options = helper::on_method(&item.attributes, &name, errors);
    let before = errors.count();
    qualifiers(item, &name, errors);
    receiver(item, &name, errors);
    let (arguments, key) = arguments(item, &name, errors);
    let outcome = outcome(item, &name, errors);
    let (answer, error) = outcome?;
    let arguments = arguments?;
    if errors.count() > before || !item.before_async.is_empty() || !item.after_async.is_empty() {
        return None;
    }
    if let Some(oneway) = options.oneway.as_ref().filter(|_| !is_unit(answer)) {
        errors.at(
            oneway,
            format!("`oneway` method `{name}` must return `Result<(), E>`: it has no answer to carry a value"),
        );
    }
    let wire_span = options.name.as_ref().map_or_else(|| item.ident.span(), syn::LitStr::span);
    let wire_name = options.name.as_ref().map_or(name, syn::LitStr::value);
    Some(Method {
        written: item,
        wire_name,
        wire_span,
        arguments,
        key,
        answer,
        error,
        timeout: options.timeout,
        run: options.run,
        exchange: options.exchange,
        idempotent: options.idempotent,
    })
}

fn qualifiers(item: &MethodItem, name: &str, errors: &mut Errors) {
    if item.asyncness.is_none() {
        errors.at(&item.fn_token, format!("request method `{name}` must be `async`: write `async fn {name}`"));
    }
    // `const` is left to the compiler, which refuses it in every trait.
    for word in item.before_async.iter().chain(&item.after_async).filter(|word| word.to_string() != "const") {
        let text = word.to_string();
        errors.at(word, format!("request method `{name}` must not be `{text}`"));
    }
    if item.generics.lt_token.is_some() {
        let only_lifetimes = item.generics.params.iter().all(|param| matches!(param, GenericParam::Lifetime(_)));
        let reason = if only_lifetimes {
            "not name a lifetime: leave it out, as in `&str`"
        } else {
            "not be generic: its wire type has to be known to both sides"
        };
        errors.at(&item.generics, format!("request method `{name}` must {reason}"));
    }
    if let Some(clause) = &item.where_clause {
        errors.at(clause, format!("request method `{name}` must not have a where clause: name concrete types instead"));
    }
}

fn receiver(item: &MethodItem, name: &str, errors: &mut Errors) {
    match item.inputs.first() {
        Some(Input { kind: InputKind::Receiver(receiver), attributes }) => {
            if !receiver.is_shared_reference {
                errors.at(
                    &receiver.tokens,
                    format!(
                        "request method `{name}` must take `&self`: one service value serves many requests at once"
                    ),
                );
            }
            if let Some(helper) = attributes.iter().find(|attribute| attribute.is_helper()) {
                errors.at(helper, format!("`#[bus(..)]` on `&self` of `{name}` has no meaning: options go on the method, `key` on an argument"));
            }
        }
        Some(first) => errors.at(first.tokens(), format!("request method `{name}` must take `&self` first")),
        None => errors.at_span(item.parentheses.span(), format!("request method `{name}` must take `&self` first")),
    }
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
                errors.at(word, format!("request method `{name}` has two `key` arguments: one key chooses the partition, put both values into one type"));
            } else {
                key = Some(position);
            }
        }
        let argument = argument(input, &what, errors);
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
            Some(Argument { name: name.as_ref(), written: r#type, form })
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

/// `T` and `E` of `Result<T, E>`.
fn outcome<'a>(item: &'a MethodItem, name: &str, errors: &mut Errors) -> Option<(&'a Type, &'a Type)> {
    let Some((_, output)) = &item.output else {
        errors.at(&item.ident, format!("request method `{name}` must return `Result<T, E>`"));
        return None;
    };
    let Some((answer, error)) = result_of(output) else {
        // What is not `async` and returns a future has been told to be `async`; a `Result` of one
        // type is asked of the compiler.
        if is_short_result(output) || (item.asyncness.is_none() && is_future(output)) {
            return None;
        }
        errors.at(output, format!("request method `{name}` must return `Result<T, E>` with both types spelled out"));
        return None;
    };
    let answer_holds = types::owned(answer, &format!("the answer of `{name}`"), errors);
    let error_holds = types::owned(error, &format!("the error of `{name}`"), errors);
    (answer_holds && error_holds).then_some((answer, error))
}

fn result_of(output: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = types::inner(output) else { return None };
    let last = path.path.segments.last().filter(|segment| segment.ident == "Result")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let mut types = arguments.args.iter().map(|argument| match argument {
        GenericArgument::Type(r#type) => Some(r#type),
        _ => None,
    });
    match (types.next(), types.next(), types.next()) {
        (Some(Some(answer)), Some(Some(error)), None) => Some((answer, error)),
        _ => None,
    }
}

/// Whether this is `Result<T>` or `Result`, without the name of another crate's module in front.
fn is_short_result(output: &Type) -> bool {
    let Type::Path(path) = types::inner(output) else { return false };
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let named = matches!(
        segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
        ["Result"] | ["std" | "core", "result", "Result"]
    );
    named && result_of(output).is_none()
}

fn is_future(output: &Type) -> bool {
    match types::inner(output) {
        Type::ImplTrait(_) => true,
        Type::Path(path) => {
            path.path.segments.last().is_some_and(|last| last.ident == "Pin" || last.ident == "BoxFuture")
        }
        _ => false,
    }
}

fn is_unit(r#type: &Type) -> bool {
    matches!(types::inner(r#type), Type::Tuple(tuple) if tuple.elems.is_empty())
}
