//! What a method returns: a future or not, a `Result`, a plain answer, or a name for either.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type, TypeParamBound, TypePath};

use super::signature::is_named;
use super::types;
use crate::errors::Errors;
use crate::model::{Calling, Outcome};
use crate::written::MethodItem;

/// Whether the method gives a future, and the type that comes out in the end; `None` of it is `()`.
pub(super) fn called<'a>(item: &'a MethodItem, name: &str, errors: &mut Errors) -> Option<(Calling, Option<&'a Type>)> {
    let output = item.output.as_ref().map(|(_, output)| output);
    if item.asyncness.is_some() {
        return Some((Calling::Future, output));
    }
    let Some(output) = output else { return Some((Calling::Outcome, None)) };
    let Some(future) = future(output) else { return Some((Calling::Outcome, Some(output))) };
    if !future.is_send {
        errors.at(
            output,
            format!("the future of request method `{name}` must be `Send`, for it runs on any thread: write `async fn {name}`, or add `+ Send`"),
        );
        return None;
    }
    Some((Calling::Future, Some(future.output)))
}

/// A return type that is a future.
struct Future<'a> {
    output: &'a Type,
    is_send: bool,
}

/// `impl Future`, `Pin<Box<dyn Future>>`, `BoxFuture` and what is like them.
fn future(output: &Type) -> Option<Future<'_>> {
    match types::inner(output) {
        // `Send` is added to it.
        Type::ImplTrait(of) => Some(Future { output: of.bounds.iter().find_map(future_output)?, is_send: true }),
        Type::TraitObject(of) => Some(Future {
            output: of.bounds.iter().find_map(future_output)?,
            is_send: of.bounds.iter().any(|bound| is_named(bound, &["Send"])),
        }),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let only = arguments(path).last().copied();
            match last.ident.to_string().as_str() {
                "Pin" | "Box" => future(only?),
                "BoxFuture" => Some(Future { output: only?, is_send: true }),
                "LocalBoxFuture" => Some(Future { output: only?, is_send: false }),
                _ => None,
            }
        }
        _ => None,
    }
}

fn future_output(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(of) = bound else { return None };
    let last = of.path.segments.last().filter(|last| last.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

/// The types between the angle brackets of the last word.
fn arguments(path: &TypePath) -> Vec<&Type> {
    let Some(PathArguments::AngleBracketed(arguments)) = path.path.segments.last().map(|last| &last.arguments) else {
        return Vec::new();
    };
    arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(r#type) => Some(r#type),
            _ => None,
        })
        .collect()
}

/// The outcome, or `None` if it cannot cross the bus and that was reported.
pub(super) fn outcome<'a>(output: Option<&'a Type>, name: &str, errors: &mut Errors) -> Option<Outcome<'a>> {
    let Some(output) = output else { return Some(Outcome::Plain(None)) };
    let what = format!("the answer of `{name}`");
    if let Some((answer, error)) = result(output) {
        let streams = is_stream(answer).then(|| many_answers(answer, name, errors)).is_some();
        let answer_holds = !streams && types::owned(answer, &what, errors);
        let error_holds = types::owned(error, &format!("the error of `{name}`"), errors);
        return (answer_holds && error_holds).then_some(Outcome::Result { answer, error });
    }
    let answers = match types::inner(output) {
        Type::Path(path) => arguments(path),
        _ => Vec::new(),
    };
    if let Some(stream) = std::iter::once(output).chain(answers).find(|answer| is_stream(answer)) {
        many_answers(stream, name, errors);
        return None;
    }
    if !types::owned(output, &what, errors) {
        return None;
    }
    Some(match types::inner(output) {
        Type::Path(path) if !is_plain(path) => Outcome::Named(output),
        _ => Outcome::Plain(Some(output)),
    })
}

/// `T` and `E` of the standard library's `Result<T, E>`.
fn result(output: &Type) -> Option<(&Type, &Type)> {
    let Type::Path(path) = types::inner(output) else { return None };
    let words: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if !matches!(words.as_slice(), ["Result"] | ["std" | "core", "result", "Result"]) {
        return None;
    }
    match arguments(path).as_slice() {
        [answer, error] => Some((answer, error)),
        _ => None,
    }
}

/// Whether it is a type of the language or of the standard library's everyday names, which nobody
/// has as an alias of a `Result`. It only makes what is generated easier to read.
fn is_plain(path: &TypePath) -> bool {
    const PLAIN: &[&str] = &[
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128",
        "usize", "String", "Vec", "Option", "Box", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "Duration",
    ];
    path.qself.is_none()
        && path.path.leading_colon.is_none()
        && path.path.segments.len() == 1
        && path.path.segments.iter().all(|only| PLAIN.iter().any(|name| only.ident == name))
}

/// Whether a type gives answers one after another.
fn is_stream(r#type: &Type) -> bool {
    let stream = |bound: &TypeParamBound| is_named(bound, &["Stream", "Iterator", "AsyncIterator", "TryStream"]);
    match types::inner(r#type) {
        Type::ImplTrait(of) => of.bounds.iter().any(stream),
        Type::TraitObject(of) => of.bounds.iter().any(stream),
        Type::Path(path) => {
            let mut words = path.path.segments.iter().rev();
            let last = words.next().map(|last| last.ident.to_string()).unwrap_or_default();
            let module = words.next().map(|module| module.ident.to_string()).unwrap_or_default();
            match last.as_str() {
                "Pin" | "Box" => arguments(path).last().is_some_and(|only| is_stream(only)),
                "BoxStream" | "LocalBoxStream" | "ReceiverStream" | "UnboundedReceiverStream" | "BroadcastStream" => {
                    true
                }
                "Receiver" | "UnboundedReceiver" => {
                    matches!(module.as_str(), "mpsc" | "broadcast" | "watch" | "oneshot")
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn many_answers(at: impl ToTokens, name: &str, errors: &mut Errors) {
    errors.at(
        at,
        format!("request method `{name}` must have one answer, and this gives one after another: answer with a `Vec`, or with a page and where the next one begins"),
    );
}

/// Whether a return type that is written out as a future lacks `Send`, which is then added.
pub(crate) fn lacks_send(output: &Type) -> bool {
    matches!(types::inner(output), Type::ImplTrait(of)
        if of.bounds.iter().any(|bound| future_output(bound).is_some())
            && !of.bounds.iter().any(|bound| is_named(bound, &["Send"])))
}
