//! Two sides that were built from two versions of a contract.

use std::future::IntoFuture;

use bus::{Bus, ConnectError, Failure, ServeError};
use bus_tests::plain::{Reader, Writer};
use bus_tests::{Broker, Counting, unique};

/// A trait in two versions, and a server of each that counts and gives back what it was given.
macro_rules! versions {
    ($name:ident, $topic:literal, $reply:literal, $codec:literal, $old:item => $new:item) => {
        mod $name {
            pub(super) mod old {
                #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
                $old
                #[bus::request(topic = $topic, reply = $reply, codec = $codec)]
                pub(crate) trait Orders {
                    async fn place(&self, order: Order) -> Result<Order, String>;
                }
                impl Orders for bus_tests::Counting {
                    async fn place(&self, order: Order) -> Result<Order, String> {
                        self.ran();
                        Ok(order)
                    }
                }
            }
            pub(super) mod new {
                #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
                $new
                #[bus::request(topic = $topic, reply = $reply, codec = $codec)]
                pub(crate) trait Orders {
                    async fn place(&self, order: Order) -> Result<Order, String>;
                }
                impl Orders for bus_tests::Counting {
                    async fn place(&self, order: Order) -> Result<Order, String> {
                        self.ran();
                        Ok(order)
                    }
                }
            }
        }
    };
}

versions!(swapped, "contracts.swapped.req", "contracts.swapped.resp", "bincode",
    pub(crate) struct Order { pub(crate) city: String, pub(crate) customer: String }
    => pub(crate) struct Order { pub(crate) customer: String, pub(crate) city: String });
versions!(renamed_json, "contracts.renamed.req", "contracts.renamed.resp", "json",
    pub(crate) struct Order { #[serde(default)] pub(crate) limit: Option<u32> }
    => pub(crate) struct Order { #[serde(default)] pub(crate) max: Option<u32> });
versions!(renamed_msgpack, "contracts.packed.req", "contracts.packed.resp", "msgpack",
    pub(crate) struct Order { #[serde(default)] pub(crate) limit: Option<u32> }
    => pub(crate) struct Order { #[serde(default)] pub(crate) max: Option<u32> });
versions!(more_json, "contracts.more.req", "contracts.more.resp", "json",
    pub(crate) struct Order { pub(crate) id: u64 }
    => pub(crate) struct Order { pub(crate) id: u64, #[serde(default)] pub(crate) note: Option<String> });
versions!(more_msgpack, "contracts.more-packed.req", "contracts.more-packed.resp", "msgpack",
    pub(crate) struct Order { pub(crate) id: u64 }
    => pub(crate) struct Order { pub(crate) id: u64, #[serde(default)] pub(crate) note: Option<String> });

async fn buses() -> (Bus, Bus) {
    let broker = Broker::shared();
    (broker.bus("service").await, broker.builder("facade").version("1.2").connect().await.unwrap())
}

/// The caller hears of it, and nothing has run.
fn refused(failure: &Failure, parts: &[&str]) {
    assert!(matches!(failure, Failure::ContractMismatch { .. }), "{failure:?}");
    assert!(!failure.may_have_run() && !failure.is_retryable());
    let text = failure.to_string();
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn fields_that_change_places_are_refused_under_bincode() {
    use swapped::{new, old};
    let (server, facade) = buses().await;
    let service = Counting::default();
    let serving = server.serve(new::OrdersServer::new(service.clone())).start().await.unwrap();
    let client: old::OrdersClient = facade.client().await.unwrap();
    for _ in 0..2 {
        let order = old::Order { city: "Jena".to_owned(), customer: "Ada".to_owned() };
        let failed = client.place(order).await.unwrap_err();
        refused(
            failed.failure().unwrap(),
            &["`place.order.customer`", "changed places", "facade/1.2", "Orders", "Order { city: string"],
        );
    }
    assert_eq!(service.count(), 0);
    assert_eq!(server.counters().dead_letters, 0);
    let client: new::OrdersClient = facade.client().await.unwrap();
    let order = new::Order { city: "Jena".to_owned(), customer: "Ada".to_owned() };
    assert_eq!(client.place(order.clone()).await, Ok(order));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_renaming_without_an_alias_is_refused_where_serde_would_lose_the_value() {
    let (server, facade) = buses().await;
    let service = Counting::default();
    let serving = server
        .serve(renamed_json::new::OrdersServer::new(service.clone()))
        .and(renamed_msgpack::new::OrdersServer::new(service.clone()))
        .start()
        .await
        .unwrap();
    let parts = ["`place.order.max`", "renamed? add `#[serde(alias = \"limit\")]`"];
    let client: renamed_json::old::OrdersClient = facade.client().await.unwrap();
    let failed = client.place(renamed_json::old::Order { limit: Some(7) }).await.unwrap_err();
    refused(failed.failure().unwrap(), &parts);
    let client: renamed_msgpack::old::OrdersClient = facade.client().await.unwrap();
    let failed = client.place(renamed_msgpack::old::Order { limit: Some(7) }).await.unwrap_err();
    refused(failed.failure().unwrap(), &parts);
    assert_eq!(service.count(), 0);
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn a_field_with_a_default_may_be_added_on_either_side() {
    let (server, facade) = buses().await;
    let serving = server.serve(more_json::new::OrdersServer::new(Counting::default())).start().await.unwrap();
    let client: more_json::old::OrdersClient = facade.client().await.unwrap();
    assert_eq!(client.place(more_json::old::Order { id: 7 }).await, Ok(more_json::old::Order { id: 7 }));
    serving.stop().await.unwrap();

    let serving = server.serve(more_msgpack::old::OrdersServer::new(Counting::default())).start().await.unwrap();
    let client: more_msgpack::new::OrdersClient = facade.client().await.unwrap();
    let order = more_msgpack::new::Order { id: 7, note: Some("n".to_owned()) };
    assert_eq!(client.place(order.clone()).await, Ok(more_msgpack::new::Order { note: None, ..order }));
    serving.stop().await.unwrap();
}

mod asked {
    #[bus::request(topic = "contracts.asked.req", reply = "contracts.asked.resp", codec = "json")]
    pub(super) trait Numbers {
        async fn double(&self, number: u32) -> Result<u64, String>;
    }
}

mod asked_older {
    #[bus::request(topic = "contracts.asked.req", reply = "contracts.asked.resp", codec = "json")]
    pub(super) trait Numbers {
        async fn double(&self, number: u16) -> Result<u64, String>;
    }
}

impl asked::Numbers for Counting {
    async fn double(&self, number: u32) -> Result<u64, String> {
        self.ran();
        Ok(u64::from(number) * 2)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_asks_once_and_nothing_runs_twice() {
    let broker = Broker::shared();
    let (server, facade) = buses().await;
    let service = Counting::default();
    let serving = server.serve(asked::NumbersServer::new(service.clone())).start().await.unwrap();
    let client: asked_older::NumbersClient = facade.client().await.unwrap();
    let mark = unique("asked");
    assert_eq!(client.double(4).header("tenant", mark.clone()).await, Ok(8));
    let again = unique("asked");
    assert_eq!(client.double(5).header("tenant", again.clone()).await, Ok(10));
    assert_eq!(service.count(), 2);

    // The first call was written twice, the second time with all that is known of its types; the
    // next call said it at once.
    let reader = Reader::new(&broker.address(), "contracts.asked.req");
    let (mut first, mut second) = (Vec::new(), Vec::new());
    reader.find("three records", |record| {
        let tenant = record.header("tenant").unwrap_or_default();
        let told = record.header("bus-shapes").is_some();
        if tenant == mark.as_bytes() {
            first.push(told);
        } else if tenant == again.as_bytes() {
            second.push(told);
        }
        first.len() == 2 && second.len() == 1
    });
    first.sort_unstable();
    assert_eq!((first, second), (vec![false, true], vec![true]));
    serving.stop().await.unwrap();
}

versions!(released, "contracts.released.req", "contracts.released.resp", "bincode",
    pub(crate) struct Order { pub(crate) city: String, pub(crate) customer: String }
    => pub(crate) struct Order { pub(crate) customer: String, pub(crate) city: String });

/// A peer of a release that sends no shapes: it is checked by the numbers that it sends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_sends_only_the_released_numbers_is_checked_by_those() {
    use released::new;
    let broker = Broker::shared();
    let (server, _) = buses().await;
    let service = Counting::default();
    let serving = server.serve(new::OrdersServer::new(service.clone())).start().await.unwrap();
    let ours = <new::OrdersClient as bus::Client>::contract().methods()[0].fingerprint();
    let writer = Writer::new(&broker.address());
    let body = b"\x03Ada\x04Jena";
    for (contract, answer) in [
        (format!("{:016x}-{:016x}", ours.wire, ours.api), None),
        (format!("{:016x}", ours.wire), None),
        (format!("{:016x}-{:016x}", ours.wire, ours.api ^ 1), Some("contract-mismatch")),
        (format!("{:016x}", ours.wire ^ 1), Some("contract-mismatch")),
    ] {
        let token = unique("token");
        let headers: [(&[u8], Option<&[u8]>); 3] =
            [(token.as_bytes(), None), (b"bus-method", Some(b"place")), (b"bus-contract", Some(contract.as_bytes()))];
        writer.write("contracts.released.req", 0, Some(b"0"), &headers, Some(body));
        let reply = Reader::new(&broker.address(), "contracts.released.resp")
            .find(&contract, |record| record.token() == Some(token.as_str()));
        assert_eq!(reply.header("bus-fault"), answer.map(str::as_bytes), "{contract}: {reply:?}");
        assert_eq!(reply.value.is_some(), answer.is_none(), "{contract}");
    }
    assert_eq!(service.count(), 2);
    serving.stop().await.unwrap();
}

mod forged {
    #[bus::request(topic = "contracts.forged.req", reply = "contracts.forged.resp")]
    pub(super) trait Counts {
        async fn count(&self) -> Result<u64, String>;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mismatch_in_an_answer_says_that_the_request_may_have_run() {
    let broker = Broker::shared();
    let (_, facade) = buses().await;
    let client: forged::CountsClient = facade.client().await.unwrap();
    let writer = Writer::new(&broker.address());
    for (shape, body) in [(Some(&b"00000000000000aa"[..]), &b"\x01\x02"[..]), (None, &b"\x01\x02"[..])] {
        let mark = unique("forged");
        let call = tokio::spawn(client.count().header("tenant", mark.clone()).into_future());
        let request = Reader::new(&broker.address(), "contracts.forged.req")
            .find(&mark, |record| record.header("tenant") == Some(mark.as_bytes()));
        let token = request.token().unwrap();
        let partition: i32 = String::from_utf8(request.key.clone().unwrap()).unwrap().parse().unwrap();
        let mut headers: Vec<(&[u8], Option<&[u8]>)> = vec![(token.as_bytes(), None)];
        headers.extend(shape.map(|shape| (&b"bus-shape"[..], Some(shape))));
        writer.write("contracts.forged.resp", partition, request.key.as_deref(), &headers, Some(body));
        let failed = call.await.unwrap().unwrap_err();
        let failure = failed.failure().unwrap();
        assert!(failure.may_have_run() && !failure.is_retryable(), "{failure:?}");
        match shape {
            Some(_) => {
                assert!(matches!(failure, Failure::AnswerMismatch { .. }), "{failure:?}");
                assert!(failure.to_string().contains("the server's types are 00000000000000aa"), "{failure}");
            }
            None => assert!(matches!(failure, Failure::Undecodable { .. }), "{failure:?}"),
        }
    }
}

mod untagged {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    #[serde(untagged)]
    pub(crate) enum Any {
        Number(u64),
        Text(String),
    }

    #[bus::request(topic = "contracts.any.req", reply = "contracts.any.resp")]
    pub(crate) trait Anything {
        async fn take(&self, any: Any) -> Result<(), String>;
    }

    impl Anything for bus_tests::Counting {
        async fn take(&self, _any: Any) -> Result<(), String> {
            Ok(())
        }
    }
}

/// Types that nobody can guess a value of, so that what follows them cannot be traced.
mod checked {
    use serde::{Deserialize, Deserializer, Serialize};

    #[derive(Clone, Debug, PartialEq, Serialize)]
    pub(crate) struct Twelve(pub(crate) String);

    impl<'de> Deserialize<'de> for Twelve {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let text = String::deserialize(from)?;
            if text.len() == 12_345 { Ok(Self(text)) } else { Err(serde::de::Error::custom("not 12345 long")) }
        }
    }

    #[bus::request(topic = "contracts.checked.req", reply = "contracts.checked.resp")]
    pub(crate) trait Checked {
        #[bus(opaque = "v1")]
        async fn take(&self, pair: (Twelve, u8)) -> Result<u8, String>;
    }

    impl Checked for bus_tests::Counting {
        async fn take(&self, pair: (Twelve, u8)) -> Result<u8, String> {
            Ok(pair.1)
        }
    }

    pub(crate) mod unsaid {
        use super::Twelve;

        #[bus::request(topic = "contracts.unsaid.req", reply = "contracts.unsaid.resp")]
        pub(crate) trait Unsaid {
            async fn take(&self, pair: (Twelve, u8)) -> Result<u8, String>;
        }
    }
}

#[tokio::test]
async fn types_that_bincode_cannot_carry_are_refused_before_anything_is_sent() {
    let (server, facade) = buses().await;
    let says = |error: &ConnectError, parts: &[&str]| {
        assert!(matches!(error, ConnectError::Unfit { .. }), "{error:?}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    };
    let parts =
        ["method `take` of contract `Anything` cannot be carried by bincode", "argument `any`", "codec = \"json\""];
    let refused = facade.client::<untagged::AnythingClient>().await.unwrap_err();
    says(&refused, &parts);
    match server.serve(untagged::AnythingServer::new(Counting::default())).start().await {
        Err(ServeError::Connect(refused)) => says(&refused, &parts),
        other => panic!("{other:?}"),
    }
    // With a codec that says what it carries it is no trouble.
    facade.client::<untagged::AnythingClient>().codec(bus::Codec::Json).await.unwrap();

    let refused = facade.client::<checked::unsaid::UnsaidClient>().await.unwrap_err();
    says(&refused, &["argument `pair`", "opaque = \"v1\""]);
    let serving = server.serve(checked::CheckedServer::new(Counting::default())).start().await.unwrap();
    let client: checked::CheckedClient = facade.client().await.unwrap();
    assert_eq!(client.take((checked::Twelve("x".repeat(12_345)), 7)).await, Ok(7));
    serving.stop().await.unwrap();
}
