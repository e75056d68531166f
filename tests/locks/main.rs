//! Locks in a workspace of three contract crates that share a crate of types: the tests that the
//! attribute makes, in releases that are and that are not as locked.

#![allow(clippy::unwrap_used)]

use std::process::Command;

/// What `cargo test` says of the three crates, and whether it is content.
fn tested(features: &[&str]) -> (bool, String) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--offline", "--no-fail-fast", "--lib"]).env_remove("BUS_UPDATE_LOCK");
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

#[test]
fn contracts_that_are_as_locked_pass_and_others_say_what_breaks() {
    let (passed, text) = tested(&[]);
    assert!(passed, "{text}");
    for test in ["contract_of_orders", "contract_of_payments", "contract_of_stock", "inner::contract_of_shelves"] {
        assert!(text.contains(&format!("test {test}_is_as_locked ... ok")), "{test}: {text}");
    }

    // A field of a shared type renamed: both contracts that use it break, and the others do not.
    let (passed, text) = tested(&["bus-tests-locked-types/next"]);
    assert!(!passed, "{text}");
    for part in [
        "test contract_of_orders_is_as_locked ... FAILED",
        "test contract_of_stock_is_as_locked ... FAILED",
        "test contract_of_payments_is_as_locked ... ok",
        "test inner::contract_of_shelves_is_as_locked ... ok",
        "place, argument `products`: old callers to new servers: refused before decoding: `[].title`",
        "products, answer: old servers to new callers: refused before decoding: `[].title`",
        "no order of deployment works",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }

    // With another feature it is another contract, whose version nobody has recorded.
    let (passed, text) = tested(&["bus-tests-locked-stock/recount"]);
    assert!(passed, "{text}");
}
