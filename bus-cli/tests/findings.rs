//! What is wrong with a system is planted, seen found, and seen gone.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;

use bus::contract::Outcome;
use bus_cli::board::{Evidence, Level, Levels, Rule};
use serde_json::json;

use self::common::{board, board_at, fog, ids, lock, mail, manifest, next_orders, orders, payments, returns};

#[test]
fn two_sides_that_get_on_have_no_finding_and_their_edges_are_the_same() {
    let board = board(&[manifest("shop", &[orders()], &[]), manifest("facade", &[], &[(orders(), None)])]);
    assert_eq!(ids(&board), [] as [&str; 0]);
    assert_eq!(board.edges.len(), 2);
    assert!(board.edges.iter().all(|edge| edge.verdict.as_ref().unwrap().outcome == Outcome::Same));
    assert!(board.edges.iter().all(|edge| edge.evidence == Evidence::Possible));
}

#[test]
fn a_server_that_breaks_a_caller_is_named_with_the_field_and_what_both_sides_say() {
    let caller = manifest("facade", &[], &[(orders(), Some(&["list"]))]);
    let other = manifest("robot", &[], &[(orders(), Some(&["place"]))]);
    let broken = board(&[manifest("shop", &[next_orders()], &[]), caller.clone(), other.clone()]);
    assert_eq!(ids(&broken), ["contract-by-value/Orders/list/facade/1.0.0/shop/1.0.0"]);
    let finding = &broken.findings[0];
    assert_eq!((finding.rule, finding.level), (Rule::ContractByValue, Level::Error), "an empty list is still read");
    assert!(
        finding.sentence.contains("answers facade/1.0.0 arrives in part: answer, `[].pieces`"),
        "{}",
        finding.sentence
    );
    let says: Vec<&str> = finding.sides.iter().map(|side| side.says.as_str()).collect();
    assert!(says[0].starts_with("reads Vec<Order { article: string, pieces: u32"), "{says:?}");
    assert!(says[1].starts_with("writes Vec<Order { article: string, count: u32"), "{says:?}");
    assert_eq!(finding.sides[1].evidence, ["shop.json"]);
    // Mended: the server is what it was.
    let mended = board(&[manifest("shop", &[orders()], &[]), caller, other]);
    assert_eq!(ids(&mended), [] as [&str; 0]);
}

#[test]
fn what_nobody_can_look_into_is_unknown_even_where_both_sides_are_one_build() {
    let both = [manifest("weather", &[fog()], &[]), manifest("facade", &[], &[(fog(), None)])];
    let found = board(&both);
    assert_eq!(found.edges[0].verdict.as_ref().unwrap().outcome, Outcome::Unknown);
    assert_eq!(ids(&found), ["contract-unknown/Fog/look/facade/1.0.0/weather/1.0.0"]);
    // Both sides vouch for it with the same text.
    let vouched = both.clone().map(|mut manifest| {
        for side in ["/serves/0/methods/0", "/calls/0/contract/methods/0"] {
            if let Some(method) = manifest.pointer_mut(side) {
                method["opaque"] = json!("v1");
            }
        }
        manifest
    });
    assert_eq!(ids(&board(&vouched)), [] as [&str; 0]);
    // Only one does.
    let half = board(&[vouched[0].clone(), both[1].clone()]);
    assert_eq!(half.edges[0].verdict.as_ref().unwrap().outcome, Outcome::Refused);
}

#[test]
fn what_cannot_be_read_at_all_breaks_and_the_levels_of_both_can_be_lowered() {
    let mut caller = manifest("facade", &[], &[(orders(), Some(&["list"]))]);
    // The caller's orders have room for fewer pieces.
    let text = caller.to_string();
    let types = caller["calls"][0]["contract"]["types"].as_array_mut().unwrap();
    let narrow = types.iter().position(|shape| shape == "u32").unwrap_or_else(|| panic!("{text}"));
    types[narrow] = json!("u16");
    let both = [manifest("shop", &[orders()], &[]), caller];
    let lowered = Levels::default().with(Rule::ContractByValue, Level::Warn);
    let finding = &board_at(&both, &lowered).findings[0];
    assert_eq!((finding.rule, finding.level), (Rule::ContractByValue, Level::Warn));
    let mut changed = manifest("shop", &[orders()], &[]).to_string();
    changed = changed.replace("\"article\"", "\"title\"");
    let both = [serde_json::from_str(&changed).unwrap(), manifest("facade", &[], &[(orders(), Some(&["place"]))])];
    let broken = board(&both);
    let finding = &broken.findings[0];
    assert_eq!((finding.rule, finding.level), (Rule::ContractBreaks, Level::Error));
    assert_eq!(finding.methods, ["place"]);
    assert!(finding.sentence.contains("argument `order`"), "{}", finding.sentence);
}

#[test]
fn a_caller_of_what_nobody_serves_is_found_and_gone_with_its_server() {
    let caller = manifest("facade", &[], &[(payments(), None)]);
    let alone = board(std::slice::from_ref(&caller));
    assert_eq!(ids(&alone), ["not-served/Payments/facade/1.0.0"]);
    assert!(alone.edges[0].server.is_none() && alone.edges[0].verdict.is_none());
    let served = board(&[caller.clone(), manifest("bank", &[payments()], &[])]);
    assert_eq!(ids(&served), [] as [&str; 0]);
    // On another topic it is another contract, and that is said.
    let mut elsewhere = manifest("bank", &[payments()], &[]);
    elsewhere["serves"][0]["topic"] = json!("pay.req");
    let board = board(&[caller, elsewhere]);
    let finding = board.findings.iter().find(|finding| finding.rule == Rule::NotServed).unwrap();
    assert!(finding.sentence.contains("`Payments (pay.req)` is served, on another topic"), "{}", finding.sentence);
}

#[test]
fn a_method_that_nobody_calls_is_found_and_gone_with_its_caller() {
    let shop = manifest("shop", &[orders()], &[]);
    let found = board(&[shop.clone(), manifest("facade", &[], &[(orders(), Some(&["place"]))])]);
    assert_eq!(ids(&found), ["not-called/Orders/list/shop/1.0.0"]);
    assert_eq!(found.findings[0].sides[1].says, "calls `place` alone");
    assert_eq!(found.edges[0].evidence, Evidence::Declared);
    let called = board(&[shop, manifest("facade", &[], &[(orders(), Some(&["place", "list"]))])]);
    assert_eq!(ids(&called), [] as [&str; 0]);
}

#[test]
fn a_topic_of_two_contracts_is_an_error_unless_every_server_serves_both() {
    let caller = manifest("facade", &[], &[(orders(), None), (returns(), None)]);
    let apart = [manifest("shop", &[orders()], &[]), manifest("desk", &[returns()], &[]), caller.clone()];
    let found = board(&apart);
    assert_eq!(ids(&found), ["topic-shared/orders.req"]);
    assert_eq!(found.findings[0].level, Level::Error);
    assert_eq!(found.findings[0].contracts, ["Orders", "Returns"]);
    let together = board(&[manifest("shop", &[orders(), returns()], &[]), caller.clone()]);
    assert_eq!(together.findings[0].level, Level::Warn);
    let mut moved = apart;
    for (at, place) in [(1, "/serves/0"), (2, "/calls/1/contract")] {
        let contract = moved[at].pointer_mut(place).unwrap();
        contract["topic"] = json!("returns.req");
        contract["reply"] = json!("returns.resp");
    }
    assert_eq!(ids(&board(&moved)), [] as [&str; 0]);
}

#[test]
fn reply_topics_that_are_shared_or_too_small_are_found_and_gone() {
    let servers = [manifest("bank", &[payments()], &[]), manifest("post", &[mail()], &[])];
    let caller = manifest("facade", &[], &[(payments(), None), (mail(), None)]);
    let found = board(&[servers[0].clone(), servers[1].clone(), caller]);
    assert_eq!(ids(&found), ["reply-shared/payments.resp"]);
    assert!(found.findings[0].sentence.contains("`Mail`, `Payments`"), "{}", found.findings[0].sentence);

    let callers = ["one", "two", "three"].map(|name| manifest(name, &[], &[(payments(), None)]));
    let three: Vec<_> = callers.iter().cloned().chain([servers[0].clone()]).collect();
    let small = board(&three);
    assert_eq!(ids(&small), ["reply-too-small/payments.resp"]);
    assert!(small.findings[0].sentence.starts_with("3 services read replies"), "{}", small.findings[0].sentence);
    let two: Vec<_> = callers[..2].iter().cloned().chain([servers[0].clone()]).collect();
    assert_eq!(ids(&board(&two)), [] as [&str; 0]);
}

#[test]
fn a_lock_alone_accuses_nobody_and_its_versions_are_matched_with_what_runs() {
    let alone = board(&[lock(orders(), false)]);
    assert_eq!(ids(&alone), [] as [&str; 0]);
    assert!(alone.edges.is_empty() && alone.services.is_empty());
    let both = board(&[manifest("shop", &[orders()], &[]), lock(orders(), true), lock(next_orders(), true)]);
    let versions = &both.contracts[0].versions;
    assert_eq!(versions.len(), 2);
    assert_eq!((versions[0].locked.as_slice(), versions[0].retired), (&[1][..], false), "what runs is not retired");
    assert!(versions[1].retired);
}

#[test]
fn a_level_makes_a_rule_stricter_or_silent() {
    let shop = [manifest("shop", &[orders()], &[]), manifest("facade", &[], &[(orders(), Some(&["place"]))])];
    let silent = board_at(&shop, &Levels::default().with(Rule::NotCalled, Level::Off));
    assert_eq!(ids(&silent), [] as [&str; 0]);
    let strict = board_at(&shop, &Levels::default().with(Rule::NotCalled, Level::Error));
    assert_eq!(strict.findings[0].level, Level::Error);
}

#[test]
fn what_would_break_is_said_for_each_caller_before_anybody_changes_anything() {
    let board = board(&[manifest("shop", &[orders()], &[]), manifest("facade", &[], &[(orders(), None)])]);
    let of = |method: &str, change: &str| {
        let found = board.what_if.iter().find(|it| it.method == method && it.change == change);
        found.unwrap_or_else(|| panic!("{change}: {:#?}", board.what_if)).callers[0].outcome
    };
    // What serde takes is taken; the verdict is the library's own.
    assert_eq!(of("list", "a field added to `Order`"), Outcome::Safe);
    assert_eq!(of("list", "field `pieces` of `Order` removed"), Outcome::ByValue, "an empty list is still read");
    assert_eq!(of("list", "field `note` of `Order` renamed"), Outcome::Refused);
    assert_eq!(of("place", "a field without a default added to `Order`"), Outcome::ErrorInDecoding);
    assert_eq!(of("place", "a field with a default added to `Order`"), Outcome::Safe);
    assert_eq!(of("place", "a variant added to `OrderError`"), Outcome::ByValue);
    assert_eq!(board.what_if_left_out, 0);
}
