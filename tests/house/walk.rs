//! ARCHITECTURE.md names functions: each of them exists, and the walk of a request goes one way.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::graph::floors;

/// The text between two marks of the page.
fn section(start: &str, end: &str) -> String {
    let page = fs::read_to_string(crate::root().join("ARCHITECTURE.md")).unwrap();
    let (_, rest) = page.split_once(start).unwrap_or_else(|| panic!("ARCHITECTURE.md has no {start}"));
    rest.split_once(end).unwrap_or_else(|| panic!("ARCHITECTURE.md has no {end}")).0.to_owned()
}

/// What stands in backticks and is a path.
fn paths(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|it| it.contains("::") && !it.contains([' ', '(', '<'])).map(str::to_owned).collect()
}

/// The file of a module, and what of its path lies within the file.
fn file_of(path: &str) -> Option<(PathBuf, Vec<String>)> {
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut within = Vec::new();
    let source = crate::root().join("bus/src");
    while !segments.is_empty() {
        let module = segments.iter().fold(source.clone(), |path, segment| path.join(segment));
        let found = [module.with_extension("rs"), module.join("mod.rs")].into_iter().find(|file| file.is_file());
        if let Some(file) = found {
            within.reverse();
            return Some((file, within));
        }
        within.push(segments.pop()?.to_owned());
    }
    None
}

/// The functions of a file: those that stand free, and those of types and traits as `Type::function`.
fn functions(file: &Path) -> BTreeSet<String> {
    let parsed = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for item in &parsed.items {
        match item {
            syn::Item::Fn(item) => {
                found.insert(item.sig.ident.to_string());
            }
            syn::Item::Impl(item) => {
                let syn::Type::Path(of) = &*item.self_ty else { continue };
                let Some(of) = of.path.segments.last() else { continue };
                for item in &item.items {
                    if let syn::ImplItem::Fn(function) = item {
                        found.insert(format!("{}::{}", of.ident, function.sig.ident));
                    }
                }
            }
            syn::Item::Trait(item) => {
                for function in &item.items {
                    if let syn::TraitItem::Fn(function) = function {
                        found.insert(format!("{}::{}", item.ident, function.sig.ident));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// A step of the walk: its line, and the function that has the request.
fn steps(leg: &str) -> Vec<String> {
    let numbered = |line: &&str| line.split_once(". ").is_some_and(|(number, _)| number.parse::<u32>().is_ok());
    leg.lines().filter(numbered).map(|line| paths(line).swap_remove(0)).collect()
}

#[test]
fn every_function_of_the_walk_exists() {
    let walk = section("<!-- walk: checked by a test -->", "<!-- end of walk -->");
    let named = paths(&walk);
    assert!(named.len() > 40, "the walk is read wrongly: {named:?}");
    for path in named {
        let Some((file, within)) = file_of(&path) else { panic!("`{path}`: no such file") };
        let function = within.join("::");
        assert!(functions(&file).contains(&function), "`{path}`: {} has no `{function}`", file.display());
    }
}

#[test]
fn the_walk_goes_one_way_and_enters_no_room_twice() {
    let house = crate::house("bus/src/lib.rs");
    let floors = floors(&crate::graph_of(&house, crate::room));
    let height: BTreeMap<&str, usize> = (0..)
        .zip(floors.iter().rev())
        .flat_map(|(height, rooms)| rooms.iter().map(move |room| (room.as_str(), height)))
        .collect();
    let walk = section("<!-- walk: checked by a test -->", "<!-- end of walk -->");
    let legs: Vec<&str> = walk.split("### ").skip(1).collect();
    assert_eq!(legs.len(), 5, "the walk is read wrongly");
    for leg in legs {
        let mut rooms: Vec<String> = steps(leg).iter().map(|path| crate::room(path)).collect();
        assert!(rooms.len() > 3, "{leg}");
        rooms.dedup();
        let heights: Vec<usize> = rooms.iter().map(|room| height[room.as_str()]).collect();
        let (up, down) = (heights.is_sorted_by(|one, next| one < next), heights.is_sorted_by(|one, next| one > next));
        assert!(up || down, "it turns back: {rooms:?} in {leg}");
    }
}

#[test]
fn every_function_of_the_cores_exists() {
    let cores = section("<!-- cores: checked by a test -->", "<!-- end of cores -->");
    let mut known = BTreeSet::new();
    let mut folders = vec![crate::root().join("bus/src/protocol")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                known.extend(functions(&path));
            }
        }
    }
    let named = paths(&cores);
    assert!(named.len() > 40, "the cores are read wrongly: {named:?}");
    for path in named {
        assert!(known.contains(&path), "`{path}` is in no core");
    }
}
