//! Who imports whom in one crate: modules by their paths, re-exports followed to where a name is
//! defined, unit tests left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// One import: the line in `from` that names something which `to` defines.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// A module: what it defines, what it passes on, what it names.
#[derive(Debug, Default)]
struct Module {
    file: String,
    text: Rc<str>,
    defines: BTreeSet<String>,
    /// A name here, and the path that it stands for.
    passes_on: Vec<(String, Vec<String>)>,
    /// Modules of which all names are passed on.
    globs: Vec<Vec<String>>,
    names: Vec<Vec<String>>,
}

type Modules = BTreeMap<Vec<String>, Module>;

/// The modules of the crate that starts at a file, and their imports.
pub(crate) fn imports(start: &Path) -> (Vec<String>, Vec<Import>) {
    let mut modules = Modules::new();
    read(start, start.parent().unwrap(), &[], &mut modules);
    let mut found: Vec<Import> = Vec::new();
    // A crate's front page, and what stands inside it, shows everything and is imported by nobody.
    let front = modules.get(&[] as &[String]).map(|module| module.file.clone());
    for (path, module) in modules.iter().filter(|(_, module)| Some(&module.file) != front.as_ref()) {
        for named in &module.names {
            let Some(target) = resolve(&modules, path, named, 0) else { continue };
            // A module that shows what its own children define is a front, not a dependant.
            if target.is_empty() || target == *path {
                continue;
            }
            let (from, to) = (path.join("::"), target.join("::"));
            let line = line_of(&module.text, named);
            if !found.iter().any(|known| known.from == from && known.to == to && known.line == line) {
                found.push(Import { from, to, file: module.file.clone(), line });
            }
        }
    }
    let names = modules.iter().filter(|(_, module)| Some(&module.file) != front.as_ref());
    (names.map(|(path, _)| path.join("::")).collect(), found)
}

fn read(file: &Path, folder: &Path, path: &[String], modules: &mut Modules) {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let shown = file.strip_prefix(crate::root()).unwrap_or(file);
    take(&parsed.items, (&shown.display().to_string(), &text.into()), folder, path, modules);
}

fn take(items: &[syn::Item], (file, text): (&str, &Rc<str>), folder: &Path, path: &[String], modules: &mut Modules) {
    let mut module = Module { file: file.to_owned(), text: Rc::clone(text), ..Module::default() };
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        if let syn::Item::Mod(child) = item {
            let name = child.ident.to_string();
            let below: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
            let inner = folder.join(&name);
            if let Some((_, items)) = &child.content {
                take(items, (file, text), &inner, &below, modules);
            } else {
                let flat = folder.join(format!("{name}.rs"));
                let deep = inner.join("mod.rs");
                read(if flat.exists() { &flat } else { &deep }, &inner, &below, modules);
            }
            continue;
        }
        if let syn::Item::Use(item) = item {
            let mut leaves = Vec::new();
            unfold(&item.tree, &mut Vec::new(), &mut leaves);
            let shows = !matches!(item.vis, syn::Visibility::Inherited);
            for (target, name) in leaves {
                let target = absolute(path, &target);
                let front = shows
                    && target.as_ref().is_some_and(|target| target.starts_with(path) && target.len() > path.len());
                if let Some(target) = target {
                    match name {
                        Some(name) => module.passes_on.push((name, target.clone())),
                        None => module.globs.push(target.clone()),
                    }
                    if !front {
                        module.names.push(target);
                    }
                }
            }
            continue;
        }
        module.defines.extend(defined(item));
        let mut visitor = Names { path, found: &mut module.names };
        visitor.visit_item(item);
    }
    modules.insert(path.to_vec(), module);
}

pub(crate) fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is there for tests alone.
pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
        if !list.path.is_ident("cfg") {
            return false;
        }
        let condition = list.tokens.to_string();
        let words: Vec<&str> = condition.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
        words.contains(&"test") && !condition.replace(' ', "").starts_with("not(") && !words.contains(&"any")
            || words.contains(&"doctest")
    })
}

fn defined(item: &syn::Item) -> Option<String> {
    Some(match item {
        syn::Item::Const(item) => item.ident.to_string(),
        syn::Item::Enum(item) => item.ident.to_string(),
        syn::Item::Fn(item) => item.sig.ident.to_string(),
        syn::Item::Macro(item) => item.ident.as_ref()?.to_string(),
        syn::Item::Static(item) => item.ident.to_string(),
        syn::Item::Struct(item) => item.ident.to_string(),
        syn::Item::Trait(item) => item.ident.to_string(),
        syn::Item::Type(item) => item.ident.to_string(),
        syn::Item::Union(item) => item.ident.to_string(),
        _ => return None,
    })
}

/// The leaves of a `use`: a path, and the name that it has here; none for a glob.
fn unfold(tree: &syn::UseTree, prefix: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Option<String>)>) {
    let mut leaf = |last: &syn::Ident, name: String| {
        let mut path = prefix.clone();
        if last != "self" {
            path.push(last.to_string());
        }
        leaves.push((path, Some(name)));
    };
    match tree {
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            unfold(&path.tree, prefix, leaves);
            prefix.pop();
        }
        syn::UseTree::Name(name) if name.ident == "self" => {
            let last = prefix.last().cloned().unwrap_or_default();
            leaf(&name.ident, last);
        }
        syn::UseTree::Name(name) => leaf(&name.ident, name.ident.to_string()),
        syn::UseTree::Rename(rename) => leaf(&rename.ident, rename.rename.to_string()),
        syn::UseTree::Glob(_) => leaves.push((prefix.clone(), None)),
        syn::UseTree::Group(group) => group.items.iter().for_each(|item| unfold(item, prefix, leaves)),
    }
}

/// A path from the crate's root, where it begins with `crate`, `self` or `super`.
fn absolute(here: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut base = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" => here.to_vec(),
        "super" => here[..here.len().checked_sub(1)?].to_vec(),
        _ => return None,
    };
    for segment in &path[1..] {
        if segment == "super" {
            base.pop();
        } else if segment != "self" {
            base.push(segment.clone());
        }
    }
    Some(base)
}

/// The line that names a path: the first that has its last two words, or its last.
fn line_of(text: &str, path: &[String]) -> usize {
    let words = &path[path.len().saturating_sub(2)..];
    let has = |line: &str, words: &[String]| {
        !line.trim_start().starts_with("//") && words.iter().all(|word| line.contains(word.as_str()))
    };
    let last = &words[words.len().saturating_sub(1)..];
    let at = |words: &[String]| text.lines().position(|line| has(line, words));
    at(words).or_else(|| at(last)).map_or(1, |line| line + 1)
}

/// The module that defines what a path names.
fn resolve(modules: &Modules, here: &[String], path: &[String], depth: usize) -> Option<Vec<String>> {
    // Re-exports that stand for each other would go round for ever.
    if depth > 16 {
        return None;
    }
    let mut module: Vec<String> = Vec::new();
    let mut rest = path;
    while let [next, after @ ..] = rest {
        module.push(next.clone());
        if !modules.contains_key(&module) {
            module.pop();
            break;
        }
        rest = after;
    }
    let Some((name, after)) = rest.split_first() else { return Some(module) };
    let found = modules.get(&module)?;
    if found.defines.contains(name) {
        return Some(module);
    }
    let onward = found.passes_on.iter().filter(|(known, _)| known == name).map(|(_, target)| target.clone());
    let by_glob = found.globs.iter().map(|glob| glob.iter().cloned().chain([name.clone()]).collect());
    for target in onward.chain(by_glob) {
        let target: Vec<String> = target.into_iter().chain(after.iter().cloned()).collect();
        if target != path
            && let Some(found) = resolve(modules, here, &target, depth + 1)
        {
            return Some(found);
        }
    }
    // What a macro of the module makes is defined there, too; the crate's root is nobody's import.
    (module != here && !module.is_empty()).then_some(module)
}

/// Paths that stand in code, and in the arguments of macros.
struct Names<'a> {
    path: &'a [String],
    found: &'a mut Vec<Vec<String>>,
}

impl Names<'_> {
    fn note(&mut self, path: &[String]) {
        // A path that starts with a module's own child, or with what a `use` names, starts here.
        let relative = || (path.len() > 1).then(|| self.path.iter().chain(path).cloned().collect());
        self.found.extend(absolute(self.path, path).or_else(relative));
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.note(&path);
                        path.clear();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                other => {
                    self.note(&path);
                    path.clear();
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.tokens(group.stream());
                    }
                }
            }
        }
        self.note(&path);
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        // What a macro writes elsewhere is not an import of who writes it.
        if !mac.path.is_ident("quote") && !mac.path.is_ident("quote_spanned") && !mac.path.is_ident("macro_rules") {
            self.tokens(mac.tokens.clone());
        }
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}
