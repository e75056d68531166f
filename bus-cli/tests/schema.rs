//! The schema of `board.json` is what boards are: every board keeps it, and it lets nothing else pass.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeSet;

use bus_cli::board::{Board, Rule, SCHEMA};
use serde_json::{Value, json};

use self::common::{board, fog, lock, manifest, next_orders, orders, payments, returns};

/// What of JSON Schema the document uses. A word that is not here fails, so that none is passed over.
fn check(root: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let Some(words) = schema.as_object() else { panic!("no schema at {at}: {schema}") };
    let mut fail = |why: &str| wrong.push(format!("{at}: {why}: {value}"));
    for (word, said) in words {
        match word.as_str() {
            "$ref" => {
                let target = root.pointer(said.as_str().unwrap().trim_start_matches('#')).unwrap();
                check(root, target, value, at, wrong);
                return;
            }
            "const" if value != said => fail("another value"),
            "enum" if !said.as_array().unwrap().contains(value) => fail("none of the values"),
            "type" => {
                let kinds: Vec<&Value> = said.as_array().map_or_else(|| vec![said], |all| all.iter().collect());
                if !kinds.iter().any(|kind| is_a(value, kind.as_str().unwrap())) {
                    fail("another type");
                }
            }
            "minimum" if value.as_f64().is_some_and(|number| number < said.as_f64().unwrap()) => fail("too small"),
            "minItems" if value.as_array().is_some_and(|all| (all.len() as u64) < said.as_u64().unwrap()) => {
                fail("too few");
            }
            // Passed by the arms above, or looked at below.
            "$schema"
            | "title"
            | "description"
            | "definitions"
            | "const"
            | "enum"
            | "minimum"
            | "minItems"
            | "items"
            | "properties"
            | "additionalProperties" => {}
            "required" => {
                for name in said.as_array().unwrap().iter().map(|name| name.as_str().unwrap()) {
                    if value.as_object().is_some_and(|members| !members.contains_key(name)) {
                        fail(&format!("{name} is missing"));
                    }
                }
            }
            "oneOf" => {
                let passes = |one: &&Value| {
                    let mut inner = Vec::new();
                    check(root, one, value, at, &mut inner);
                    inner.is_empty()
                };
                if said.as_array().unwrap().iter().filter(passes).count() != 1 {
                    fail("not one of them");
                }
            }
            word => panic!("the schema says `{word}`, which is not checked here"),
        }
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = words.get("items") {
            check(root, items, item, &format!("{at}/{place}"), wrong);
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let known = words.get("properties").and_then(|all| all.get(name));
        match (known, words.get("additionalProperties")) {
            (Some(schema), _) | (None, Some(schema @ Value::Object(_))) => {
                check(root, schema, member, &format!("{at}/{name}"), wrong);
            }
            (None, Some(Value::Bool(false))) => wrong.push(format!("{at}: {name} is unknown")),
            (None, _) => {}
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        kind => panic!("the schema says type `{kind}`, which is not checked here"),
    }
}

fn wrong(value: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let mut wrong = Vec::new();
    check(&schema, &schema, value, "", &mut wrong);
    wrong
}

/// Boards with something of everything.
fn boards() -> Vec<Value> {
    let callers = manifest("facade", &[], &[(orders(), None), (payments(), Some(&["pay"])), (fog(), None)]);
    [
        board(&[]),
        board(&[lock(orders(), false), lock(next_orders(), true)]),
        board(&[manifest("shop", &[next_orders(), returns(), fog()], &[]), callers, lock(orders(), false)]),
    ]
    .iter()
    .map(|board| serde_json::to_value(board).unwrap())
    .collect()
}

#[test]
fn every_board_keeps_the_schema_and_goes_through_json_and_back() {
    for board in boards() {
        assert_eq!(wrong(&board), [] as [&str; 0]);
        let read: Board = serde_json::from_value(board.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), board);
    }
}

#[test]
fn the_boards_of_this_test_have_all_that_the_schema_speaks_of() {
    let all = boards();
    for part in ["services", "contracts", "topics", "roles", "edges", "what_if", "findings"] {
        assert!(all.iter().any(|board| !board[part].as_array().unwrap().is_empty()), "no board has {part}");
    }
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let said: BTreeSet<&str> = schema
        .pointer("/definitions/finding/properties/rule/enum")
        .and_then(Value::as_array)
        .unwrap()
        .iter()
        .map(|rule| rule.as_str().unwrap())
        .collect();
    assert_eq!(said, Rule::ALL.iter().map(|rule| rule.name()).collect());
}

#[test]
fn what_is_no_board_does_not_pass() {
    let board = boards().pop().unwrap();
    for (place, value) in [
        ("/format", json!(2)),
        ("/findings/0/level", json!("bad")),
        ("/findings/0/rule", json!("something-else")),
        ("/edges/0/verdict/outcome", json!("green")),
        ("/topics/0/partitions", json!(0)),
        ("/services/0/name", json!(7)),
        ("/contracts/0/versions", json!([])),
        ("/contracts/0/versions/0/contract/methods/0/answer", json!({ "name": "u8" })),
    ] {
        let mut changed = board.clone();
        *changed.pointer_mut(place).unwrap_or_else(|| panic!("there is no {place}")) = value;
        assert!(!wrong(&changed).is_empty(), "{place} passes");
    }
    let mut more = board.clone();
    more["colour"] = json!("red");
    assert_eq!(wrong(&more), [": colour is unknown"]);
    let mut less = board;
    less.as_object_mut().unwrap().remove("roles");
    assert!(wrong(&less)[0].starts_with(": roles is missing"));
}
