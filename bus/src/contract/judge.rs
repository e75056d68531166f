//! Whether a request is decoded: what its caller's types have to do with ours.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::terms::Terms;
use super::verdict::{Outcome, Verdict, verdict};
use super::{Contract, Level, Method, TypeRef};
use crate::codec::Codec;

/// How many builds of callers are remembered.
const REMEMBERED: usize = 1024;

/// How much of a type is told in a sentence, in characters.
const TYPE: usize = 200;

/// What a request says of its caller's types.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Claim<'a> {
    /// The number of the caller's terms.
    pub(crate) number: Option<u64>,
    /// The terms themselves, which a caller sends when it is asked.
    pub(crate) terms: Option<&'a str>,
    /// The numbers that every release has sent: of the bytes, and of the names.
    pub(crate) released: Option<(u64, Option<u64>)>,
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Decode it.
    Go,
    /// Ask its caller for its terms.
    Ask,
    /// Refuse it, for this reason.
    Refuse(String),
}

type Build = (&'static str, &'static str, Codec, u64);

/// Remembers what became of the builds that have called.
#[derive(Debug, Default)]
pub(crate) struct Judge {
    known: Mutex<HashMap<Build, Option<String>>>,
}

impl Judge {
    /// Decides over a request of a caller, who is named where it names itself.
    pub(crate) fn decide(
        &self,
        contract: &'static Contract,
        method: &'static Method,
        codec: Codec,
        caller: Option<&str>,
        claim: Claim<'_>,
    ) -> Decision {
        let Some(number) = claim.number else {
            return by_released_numbers(contract, method, codec, caller, claim.released);
        };
        let ours = method.terms(codec);
        if number == ours.number {
            return Decision::Go;
        }
        let build = (contract.name(), method.name(), codec, number);
        if let Some(known) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&build) {
            return known.clone().map_or(Decision::Go, Decision::Refuse);
        }
        let Some(text) = claim.terms else { return Decision::Ask };
        let Some(theirs) = Terms::from_peer(number, text) else {
            return Decision::Refuse(format!(
                "what caller {} says of `{}` is not what its number says",
                name(caller),
                method.name()
            ));
        };
        let reason = refusal(contract, method, codec, caller, &theirs, &ours.terms);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            // Nobody has so many builds; whoever makes numbers up is asked again each time.
            known.clear();
        }
        known.insert(build, reason.clone());
        reason.map_or(Decision::Go, Decision::Refuse)
    }
}

fn name(caller: Option<&str>) -> &str {
    caller.unwrap_or("unnamed")
}

/// The check of peers that send nothing else. Where a type of ours could not be traced the numbers
/// say nothing, and codecs that carry names are not held to bincode's bytes.
fn by_released_numbers(
    contract: &Contract,
    method: &Method,
    codec: Codec,
    caller: Option<&str>,
    released: Option<(u64, Option<u64>)>,
) -> Decision {
    let ours = method.fingerprint();
    let Some((wire, api)) = released.filter(|_| codec == Codec::Bincode && ours.level == Level::Shape) else {
        return Decision::Go;
    };
    let differ = |what: &str, theirs: u64, ours: u64| {
        Decision::Refuse(format!(
            "method `{}` has {what} at the caller ({}) than at the server (contract {} {}): fingerprint {theirs:016x} \
             against {ours:016x}; build both from one version of the trait and its types, or use \
             `codec = \"msgpack\"`",
            method.name(),
            name(caller),
            contract.name(),
            contract.version(),
        ))
    };
    if wire != ours.wire {
        return differ("other bytes", wire, ours.wire);
    }
    match api {
        // A renaming, or two fields of one type that changed places: the bytes cannot tell.
        Some(api) if api != ours.api => {
            differ("the same bytes and other names, or names in another order,", api, ours.api)
        }
        _ => Decision::Go,
    }
}

/// Why a request cannot be decoded, or its answer could not be, if that is so.
fn refusal(
    contract: &Contract,
    method: &Method,
    codec: Codec,
    caller: Option<&str>,
    theirs: &Terms,
    ours: &Terms,
) -> Option<String> {
    let (there, here) =
        (format!("caller ({})", name(caller)), format!("server ({} {})", contract.name(), contract.version()));
    let stands = theirs.opaque == ours.opaque;
    if !stands {
        let text = |opaque: &Option<String>| opaque.as_ref().map_or("nothing".to_owned(), |text| format!("{text:?}"));
        return Some(format!(
            "method `{}` says `opaque` {} at the {there} and {} at the {here}",
            method.name(),
            text(&theirs.opaque),
            text(&ours.opaque)
        ));
    }
    if let Some(sentence) = arguments_differ(theirs, ours) {
        return Some(format!("the arguments of method `{}`: {sentence}, at the {there} and the {here}", method.name()));
    }
    let judge = |what: &str, written: TypeRef<'_>, read: TypeRef<'_>, writer: &str, reader: &str| {
        let verdict = verdict(written, read, codec);
        let wrong = match verdict.outcome {
            Outcome::Same | Outcome::Safe | Outcome::ByValue => false,
            // The text of `opaque` vouches for what nobody knows, and codecs that say what they carry
            // are judged by their decoder.
            Outcome::Unknown => codec == Codec::Bincode && ours.opaque.is_none(),
            Outcome::ErrorInDecoding | Outcome::Refused => true,
        };
        wrong.then(|| sentence(method, codec, what, &verdict, (written, writer), (read, reader)))
    };
    for ((name, one), (_, two)) in theirs.arguments.iter().zip(&ours.arguments) {
        let what = format!("{}.{name}", method.name());
        if let Some(reason) = judge(&what, theirs.written(*one), ours.read(*two), &there, &here) {
            return Some(reason);
        }
    }
    let back = [("answer", ours.answer, theirs.answer), ("error", ours.error, theirs.error)];
    back.into_iter().find_map(|(what, written, read)| {
        let what = format!("{}, {what}", method.name());
        judge(&what, ours.written(written), theirs.read(read), &here, &there)
    })
}

/// Arguments go by position: what differs in their number or their order is no renaming.
fn arguments_differ(theirs: &Terms, ours: &Terms) -> Option<String> {
    let names = |terms: &Terms| terms.arguments.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let (one, two) = (names(theirs), names(ours));
    let moved = one.iter().enumerate().any(|(at, name)| two.get(at) != Some(name) && two.contains(name));
    (one.len() != two.len() || moved).then(|| {
        format!("({}) are sent and ({}) are taken, and arguments go by position", one.join(", "), two.join(", "))
    })
}

fn sentence(
    method: &Method,
    codec: Codec,
    what: &str,
    verdict: &Verdict,
    (written, writer): (TypeRef<'_>, &str),
    (read, reader): (TypeRef<'_>, &str),
) -> String {
    let (path, why) = verdict.worst().map_or(("", ""), |worst| (worst.path.as_str(), worst.sentence.as_str()));
    let dot = if path.is_empty() || path.starts_with(['[', '{', ':']) { "" } else { "." };
    let short = |of: TypeRef<'_>| {
        let text = of.to_string();
        if text.chars().count() > TYPE { text.chars().take(TYPE).chain("...".chars()).collect() } else { text }
    };
    format!(
        "method `{}`, {codec}: `{what}{dot}{path}`: {why}; the {writer} writes {} and the {reader} reads {}",
        method.name(),
        short(written),
        short(read)
    )
}

#[cfg(test)]
mod tests;
