//! Every rule and every message; what keeps the rules becomes the model.

mod helper;
mod method;
pub(crate) mod outcome;
mod settings;
pub(crate) mod signature;
mod topic;
mod types;
mod words;

use std::collections::HashMap;

use self::method::Known;
use crate::args::{Words, plain};
use crate::attributes;
use crate::errors::Errors;
use crate::model::{Checked, Method, Salvage, Service, Types};
use crate::written::{Item, ServiceTrait};

/// Holds a trait and the arguments of its attribute against the rules.
pub(crate) fn service<'a>(args: &Words, written: &'a ServiceTrait, errors: &mut Errors) -> Checked<'a> {
    let name = plain(&written.ident);
    let given = settings::read(args, written, errors);
    header(written, &name, errors);
    let methods = methods(written, &name, errors);
    let names = given.names;
    match given.route {
        Some(route) if errors.count() == 0 && methods.all => Checked::Sound(Service {
            written,
            names,
            route,
            settings: given.settings,
            types: Types::of(&methods.known),
            methods: methods.known,
            leaves_out: methods.leaves_out,
        }),
        _ => Checked::Broken(Salvage { written, names, types: Types::of(&methods.known), methods: methods.known }),
    }
}

fn header(written: &ServiceTrait, name: &str, errors: &mut Errors) {
    if let Some(unsafety) = &written.unsafety {
        errors.at(unsafety, format!("bus service `{name}` must not be `unsafe`"));
    }
    if let Some(auto) = &written.auto {
        errors.at(auto, format!("bus service `{name}` must not be `{auto}`"));
    }
    if written.generics.lt_token.is_some() {
        errors.at(
            &written.generics,
            format!("bus service `{name}` must not be generic: every request on a topic has one fixed wire type"),
        );
    }
    let bounds = written.where_clause.iter().flat_map(|clause| &clause.predicates);
    for bound in bounds.filter(|bound| !signature::is_kept(bound)) {
        errors.at(
            bound,
            format!("bus service `{name}` must not have this bound: write `trait {name}: Bound` for one that every service keeps"),
        );
    }
    for attribute in &written.attributes {
        if attribute.is_request() {
            errors.at(
                attribute,
                format!("bus service `{name}` has two `#[bus::request(..)]`: one trait is one pair of topics"),
            );
        }
        if attribute.is_helper() || attribute.hides_helper() {
            errors.at(
                attribute,
                format!(
                    "options of bus service `{name}` go into `#[bus::request(..)]`; `#[bus(..)]` goes on its methods"
                ),
            );
        }
    }
}

/// What is known of the methods.
struct Methods<'a> {
    /// Those whose types are known.
    known: Vec<Method<'a>>,
    /// Whether that is all of them.
    all: bool,
    /// Whether something is none of them.
    leaves_out: bool,
}

fn methods<'a>(written: &'a ServiceTrait, name: &str, errors: &mut Errors) -> Methods<'a> {
    let mut methods: Vec<Method<'a>> = Vec::new();
    let mut leaves_out = false;
    let mut all_readable = true;
    for item in &written.items {
        match item {
            Item::Own(_) => leaves_out = true,
            Item::Other { what, tokens } => {
                errors.at(
                    tokens,
                    format!("bus service `{name}` cannot contain {what}: the attribute has to see each method"),
                );
            }
            Item::Unfinished(_) => all_readable = false,
            Item::Method(item) => match method::method(item, errors) {
                // The compiler words this best.
                Known::Request(method) if is_repeated(&method, &methods) => leaves_out = true,
                Known::Request(method) => methods.push(*method),
                Known::LeftOut => leaves_out = true,
                Known::Nothing => all_readable = false,
            },
        }
    }
    let nothing_asked = methods.is_empty() && leaves_out && all_readable && errors.count() == 0;
    if written.items.is_empty() || nothing_asked {
        errors.at(&written.ident, format!("bus service `{name}` has no methods, so there is nothing to request"));
    }
    wire_names(&methods, name, errors);
    // A generic trait's methods may speak of its parameters, which a client does not have.
    let known = if written.generics.lt_token.is_some() { Vec::new() } else { methods };
    Methods { all: all_readable, known, leaves_out }
}

/// Whether a method of this name stands above and both may be there at once. Two that differ by
/// `#[cfg]` stay: the compiler sees only one of them.
fn is_repeated(method: &Method<'_>, above: &[Method<'_>]) -> bool {
    above.iter().any(|other| other.written.ident == method.written.ident && !(has_cfg(method) && has_cfg(other)))
}

fn has_cfg(method: &Method<'_>) -> bool {
    !attributes::cfgs(&method.written.attributes).is_empty()
}

/// No two methods may answer to one name.
fn wire_names(methods: &[Method<'_>], name: &str, errors: &mut Errors) {
    let mut seen: HashMap<&str, &Method<'_>> = HashMap::new();
    for method in methods {
        match seen.get(method.wire_name.as_str()) {
            Some(other) if !(has_cfg(method) && has_cfg(other)) => {
                let (first, second, wire) =
                    (plain(&other.written.ident), plain(&method.written.ident), &method.wire_name);
                errors.at_span(
                    method.wire_span,
                    format!("methods `{first}` and `{second}` of bus service `{name}` are both called `{wire}` on the wire; give one of them another `name`"),
                );
            }
            _ => {
                seen.insert(&method.wire_name, method);
            }
        }
    }
}
