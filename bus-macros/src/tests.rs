//! Snapshots of the expansion, so that a reviewer sees generated code in the diff. How they are
//! refreshed stands in `snapshots/README.md`.

use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};

use crate::manifest::manifest_tokens;
use crate::request_tokens;

/// The attribute's arguments and the item under it.
fn parts(input: &str) -> (TokenStream, TokenStream) {
    let mut tokens = input.parse::<TokenStream>().expect("an input is Rust").into_iter();
    let _pound = tokens.next();
    let Some(TokenTree::Group(attribute)) = tokens.next() else { panic!("an input starts with the attribute") };
    let args = attribute.stream().into_iter().find_map(|token| match token {
        TokenTree::Group(args) => Some(args.stream()),
        _ => None,
    });
    (args.unwrap_or_default(), tokens.collect())
}

fn expansion(input: &str) -> String {
    let (args, item) = parts(input);
    let tokens = request_tokens(args, item);
    let file = syn::parse2(tokens.clone()).unwrap_or_else(|error| panic!("{error}: {tokens}"));
    prettyplease::unparse(&file)
}

fn snapshots() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
        .expect("there are snapshots")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(".in.rs"))
        .collect();
    files.sort();
    files
}

#[test]
fn expansions_are_what_they_were() {
    let overwrite = std::env::var_os("BUS_MACROS_SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let mut differing = Vec::new();
    for input in snapshots() {
        let output = PathBuf::from(input.to_string_lossy().replace(".in.rs", ".out.rs"));
        let expanded = expansion(&std::fs::read_to_string(&input).expect("an input can be read"));
        if overwrite {
            std::fs::write(&output, expanded).expect("an output can be written");
        } else if std::fs::read_to_string(&output).ok().as_deref() != Some(expanded.as_str()) {
            differing.push(output);
        }
    }
    assert!(differing.is_empty(), "these differ, see snapshots/README.md: {differing:#?}");
}

#[test]
fn only_the_given_path_leads_to_the_crate() {
    let expanded = expansion(
        r#"#[bus::request(topic = "a.req", reply = "a.resp", crate = messages)]
        pub trait Clock {
            #[bus(timeout = "2s", oneway)]
            async fn set(&self, #[bus(key)] zone: &str, list: &[u8], time: &Time) -> Result<(), String>;
        }"#,
    );
    let file: syn::File = syn::parse_str(&expanded).expect("the expansion is Rust");
    let mut words = Vec::new();
    idents(quote::quote!(#file), &mut words);
    for banned in ["bus", "std", "rdkafka", "tokio", "serde", "diagnostic"] {
        assert!(!words.iter().any(|word| word == banned), "`{banned}` in {expanded}");
    }
}

/// All words of code. Doc comments are literals.
fn idents(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => idents(group.stream(), words),
            TokenTree::Ident(ident) => words.push(ident.to_string()),
            _ => {}
        }
    }
}

#[test]
fn whatever_is_wrong_the_item_is_given_back() {
    for item in [
        "pub trait Clock { async fn now(&self) -> Result<u64, String>; }",
        "pub unsafe trait Clock<T>: Send where T: Send { type A; const B: u8; m!{} fn now(self); async fn at(); }",
        "pub trait Clock { async fn now(&self, (a, b): (u8, u8), ...); async fn no }",
        "struct Clock;",
        "impl Clock for Wall { }",
        "pub trait Clock",
        "",
        "trait",
    ] {
        let item: TokenStream = item.parse().expect("the item is made of tokens");
        for args in ["", "topic", "topic = , 7, reply : 9", "crate = crate"] {
            let args: TokenStream = args.parse().expect("the arguments are made of tokens");
            let given = item.to_string();
            let expanded = request_tokens(args, item.clone()).to_string();
            assert!(expanded.contains("compile_error"), "{given}");
            let name = if given.contains("Clock") { "Clock" } else { "" };
            assert!(expanded.contains(name), "{given}");
        }
    }
}

/// An editor completes names where they stand in the expansion, so no word may be lost while a
/// trait is being typed.
#[test]
fn nothing_that_is_half_typed_is_lost() {
    for item in [
        "pub trait Clock { async fn now(&self, zone: Zo) -> Result<Tim, }",
        "pub trait Clock { async fn now(&self, zone: ) -> Result<Time, String>; async fn later(&self); }",
        "pub trait Clock { async fn now(&self) -> Result<Time, String> { self. } }",
        "pub trait Clock { async fn now(&self) -> Result<Time, String> { let zone = ; zone } as }",
        "pub trait Clock { async fn now(&self, zone) -> std::; fn }",
        "pub trait Clock: Deb { #[bus(time)] async fn now(&self, #[bus(ke)] zone: Zone) -> }",
        "pub trait Clock { async fn now(&self) -> Result<HashMap<String, Ti }",
    ] {
        let item: TokenStream = match item.parse() {
            Ok(item) => item,
            Err(error) => panic!("{item}: {error}"),
        };
        let (mut written, mut expanded) = (Vec::new(), Vec::new());
        idents(item.clone(), &mut written);
        let args = "topic = \"a.req\", reply = \"a.resp\"".parse().expect("the arguments are made of tokens");
        idents(request_tokens(args, item.clone()), &mut expanded);
        for word in written {
            let helper = ["bus", "time", "ke"].contains(&word.as_str());
            assert!(helper || expanded.contains(&word), "`{word}` of {item} is lost");
        }
    }
}

fn manifest(input: &str) -> String {
    manifest_tokens(format!("$crate; {input}").parse().expect("an input is made of tokens"))
        .to_string()
        .replace(' ', "")
}

#[test]
fn a_manifest_names_clients_by_the_paths_of_their_traits() {
    let expanded = manifest("serves Orders, shop::Stock; calls Payments { pay, r#move }, Mail");
    for part in [
        "serves:&[<OrdersClientas$crate::Client>::contract,<shop::StockClientas$crate::Client>::contract]",
        "(<PaymentsClientas$crate::Client>::contract,::core::option::Option::Some(&[\"pay\",\"move\"]))",
        "(<MailClientas$crate::Client>::contract,::core::option::Option::None)",
        "$crate::__private::declare(&__MANIFEST)",
    ] {
        assert!(expanded.contains(part), "{part} in {expanded}");
    }
    assert!(!manifest("").contains("compile_error"));
}

#[test]
fn a_manifest_with_mistakes_names_each_of_them() {
    let expanded = manifest("servs Orders; calls; serves Stock { take }; calls Mail {}; waits Mail");
    for sentence in [
        "`servs`isnot`serves`or`calls`:didyoumean`serves`?",
        "`calls`namesnotrait",
        "aserverservesallmethodsofitstrait",
        "thelistofmethodsisempty",
        "`waits`isnot`serves`or`calls`\"",
    ] {
        assert!(expanded.contains(sentence), "{sentence} in {expanded}");
    }
    assert!(manifest("serves 7").contains("compile_error"));
}
