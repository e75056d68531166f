//! The words of `#[bus::request(..)]`.

use proc_macro2::Span;
use quote::{ToTokens, format_ident, quote};
use syn::LitStr;

use super::topic;
use super::words::{ON_TRAITS, list, place_of};
use crate::args::{Word, Words, plain};
use crate::errors::Errors;
use crate::model::{Codec, Names, Route, Settings};
use crate::nearest::nearest;
use crate::written::ServiceTrait;

/// What the attribute says.
pub(super) struct Given {
    pub(super) names: Names,
    pub(super) route: Option<Route>,
    pub(super) settings: Settings,
}

/// Reads the words; each that is wrong is reported and the rest is read all the same.
pub(super) fn read(words: &Words, written: &ServiceTrait, errors: &mut Errors) -> Given {
    let service = plain(&written.ident);
    let mut given = Given { names: default_names(written), route: None, settings: Settings::default() };
    let (mut topic, mut reply) = (None, None);
    let mut seen = Vec::new();
    for word in &words.list {
        let name = word.name();
        if seen.contains(&name) {
            errors.at(&word.name, format!("`{name}` is given more than once"));
            continue;
        }
        match name.as_str() {
            "topic" => topic = errors.ok(word.string("a Kafka topic", "\"...\"")),
            "reply" => reply = errors.ok(word.string("a Kafka topic", "\"...\"")),
            "partitions" => given.settings.partitions = errors.ok(word.number(i32::MAX.unsigned_abs(), "5")),
            "reply_partitions" => {
                given.settings.reply_partitions = errors.ok(word.number(i32::MAX.unsigned_abs(), "5"));
            }
            "replication" => given.settings.replication = errors.ok(word.number(i16::MAX.unsigned_abs().into(), "3")),
            "codec" => given.settings.codec = errors.ok(codec(word)),
            "timeout" => given.settings.timeout = errors.ok(word.duration(&service)),
            "client" => {
                given.names.client = errors.ok(word.ident(&format!("{service}Client"))).unwrap_or(given.names.client);
            }
            "server" => {
                given.names.server = errors.ok(word.ident(&format!("{service}Server"))).unwrap_or(given.names.server);
            }
            "crate" => {
                if let Some(path) = errors.ok(word.path("::bus")) {
                    given.names.bus = path.into_token_stream();
                }
            }
            _ => unknown(word, errors),
        }
        seen.push(name);
    }
    missing(words, errors);
    given.route = topic::route(topic, reply, errors);
    different_names(&mut given.names, &default_names(written), written, errors);
    given
}

/// `::bus`, `PortfolioClient` and `PortfolioServer`.
fn default_names(written: &ServiceTrait) -> Names {
    let service = plain(&written.ident);
    Names {
        bus: quote!(::bus),
        client: format_ident!("{}Client", service, span = written.ident.span()),
        server: format_ident!("{}Server", service, span = written.ident.span()),
    }
}

fn unknown(word: &Word, errors: &mut Errors) {
    let name = word.name();
    let message = match (nearest(&name, ON_TRAITS), place_of(&name)) {
        (Some(known), _) => format!("unknown argument `{name}`: did you mean `{known}`?"),
        (None, Some(place)) => format!("`{name}` is an option of {place}"),
        (None, None) => format!("unknown argument `{name}`, expected one of {}", list(ON_TRAITS)),
    };
    errors.at(&word.name, message);
}

/// Reports what has to be there, unless something unreadable or misspelt may have been it.
fn missing(words: &Words, errors: &mut Errors) {
    if words.unreadable {
        return;
    }
    let guessed = |name: &String| !ON_TRAITS.contains(&name.as_str());
    let unknown: Vec<String> = words.list.iter().map(Word::name).filter(guessed).collect();
    let absent = |wanted: &str| {
        !words.list.iter().any(|word| word.name() == wanted)
            && !unknown.iter().any(|name| nearest(name, ON_TRAITS).is_none_or(|known| known == wanted))
    };
    let what = match (absent("topic"), absent("reply")) {
        (false, false) => return,
        (true, true) => "`topic` and `reply`",
        (true, false) => "`topic`",
        (false, true) => "`reply`",
    };
    errors.at_span(
        Span::call_site(),
        format!("missing {what}: write `#[bus::request(topic = \"...\", reply = \"...\")]`"),
    );
}

fn codec(word: &Word) -> Result<Codec, syn::Error> {
    let name: LitStr = word.string("a codec", "\"json\"")?;
    match name.value().as_str() {
        "bincode" => Ok(Codec::Bincode),
        "json" => Ok(Codec::Json),
        "msgpack" => Ok(Codec::MsgPack),
        other => Err(syn::Error::new_spanned(
            &name,
            match nearest(other, &["bincode", "json", "msgpack"]) {
                Some(known) => format!("unknown codec `{other}`: did you mean `{known}`?"),
                None => format!("unknown codec `{other}`, expected `bincode`, `json` or `msgpack`"),
            },
        )),
    }
}

/// Trait, client and server share one namespace. Only what the attribute chose is judged here: a
/// clash with another item is the compiler's to word.
fn different_names(names: &mut Names, default: &Names, written: &ServiceTrait, errors: &mut Errors) {
    for (what, name, default) in
        [("client", &mut names.client, &default.client), ("server", &mut names.server, &default.server)]
    {
        if *name == written.ident {
            errors.at(&*name, format!("the {what} cannot be called `{name}`: that is the trait's name"));
            *name = default.clone();
        }
    }
    if names.client == names.server {
        errors.at(&names.server, format!("client and server cannot both be called `{}`", names.server));
        names.client = default.client.clone();
        names.server = default.server.clone();
    }
}
