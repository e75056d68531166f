//! The page: nothing leaves it, nothing in it does harm, and it is small.

#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use base64::Engine as _;
use bus_cli::{markdown, mermaid, page};
use serde_json::Value;
use sha2::Digest as _;

use self::common::{board, manifest, orders, payments};

const HOSTILE: &str = "</script><script>alert(1)</script><!--\u{202e}`|\";#";

fn hostile() -> bus_cli::board::Board {
    let shop =
        manifest("shop", &[orders()], &[]).to_string().replace("Order", "<script>Order").replace("Places", "`<img>`");
    board(&[serde_json::from_str(&shop).unwrap(), manifest(HOSTILE, &[], &[(orders(), None), (payments(), None)])])
}

/// What stands between two marks, each time.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn the_policy_lets_in_what_stands_in_the_page_and_nothing_else() {
    let html = page::html(&board(&[manifest("shop", &[orders()], &[])])).unwrap();
    let policy = between(&html, "Content-Security-Policy\" content=\"", "\"")[0];
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
    let scripts = between(&html, "<script>", "</script>");
    let styles = between(&html, "<style>", "</style>");
    assert_eq!((scripts.len(), styles.len()), (1, 1));
    assert!(policy.contains(&format!("script-src 'sha256-{}'", hash(scripts[0]))), "{policy}");
    assert!(policy.contains(&format!("style-src 'sha256-{}'", hash(styles[0]))), "{policy}");
}

#[test]
fn the_page_refers_to_nothing_outside_and_is_small() {
    let html = page::html(&board(&[])).unwrap();
    for part in [
        "src=",
        "url(",
        "@import",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "innerHTML",
        "eval(",
        " style=\"",
        " onclick",
    ] {
        assert!(!html.contains(part), "{part}");
    }
    let addresses: Vec<&str> = html.match_indices("http").map(|(at, _)| &html[at..at + 26]).collect();
    // The name of a language, and the policy.
    assert!(
        addresses.iter().all(|it| it.starts_with("http://www.w3.org/2000/svg") || it.starts_with("http-equiv")),
        "{addresses:?}"
    );
    assert!(page::code_size() < 150_000, "{} bytes", page::code_size());
}

#[test]
fn hostile_names_stay_data_in_the_page() {
    let board = hostile();
    let html = page::html(&board).unwrap();
    assert_eq!(html.matches("<script").count(), 2, "no name opens a script");
    assert_eq!(html.matches("<!--").count(), 0);
    let data = between(&html, "<script type=\"application/json\" id=\"board\">", "</script>")[0];
    let read: Value = serde_json::from_str(data).unwrap();
    assert_eq!(read, serde_json::to_value(&board).unwrap());
}

#[test]
fn a_name_that_is_a_mark_of_the_template_is_a_name() {
    let board = board(&[manifest("%SCRIPT%%DATA%%STYLE_HASH%", &[orders()], &[])]);
    let html = page::html(&board).unwrap();
    let data = between(&html, "id=\"board\">", "</script>")[0];
    assert_eq!(serde_json::from_str::<Value>(data).unwrap(), serde_json::to_value(&board).unwrap());
}

#[test]
fn hostile_names_break_neither_mermaid_nor_markdown() {
    let board = hostile();
    for (_, picture) in mermaid::flowcharts(&board) {
        for line in picture.lines().skip(1).filter(|line| !line.contains("linkStyle")) {
            // Names stand in quotes alone, as letters and numbers of letters.
            let outside: String = line.split('"').step_by(2).collect();
            assert!(!outside.contains('<') && !outside.contains("script"), "{line}");
            for inside in line.split('"').skip(1).step_by(2) {
                let harmless = |letter: char| letter.is_alphanumeric() || " ._-/,()#;".contains(letter);
                assert!(inside.chars().all(harmless), "{inside}");
            }
        }
    }
    let page = markdown::page(&board);
    let outside_code = page.lines().filter(|line| !line.contains('`')).collect::<String>();
    assert!(!outside_code.contains("<script") && !outside_code.contains("<img"), "{outside_code}");
}

#[test]
fn a_large_system_is_drawn_in_parts() {
    let servers: Vec<Value> =
        (0..120).map(|at| manifest(&format!("service-{at}"), &[orders()], &[(orders(), None)])).collect();
    let pictures = mermaid::flowcharts(&board(&servers));
    assert_eq!(pictures.len(), 120);
    let lines = |picture: &str| picture.lines().filter(|line| line.contains("-->") || line.contains("-.->")).count();
    assert!(
        pictures.iter().all(|(service, picture)| service.is_some() && lines(picture) < 500),
        "Mermaid stops at 500"
    );
}

#[test]
fn a_sequence_shows_the_way_of_a_call() {
    let board = board(&[manifest("shop", &[orders()], &[]), manifest("facade", &[], &[(orders(), None)])]);
    let picture = mermaid::sequence(&board, "Orders", "place").unwrap();
    for part in [
        "participant caller as facade/1.0.0",
        "participant requests as orders.req",
        "participant replies as orders.resp",
        "partition by account",
        "within a timeout of 2000 ms",
    ] {
        assert!(picture.contains(part), "{part}: {picture}");
    }
    assert!(mermaid::sequence(&board, "Orders", "nothing").is_none());
}
