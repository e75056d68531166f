//! Locks in a workspace of three contract crates that share a crate of types: the tests that the
//! attribute makes, in releases that are and that are not as locked.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo test` says of the three crates, and whether it is content.
fn tested(features: &[&str], update: bool) -> (bool, String) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--no-fail-fast", "--lib"]).env_remove("BUS_UPDATE_LOCK");
    if update {
        cargo.env("BUS_UPDATE_LOCK", "1");
    }
    for name in ["orders", "payments", "stock"] {
        cargo.args(["-p", &format!("bus-tests-locked-{name}")]);
    }
    for feature in features {
        cargo.args(["--features", feature]);
    }
    let output = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), text)
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// A file that is as it was at the end, or gone if it was not there.
struct Kept {
    file: PathBuf,
    was: Option<String>,
}

impl Kept {
    fn of(file: &str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("locks").join(file);
        let was = std::fs::read_to_string(&file).ok();
        Self { file, was }
    }

    fn now(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = match &self.was {
            Some(text) => std::fs::write(&self.file, text),
            None => std::fs::remove_file(&self.file),
        };
    }
}

// One test, for all of it is about the same files.
#[test]
fn contracts_that_are_as_locked_pass_and_others_say_what_breaks() {
    let (passed, text) = tested(&[], false);
    assert!(passed, "{text}");
    for test in ["contract_of_orders", "contract_of_payments", "contract_of_stock", "inner::contract_of_shelves"] {
        says(&text, &[&format!("test {test}_is_as_locked ... ok")]);
    }
    a_missing_file_and_a_file_without_its_trait_fail();

    // A field of a shared type renamed: both contracts that use it break, and the others do not.
    let (passed, text) = tested(&["bus-tests-locked-types/next"], false);
    assert!(!passed, "{text}");
    says(
        &text,
        &[
            "test contract_of_orders_is_as_locked ... FAILED",
            "test contract_of_stock_is_as_locked ... FAILED",
            "test contract_of_payments_is_as_locked ... ok",
            "test inner::contract_of_shelves_is_as_locked ... ok",
            "place, argument `products`: old callers to new servers: refused before decoding: `[].title`",
            "products, answer: old servers to new callers: refused before decoding: `[].title`",
            "no order of deployment works",
        ],
    );

    // With another feature it is another contract, whose version nobody has recorded.
    let (passed, text) = tested(&["bus-tests-locked-stock/recount"], false);
    assert!(passed, "{text}");
    an_update_appends_a_version_with_its_features();
}

fn a_missing_file_and_a_file_without_its_trait_fail() {
    let missing = Kept::of("payments/bus.lock/Payments.json");
    std::fs::remove_file(&missing.file).unwrap();
    let stray = Kept::of("orders/bus.lock/Invoices.json");
    std::fs::write(&stray.file, "{}").unwrap();
    let (passed, text) = tested(&[], false);
    assert!(!passed, "{text}");
    says(
        &text,
        &[
            "test contract_of_payments_is_as_locked ... FAILED",
            "Payments.json is missing: `BUS_UPDATE_LOCK=1 cargo test` writes it",
            "test contract_of_orders_is_as_locked ... FAILED",
            "Invoices.json belongs to no trait under `#[bus::request]` in this crate",
            "test contract_of_stock_is_as_locked ... ok",
        ],
    );
}

fn an_update_appends_a_version_with_its_features() {
    let (stock, shelves) = (Kept::of("stock/bus.lock/Stock.json"), Kept::of("stock/bus.lock/Shelves.json"));
    let (passed, text) = tested(&["bus-tests-locked-stock/recount"], true);
    assert!(passed, "{text}");
    // What was there stays as it was, and the new version stands behind it.
    let (was, now) = (stock.was.as_deref().unwrap(), stock.now());
    let kept = was.strip_suffix("    }\n  ]\n}\n").unwrap();
    assert!(now.starts_with(kept), "{now}");
    says(&now[kept.len()..], &["\"version\": 2", "\"features\": [\n        \"recount\"", "\"name\": \"recount\""]);
    // A trait that asks for no feature has no new version.
    assert_eq!(Some(shelves.now()), shelves.was);
    // From now on the method is part of what may be deployed; without the feature it is another contract.
    for features in [&[][..], &["bus-tests-locked-stock/recount"]] {
        let (passed, text) = tested(features, false);
        assert!(passed, "{text}");
    }
    // What is as the last version is not appended.
    let appended = stock.now();
    assert!(tested(&["bus-tests-locked-stock/recount"], true).0);
    assert_eq!(stock.now(), appended);
}
