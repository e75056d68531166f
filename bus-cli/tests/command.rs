//! The command as it is typed: what it prints, and how it ends.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use self::common::{fog, lock, manifest, next_orders, orders};

/// A folder of a test's own, removed when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("bus-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let file = self.0.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn json(&self, name: &str, value: &Value) {
        self.write(name, &serde_json::to_string_pretty(value).unwrap());
    }

    /// A program of a few lines of shell.
    fn program(&self, name: &str, lines: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        self.write(name, &format!("#!/bin/sh\n{lines}\n"));
        fs::set_permissions(self.0.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Exit code, what is printed, what is complained of.
    fn bus(&self, arguments: &[&str]) -> (i32, String, String) {
        said(Command::new(env!("CARGO_BIN_EXE_bus")).args(arguments).current_dir(&self.0))
    }

    fn git(&self, arguments: &[&str]) {
        let names = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
        let (code, _, error) = said(Command::new("git").args(names).args(arguments).current_dir(&self.0));
        assert_eq!(code, 0, "{error}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn said(command: &mut Command) -> (i32, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A shop and a facade that get on.
fn shop() -> Folder {
    let folder = Folder::new();
    folder.json("shop.json", &manifest("shop", &[orders()], &[]));
    folder.json("facade.json", &manifest("facade", &[], &[(orders(), None)]));
    folder
}

#[test]
fn check_ends_with_0_where_all_is_safe_1_where_something_breaks_and_2_where_nobody_knows() {
    let folder = shop();
    assert_eq!(folder.bus(&["check", "shop.json", "facade.json"]), (0, "safe\n".to_owned(), String::new()));

    folder.json("next.json", &manifest("shop", &[next_orders()], &[]));
    let (code, text, _) = folder.bus(&["check", "next.json", "facade.json"]);
    assert_eq!(code, 1, "{text}");
    for part in ["facade/1.0.0", "`[].pieces`", "next.json", "facade.json", "next: ", "breaks"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    folder.json("weather.json", &manifest("weather", &[fog()], &[(fog(), None)]));
    let (code, text, _) = folder.bus(&["check", "weather.json"]);
    assert_eq!(code, 2, "{text}");
    // What breaks is worse than what nobody knows.
    assert_eq!(folder.bus(&["check", "weather.json", "next.json", "facade.json"]).0, 1);
}

#[test]
fn check_speaks_json_and_github_too() {
    let folder = shop();
    folder.json("next.json", &manifest("shop", &[next_orders()], &[]));
    let (code, text, _) = folder.bus(&["check", "next.json", "facade.json", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, report["verdict"].as_str()), (1, Some("breaks")));
    assert_eq!(report["findings"][0]["methods"], json!(["list"]));
    let (code, text, _) = folder.bus(&["check", "next.json", "facade.json", "--format", "github"]);
    assert_eq!(code, 1);
    assert!(text.starts_with("::error file=facade.json,title=contract-by-value::Orders.list: "), "{text}");
    assert_eq!(text.lines().count(), 1, "an annotation is a line: {text}");
}

#[test]
fn check_compares_locks_with_a_commit() {
    let folder = Folder::new();
    folder.git(&["init", "-q", "-b", "main"]);
    folder.json("api/bus.lock/Orders.json", &lock(orders(), false));
    folder.git(&["add", "-A"]);
    folder.git(&["commit", "-q", "-m", "one"]);
    assert_eq!(folder.bus(&["check", "--against", "git:main"]).0, 0);

    folder.json("api/bus.lock/Orders.json", &lock(next_orders(), false));
    let (code, text, _) = folder.bus(&["check", "--against", "git:main"]);
    assert_eq!(code, 1, "{text}");
    for part in [
        "BREAKS  Orders: no order of deployment works",
        "main:",
        "version 1",
        "list, answer: old servers to new callers",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (_, text, _) = folder.bus(&["check", "--against", "git:main", "--format", "github"]);
    assert!(text.starts_with("::error file=./api/bus.lock/Orders.json,title=Orders list::list, answer"), "{text}");

    // Retired: it runs nowhere any more.
    let mut both = lock(orders(), true);
    both["versions"].as_array_mut().unwrap().push(json!({ "version": 2, "contract": next_orders().describe() }));
    folder.json("api/bus.lock/Orders.json", &both);
    assert_eq!(folder.bus(&["check", "--against", "git:main"]).0, 0);

    // A lock that is gone takes its contract with it.
    fs::remove_file(folder.0.join("api/bus.lock/Orders.json")).unwrap();
    folder.json("api/bus.lock/Fog.json", &lock(fog(), false));
    let (code, text, _) = folder.bus(&["check", "--against", "git:main"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the method is gone"), "{text}");

    let (code, _, error) = folder.bus(&["check", "--against", "git:nothing"]);
    assert!(code == 2 && error.contains("git cannot show nothing:"), "{error}");
    let (code, _, error) = folder.bus(&["check", "--against", "git:--output=x"]);
    assert!(code == 2 && error.contains("that is no name of a commit"), "{error}");
}

#[test]
fn check_compares_manifests_with_files_and_names_who_calls() {
    let folder = shop();
    folder.json("old/shop.json", &manifest("shop", &[orders()], &[]));
    folder.json("shop.json", &manifest("shop", &[next_orders()], &[]));
    let (code, text, _) = folder.bus(&["check", "shop.json", "facade.json", "--against", "old"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("called by facade/1.0.0"), "{text}");
    folder.json("shop.json", &manifest("shop", &[], &[]));
    folder.json("facade.json", &manifest("facade", &[], &[]));
    let (code, text, _) = folder.bus(&["check", "shop.json", "--against", "old/shop.json"]);
    assert!(code == 1 && text.contains("place: old callers to new servers: refused"), "{text}");
    folder.json("lock.json", &lock(orders(), false));
    let (code, text, _) = folder.bus(&["check", "facade.json", "--against", "lock.json"]);
    assert!(code == 1 && text.contains("the method is gone"), "{text}");
}

#[test]
fn a_program_is_asked_for_its_manifest_within_a_time() {
    let folder = shop();
    folder.program("shop", "[ \"$BUS_DESCRIBE\" = json ] && [ -z \"$BUS_BROKERS\" ] && cat shop.json");
    let asked = |program: &str| folder.bus(&["ls", "--run", program, "--run-timeout", "2s"]);
    let (code, text, error) = asked("./shop");
    assert!(code == 0 && text.contains("shop/1.0.0"), "{text}{error}");
    folder.program("silent", "exit 0");
    folder.program("failing", "echo no broker is named >&2; exit 3");
    folder.program("wrong", "echo '{\"service\": 7}'");
    folder.program("flood", "exec yes");
    folder.program("slow", "exec sleep 600");
    for (program, part) in [
        ("./silent", "./silent: the program gave no manifest: it ended and printed nothing"),
        ("./failing", "it failed and said: no broker is named"),
        ("./wrong", "./wrong:1:"),
        ("./flood", "./flood: it is larger than 16777216 bytes"),
        ("./slow", "within 2s and was stopped"),
        ("./nowhere", "./nowhere: the program gave no manifest: "),
    ] {
        let (code, _, error) = asked(program);
        assert!(code == 2 && error.contains(part), "{program}: {error}");
    }
}

#[test]
fn wrong_inputs_are_named_with_their_line() {
    let folder = Folder::new();
    folder.write("a.json", "{\n  \"service\": \"x\",\n  \"serves\": 7\n}");
    let (code, _, error) = folder.bus(&["ls", "a.json"]);
    assert!(code == 2 && error.starts_with("bus: a.json:3:"), "{error}");
    let (code, _, error) = folder.bus(&["ls", "b.json"]);
    assert!(code == 2 && error.starts_with("bus: b.json: cannot be read"), "{error}");
    let (code, _, error) = folder.bus(&["ls"]);
    assert!(code == 2 && error.contains("nothing to read"), "{error}");
    let (code, _, error) = folder.bus(&["ls", "--level", "not-calld=off", "a.json"]);
    assert!(code == 2 && error.contains("there are contract-breaks"), "{error}");
}

#[test]
fn board_writes_what_the_ending_says() {
    let folder = shop();
    for (file, part) in [("b.html", "<!doctype html>"), ("b.md", "# Interaction board"), ("b.json", "\"format\": 1")] {
        let (code, text, error) = folder.bus(&["board", "shop.json", "facade.json", "--out", file]);
        assert_eq!(
            (code, text.as_str()),
            (0, format!("{file}: 2 services, 1 contracts, 0 findings\n").as_str()),
            "{error}"
        );
        assert!(fs::read_to_string(folder.0.join(file)).unwrap().contains(part), "{file}");
    }
    let (code, _, error) = folder.bus(&["board", "shop.json", "--out", "b.pdf"]);
    assert!(code == 2 && error.contains("the ending must be"), "{error}");
    let (_, text, _) = folder.bus(&["board", "shop.json", "facade.json", "--json"]);
    assert_eq!(text, fs::read_to_string(folder.0.join("b.json")).unwrap());
}

#[test]
fn ls_and_info_tell_what_is_known() {
    let folder = shop();
    let (_, text, _) = folder.bus(&["ls", "shop.json", "facade.json"]);
    assert_eq!(
        text,
        "SERVICE       SERVES  CALLS\n\
         facade/1.0.0  -       Orders\n\
         shop/1.0.0    Orders  -\n\n\
         CONTRACT  REQUESTS    REPLIES      CODEC  METHODS  VERSIONS\n\
         Orders    orders.req  orders.resp  json   2        1\n"
    );
    for (name, part) in [
        ("facade", "calls Orders, version 1 on this board\n"),
        ("Orders", "topic orders.req (requests), 7 partitions at least\n"),
        ("Orders", "served by shop/1.0.0\n"),
        ("Orders.place", "argument account: u64, chooses the partition\n"),
        ("Orders.place", "facade/1.0.0 calls shop/1.0.0: same\n"),
    ] {
        let (code, text, error) = folder.bus(&["info", name, "shop.json", "facade.json"]);
        assert!(code == 0 && text.contains(part), "{name}: {text}{error}");
    }
    let (code, text, _) = folder.bus(&["info", "Orders.place", "shop.json", "facade.json", "--json"]);
    let about: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, about["edges"].as_array().unwrap().len()), (0, 1));
    let (code, _, error) = folder.bus(&["info", "Order", "shop.json"]);
    assert!(code == 2 && error.contains("there are shop, Orders"), "{error}");
}

#[test]
fn pictures_documents_and_completions_are_printed() {
    let folder = shop();
    let (_, text, _) = folder.bus(&["mermaid", "shop.json", "facade.json"]);
    assert!(text.starts_with("flowchart LR\n") && text.contains("[(\"orders.req\")]"), "{text}");
    let (_, text, _) = folder.bus(&["mermaid", "shop.json", "--method", "Orders.place", "--json"]);
    assert!(serde_json::from_str::<Value>(&text).unwrap()["mermaid"].as_str().unwrap().starts_with("sequenceDiagram"));
    let (_, text, _) = folder.bus(&["asyncapi", "shop.json"]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["asyncapi"], "3.0.0");
    let (code, _, error) = folder.bus(&["asyncapi", "shop.json", "facade.json"]);
    assert!(code == 2 && error.contains("name one with --service (facade/1.0.0, shop/1.0.0)"), "{error}");
    let (code, text, _) = folder.bus(&["asyncapi", "shop.json", "facade.json", "--out", "docs", "--json"]);
    let files: Vec<String> = serde_json::from_str(&text).unwrap();
    assert_eq!((code, files.len()), (0, 2));
    assert!(Path::new(&folder.0.join(&files[0])).is_file(), "{files:?}");
    let (code, text, _) = folder.bus(&["completions", "bash"]);
    assert!(code == 0 && text.contains("_bus()"), "{text}");
}

#[test]
fn a_terminal_is_not_moved_by_names() {
    let folder = Folder::new();
    folder.json("a.json", &manifest("\u{1b}[2Jx\u{202e}", &[orders()], &[]));
    let (_, text, _) = folder.bus(&["ls", "a.json"]);
    assert!(text.contains("\\u{1b}[2Jx\\u{202e}") && !text.contains('\u{1b}'), "{text}");
    let (_, text, _) = folder.bus(&["check", "a.json"]);
    assert!(!text.contains('\u{1b}'), "{text}");
}
