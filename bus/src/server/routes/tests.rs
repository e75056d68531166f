//! Who serves a method, and which contracts cannot be told apart on one topic.

#![allow(clippy::unwrap_used)]

use super::super::service::Plain;
use super::*;

#[crate::request(topic = "stock.req", reply = "stock.resp")]
trait Stock {
    async fn count(&self, item: u64) -> Result<u64, String>;
    async fn take(&self, item: u64) -> Result<u64, String>;
}

#[crate::request(topic = "stock.req", reply = "stock.resp")]
trait Audit {
    async fn sum(&self) -> Result<u64, String>;
}

/// A method of the same name on the same topic.
#[crate::request(topic = "stock.req", reply = "stock.resp")]
trait Recount {
    async fn count(&self) -> Result<u64, String>;
}

#[crate::request(topic = "stock.req", reply = "elsewhere.resp")]
trait Elsewhere {
    async fn find(&self) -> Result<u64, String>;
}

#[crate::request(topic = "clock.req", reply = "clock.resp")]
trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

struct Zero;

impl Stock for Zero {
    async fn count(&self, item: u64) -> Result<u64, String> {
        Ok(item)
    }
    async fn take(&self, item: u64) -> Result<u64, String> {
        Ok(item)
    }
}

impl Audit for Zero {
    async fn sum(&self) -> Result<u64, String> {
        Ok(0)
    }
}

impl Recount for Zero {
    async fn count(&self) -> Result<u64, String> {
        Ok(0)
    }
}

impl Elsewhere for Zero {
    async fn find(&self) -> Result<u64, String> {
        Ok(0)
    }
}

impl Clock for Zero {
    async fn now(&self) -> Result<u64, String> {
        Ok(0)
    }
}

fn served(service: impl Erased) -> (Arc<dyn Erased>, TopicNames) {
    let names = TopicNames::of(service.contract(), "", None).unwrap();
    (Arc::new(service), names)
}

fn stock() -> (Arc<dyn Erased>, TopicNames) {
    served(Plain(StockServer::new(Zero)))
}

#[test]
fn a_method_is_found_among_all_contracts_of_its_topic_and_nowhere_else() {
    let services = vec![stock(), served(Plain(AuditServer::new(Zero))), served(Plain(ClockServer::new(Zero)))];
    let topics = Routes::by_topic(services).unwrap();
    assert_eq!(topics.keys().collect::<Vec<_>>(), ["clock.req", "stock.req"]);
    let stock = &topics["stock.req"];
    for (method, contract) in [("count", "Stock"), ("take", "Stock"), ("sum", "Audit")] {
        let route = stock.find(Some(method)).unwrap();
        assert_eq!((route.method.name(), route.contract.name()), (method, contract));
    }
    let refused = stock.find(Some("now")).map(|route| route.method.name()).unwrap_err();
    assert_eq!(refused, "\"now\" is not served here; served are count, sum, take");
}

#[test]
fn a_request_that_names_no_method_goes_to_the_only_one_there_is() {
    let topics = Routes::by_topic(vec![stock(), served(Plain(ClockServer::new(Zero)))]).unwrap();
    assert_eq!(topics["clock.req"].find(None).unwrap().method.name(), "now");
    let refused = topics["stock.req"].find(None).map(|route| route.method.name()).unwrap_err();
    assert!(refused.contains("several are served: count, take"), "{refused}");
}

#[test]
fn of_a_name_from_outside_no_more_is_repeated_than_a_name_has() {
    let topics = Routes::by_topic(vec![stock()]).unwrap();
    let refused = topics["stock.req"].find(Some(&"x".repeat(10_000))).map(|_| ()).unwrap_err();
    assert!(refused.len() < 200 && refused.contains(&"x".repeat(64)), "{refused}");
}

#[test]
fn contracts_that_cannot_be_told_apart_are_refused() {
    let refused = |other| Routes::by_topic(vec![stock(), other]).map(|_| ()).unwrap_err();
    let again = refused(stock());
    assert!(matches!(&again, ServeError::ServedTwice { contract } if contract == "Stock"), "{again:?}");
    let same = refused(served(Plain(RecountServer::new(Zero))));
    assert!(
        matches!(&same, ServeError::AmbiguousMethod { method, first, second, .. }
        if (method.as_str(), first.as_str(), second.as_str()) == ("count", "Stock", "Recount")),
        "{same:?}"
    );
    let elsewhere = refused(served(Plain(ElsewhereServer::new(Zero))));
    assert!(matches!(&elsewhere, ServeError::ReplyTopics { topic, .. } if topic == "stock.req"), "{elsewhere:?}");
}
