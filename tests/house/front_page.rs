//! The front page of the documentation: all that stands on it has a sentence and an example.

use std::fs;
use std::path::Path;

use syn::{Attribute, Item, UseTree};

/// The modules and the names that a list of re-exports brings to the front page.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            leaves(&tree.tree, path, found);
            path.pop();
        }
        UseTree::Name(tree) => found.push((path.clone(), tree.ident.to_string())),
        UseTree::Group(tree) => tree.items.iter().for_each(|tree| leaves(tree, path, found)),
        UseTree::Rename(_) | UseTree::Glob(_) => panic!("the front page names what it shows"),
    }
}

fn docs(attributes: &[Attribute]) -> Vec<String> {
    let texts = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let text = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    };
    texts.filter_map(text).collect()
}

/// What is defined under a name in a folder or file, with what is said of it.
fn defined(place: &Path, name: &str) -> Option<Vec<String>> {
    if place.is_dir() {
        return fs::read_dir(place).unwrap().find_map(|entry| defined(&entry.unwrap().path(), name));
    }
    if place.extension().is_none_or(|extension| extension != "rs") {
        return None;
    }
    let text = fs::read_to_string(place).unwrap();
    // A macro makes the counters, with what is said of them inside.
    let counters = text.contains("macro_rules! counters") && name == "Counters";
    if counters {
        let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("pub struct"));
        return Some(said.filter_map(|line| line.strip_prefix("///")).map(|line| line.trim().to_owned()).collect());
    }
    let file = syn::parse_file(&text).unwrap();
    file.items.iter().find_map(|item| {
        let (attributes, public, defined) = match item {
            Item::Struct(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Enum(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Trait(item) => (&item.attrs, &item.vis, &item.ident),
            Item::Fn(item) => (&item.attrs, &item.vis, &item.sig.ident),
            Item::Type(item) => (&item.attrs, &item.vis, &item.ident),
            _ => return None,
        };
        (matches!(public, syn::Visibility::Public(_)) && defined == name).then(|| docs(attributes))
    })
}

#[test]
fn all_that_stands_on_the_front_page_has_a_sentence_and_an_example() {
    let source = crate::root().join("bus/src");
    let front = syn::parse_file(&fs::read_to_string(source.join("lib.rs")).unwrap()).unwrap();
    let (mut shown, mut wanting) = (0, Vec::new());
    for item in &front.items {
        let Item::Use(item) = item else { continue };
        let mut found = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut found);
        for (path, name) in found.iter().filter(|(path, _)| path.first().is_some_and(|first| first == "self")) {
            shown += 1;
            let place = source.join(path.get(1).unwrap());
            let place = if place.is_dir() { place } else { place.with_extension("rs") };
            let Some(said) = defined(&place, name) else {
                wanting.push(format!("`{name}` is not found in {}", place.display()));
                continue;
            };
            let sentence: String = said.iter().take_while(|line| !line.is_empty()).cloned().collect();
            if !sentence.contains('.') {
                wanting.push(format!("`{name}` has no sentence"));
            }
            if !said.iter().any(|line| line.starts_with("```")) {
                wanting.push(format!("`{name}` has no example"));
            }
        }
    }
    assert!(shown > 30, "only {shown} names were found");
    assert!(wanting.is_empty(), "{wanting:#?}");
}
