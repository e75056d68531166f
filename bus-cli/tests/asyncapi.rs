//! AsyncAPI: what the official parser lets pass and a reader would stumble over. Each assertion is seen
//! to catch what it is there for.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use std::collections::BTreeSet;

use bus_cli::asyncapi::document;
use serde_json::{Map, Value, json};

use self::common::{board, fog, manifest, orders, payments};

/// What is wrong with a document, by five assertions and the names of keys.
fn problems(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let channels = document["channels"].as_object().unwrap();
    for (id, operation) in document["operations"].as_object().unwrap() {
        let Some(reply) = operation.get("reply") else { continue };
        let target = reply["channel"]["$ref"].as_str().unwrap_or_default();
        let inside = format!("{target}/messages/");
        for message in reply["messages"].as_array().into_iter().flatten() {
            let message = message["$ref"].as_str().unwrap_or_default();
            if !message.starts_with(&inside) || document.pointer(message.trim_start_matches('#')).is_none() {
                found.push(format!("{id}: reply message {message} is none of its channel"));
            }
        }
        let address = document.pointer(target.trim_start_matches('#')).and_then(|channel| channel.get("address"));
        if reply.get("address").is_some() && address.is_some_and(|address| !address.is_null()) {
            found.push(format!("{id}: the reply has an address, and so has its channel"));
        }
    }
    for (id, channel) in channels {
        let messages: Vec<(&String, &Value)> = channel["messages"].as_object().unwrap().iter().collect();
        for (name, message) in &messages {
            correlation(id, name, message, &mut found);
            for example in message["examples"].as_array().into_iter().flatten() {
                let kind = message["payload"]["type"].as_str().unwrap_or("null");
                if !fits(&example["payload"], kind) {
                    found.push(format!("{id}.{name}: an example is not of the payload's type"));
                }
            }
        }
        for (at, (name, one)) in messages.iter().enumerate() {
            for (other, two) in &messages[at + 1..] {
                if !apart(&one["headers"], &two["headers"]) {
                    found.push(format!("{id}: a message may be {name} and {other}"));
                }
            }
        }
    }
    let keys = document["components"]["schemas"].as_object().unwrap().keys();
    for key in keys.chain(channels.keys()) {
        if !key.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter)) {
            found.push(format!("{key} is no key"));
        }
    }
    references(document, document, &mut found);
    found
}

fn correlation(channel: &str, name: &str, message: &Value, found: &mut Vec<String>) {
    let Some(location) = message["correlationId"]["location"].as_str() else { return };
    let header = location.strip_prefix("$message.header#/").unwrap_or_default();
    if message["headers"]["properties"].get(header).is_none() {
        found.push(format!("{channel}.{name}: the correlation id is in `{header}`, which is not declared"));
    }
}

fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        _ => value.is_null(),
    }
}

/// Whether no record has headers of both kinds: a header has two values, or one needs what the other forbids.
fn apart(one: &Value, two: &Value) -> bool {
    let needed = |headers: &Value| -> BTreeSet<String> {
        headers["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| Some(name.as_str()?.to_owned()))
            .collect()
    };
    let forbidden = |headers: &Value| needed(&headers["not"]);
    let fixed = |headers: &Value| -> Map<String, Value> {
        let needed = needed(headers);
        let all = headers["properties"].as_object().into_iter().flatten();
        let fixed = all.filter(|(name, _)| needed.contains(*name));
        fixed.filter_map(|(name, of)| Some((name.clone(), of.get("const")?.clone()))).collect()
    };
    let (first, second) = (fixed(one), fixed(two));
    first.iter().any(|(name, value)| second.get(name).is_some_and(|other| other != value))
        || !needed(one).is_disjoint(&forbidden(two))
        || !needed(two).is_disjoint(&forbidden(one))
}

/// Every reference leads somewhere.
fn references(root: &Value, at: &Value, found: &mut Vec<String>) {
    match at {
        Value::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Value::as_str)
                && root.pointer(target.trim_start_matches('#')).is_none()
            {
                found.push(format!("{target} leads nowhere"));
            }
            members.values().for_each(|member| references(root, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(root, item, found)),
        _ => {}
    }
}

fn documents() -> (Value, Value) {
    let board = board(&[
        manifest("shop", &[orders(), fog()], &[(payments(), Some(&["pay"]))]),
        manifest("facade", &[], &[(orders(), Some(&["place"]))]),
        manifest("bank", &[payments()], &[]),
    ]);
    (document(&board, "shop/1.0.0").unwrap(), document(&board, "facade/1.0.0").unwrap())
}

#[test]
fn a_document_of_a_server_and_of_a_caller_have_requests_with_replies() {
    let (server, caller) = documents();
    assert_eq!(problems(&server), [] as [&str; 0]);
    assert_eq!(problems(&caller), [] as [&str; 0]);
    assert_eq!((server["asyncapi"].as_str(), server["info"]["title"].as_str()), (Some("3.0.0"), Some("shop")));
    let place = &server["operations"]["serve.Orders.place"];
    assert_eq!(place["action"], "receive");
    assert_eq!(place["reply"]["channel"]["$ref"], "#/channels/Orders.place.replies");
    assert_eq!((&place["x-bus-timeout-ms"], &place["x-bus-partition-by"]), (&json!(2_000), &json!("account")));
    assert_eq!(place["bindings"]["kafka"]["groupId"]["enum"], json!(["orders.req"]));
    assert_eq!(server["channels"]["Orders.requests"]["address"], "orders.req");
    assert_eq!(server["channels"]["Orders.requests"]["bindings"]["kafka"]["partitions"], 7);
    assert_eq!(server["channels"]["Orders.place.replies"]["address"], "orders.resp");
    assert_eq!(server["operations"]["call.Payments.pay"]["action"], "send");
    let operations: Vec<&String> = caller["operations"].as_object().unwrap().keys().collect();
    assert_eq!(operations, ["call.Orders.place"], "a caller has what it calls");
    let list = &server["channels"]["Orders.requests"]["messages"]["list"];
    assert_eq!(list["x-eventcatalog-message-type"], "query");
}

#[test]
fn each_assertion_catches_what_the_official_parser_lets_pass() {
    let (server, _) = documents();
    let plant = |change: &dyn Fn(&mut Value), part: &str| {
        let mut document = server.clone();
        change(&mut document);
        let found = problems(&document);
        assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:?}");
    };
    plant(
        &|document| {
            document["components"]["messages"]["answer"] = json!({});
            document["operations"]["serve.Orders.place"]["reply"]["messages"][0]["$ref"] =
                json!("#/components/messages/answer");
        },
        "is none of its channel",
    );
    plant(
        &|document| {
            document["operations"]["serve.Orders.place"]["reply"]["address"] =
                json!({ "location": "$message.header#/x" });
        },
        "the reply has an address, and so has its channel",
    );
    plant(
        &|document| {
            document["channels"]["Orders.requests"]["messages"]["place"]["correlationId"] =
                json!({ "location": "$message.header#/token" });
        },
        "`token`, which is not declared",
    );
    plant(
        &|document| {
            let headers = &mut document["channels"]["Orders.requests"]["messages"]["place"]["headers"];
            headers["properties"]["bus-method"] = json!({ "type": "string" });
        },
        "a message may be",
    );
    plant(
        &|document| {
            document["channels"]["Fog.look.replies"]["messages"]["answer"]["examples"] =
                json!([{ "payload": "seven" }]);
        },
        "an example is not of the payload's type",
    );
    plant(&|document| document["components"]["schemas"]["a::B"] = json!({}), "a::B is no key");
    plant(
        &|document| {
            document["components"]["schemas"] = json!({});
        },
        "leads nowhere",
    );
}
