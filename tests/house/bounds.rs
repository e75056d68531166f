//! Whatever may grow while a bus runs is known, with what bounds it.

use std::collections::BTreeSet;
use std::fs;

use syn::visit::{self, Visit};

/// The collections that outlive a message: the file, the field, and what bounds it. What is made of
/// a program's own types stands in `contract/`, and is as large as those.
const BOUNDED: [(&str, &str, &str); 25] = [
    ("codec/write/seen.rs", "Ways", "emptied when it is full"),
    ("connect/builder.rs", "settings", "what the user sets"),
    ("contract/judge.rs", "known", "emptied when it is full"),
    ("kafka/group/consumer.rs", "events", "taken after every poll"),
    ("kafka/settings.rs", "user", "what the user sets"),
    ("protocol/calls/pending.rs", "by_token", "calls that have begun: places, and those that wait for one"),
    ("protocol/calls/places.rs", "waiting", "its bounds in calls and bytes"),
    ("protocol/requests/admission.rs", "waiting", "the queue, and what is read before it is looked at"),
    ("protocol/requests/commit_metadata.rs", "unfinished", "requests that were taken in, and what metadata names"),
    ("protocol/requests/log.rs", "earlier", "as many records as are remembered"),
    ("protocol/requests/log.rs", "recent", "as many records as are remembered"),
    ("protocol/requests/log.rs", "told", "as many records as are remembered"),
    ("protocol/requests/member.rs", "pending", "one action of each kind"),
    ("protocol/requests/partition.rs", "open", "requests that were taken in"),
    ("protocol/requests/partition.rs", "strays", "requests that were taken in"),
    ("protocol/requests/partition.rs", "unfinished", "requests that were taken in, and what metadata names"),
    ("protocol/requests/partition.rs", "waiting", "requests that were read"),
    ("protocol/requests/replies.rs", "waiting", "its bound"),
    ("protocol/sending/lane.rs", "records", "the gate's bound in bytes"),
    ("protocol/sending/lane.rs", "singly", "the gate's bound in bytes"),
    ("repeats.rs", "logged", "emptied when it is full"),
    ("server/listener.rs", "slots", "partitions"),
    ("server/routes.rs", "by_name", "methods"),
    ("transport/shared.rs", "reply_partitions", "topics"),
    ("transport/shared.rs", "topics", "contracts"),
];

const KINDS: [&str; 7] = ["HashMap", "BTreeMap", "VecDeque", "HashSet", "BTreeSet", "BinaryHeap", "LinkedList"];

/// The names of fields, statics and aliases that are collections.
struct Collections(BTreeSet<String>);

/// Whether a type names one of the kinds, however deep.
struct Named(bool);

impl<'ast> Visit<'ast> for Named {
    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.0 |= KINDS.iter().any(|kind| ident == kind);
    }
}

fn is_collection(r#type: &syn::Type) -> bool {
    let mut named = Named(false);
    named.visit_type(r#type);
    named.0
}

impl<'ast> Visit<'ast> for Collections {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !crate::imports::is_test(crate::imports::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if is_collection(&field.ty) {
            self.0.insert(field.ident.as_ref().map_or_else(|| "0".to_owned(), ToString::to_string));
        }
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        if is_collection(&item.ty) {
            self.0.insert(item.ident.to_string());
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if is_collection(&item.ty) {
            self.0.insert(item.ident.to_string());
        }
    }
}

#[test]
fn whatever_grows_is_known_with_its_bound() {
    let base = crate::root().join("bus/src");
    let (mut found, mut folders) = (BTreeSet::new(), vec![base.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&base).unwrap().display().to_string();
            if name.contains("tests") || name.starts_with("contract/") && name != "contract/judge.rs" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|extension| extension != "rs") {
                continue;
            }
            let mut collections = Collections(BTreeSet::new());
            collections.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
            found.extend(collections.0.into_iter().map(|field| (name.clone(), field)));
        }
    }
    let known: BTreeSet<_> = BOUNDED.iter().map(|(file, field, _)| ((*file).to_owned(), (*field).to_owned())).collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "what bounds these? {unknown:?}");
    let gone: Vec<_> = known.difference(&found).collect();
    assert!(gone.is_empty(), "these are gone: {gone:?}");
}
