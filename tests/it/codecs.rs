//! What a codec cannot carry is never sent: not as an argument, and as an answer or an error the
//! caller hears so.

use bus::{CallError, Codec, Failure};
use bus_tests::{Broker, Counting};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Side {
    Buy,
    #[serde(skip)]
    #[allow(dead_code)]
    Short,
    Sell,
}

/// A wish, most of which may be left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wish {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    from: Option<u16>,
    all: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Held {
    Side(Side),
    Wish(Wish),
    Float(Option<f64>),
    Nested(Option<Option<u8>>),
}

fn held(which: u8) -> Held {
    match which {
        0 => Held::Side(Side::Sell),
        1 => Held::Wish(Wish { limit: None, from: Some(256), all: false }),
        2 => Held::Float(Some(f64::INFINITY)),
        3 => Held::Nested(Some(None)),
        _ => Held::Side(Side::Buy),
    }
}

/// What carries which of them, where a client may choose.
const CARRIED: [(Codec, [bool; 5]); 2] =
    [(Codec::Json, [true, true, false, false, true]), (Codec::MsgPack, [true, true, true, false, true])];

#[bus::request(topic = "carried.req", reply = "carried.resp", codec = "json")]
trait Carried {
    async fn take(&self, held: Held) -> Result<u8, String>;
    async fn give(&self, which: u8, as_error: bool) -> Result<Held, Held>;
}

impl Carried for Counting {
    async fn take(&self, it: Held) -> Result<u8, String> {
        self.ran();
        (0..5).find(|which| held(*which) == it).ok_or_else(|| format!("{it:?} is none of them"))
    }
    async fn give(&self, which: u8, as_error: bool) -> Result<Held, Held> {
        self.ran();
        if as_error { Err(held(which)) } else { Ok(held(which)) }
    }
}

#[tokio::test]
async fn what_a_codec_cannot_carry_is_not_sent_and_everything_else_arrives() {
    let bus = Broker::shared().bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(CarriedServer::new(service.clone())).start().await.unwrap();
    for (codec, carried) in CARRIED {
        let client: CarriedClient = bus.client().codec(codec).await.unwrap();
        for (which, carried) in (0..).zip(carried) {
            let before = service.count();
            let taken = client.take(held(which)).await;
            let given = client.give(which, false).await;
            let failed = client.give(which, true).await;
            if carried {
                assert_eq!(taken, Ok(which), "{codec} {which}");
                assert_eq!(given, Ok(held(which)), "{codec}");
                assert_eq!(failed, Err(CallError::Service(held(which))), "{codec}");
                assert_eq!(service.count(), before + 3);
                continue;
            }
            assert_eq!(service.count(), before + 2, "{codec} {which}: the argument was not sent");
            refused(taken, [given, failed]);
        }
    }
    // bincode has no names: that it cannot carry these types is known before the first call.
    let refused = bus.client::<CarriedClient>().codec(Codec::Bincode).await.unwrap_err().to_string();
    assert!(refused.contains("Carried") && refused.contains("bincode"), "{refused}");
    serving.stop().await.unwrap();
}

/// An argument was not sent; an answer and an error may have been made by a handler.
fn refused<T: std::fmt::Debug, E: std::fmt::Debug>(
    argument: Result<u8, CallError<E>>,
    answers: [Result<T, CallError<T>>; 2],
) {
    let failed = argument.unwrap_err();
    assert!(matches!(failed, CallError::Bus(Failure::Unencodable { .. })), "{failed:?}");
    assert!(!failed.failure().unwrap().may_have_run());
    for answer in answers {
        let failed = answer.unwrap_err();
        let failure = failed.failure().unwrap();
        assert!(failure.may_have_run() && !failure.is_retryable(), "{failure:?}");
        let text = failure.to_string();
        assert!(text.contains("unencodable") && text.contains("cannot be encoded"), "{text}");
    }
}

#[bus::request(topic = "carried.short.req", reply = "carried.short.resp")]
trait Short {
    async fn take(&self, held: Held) -> Result<u8, String>;
    async fn give(&self, which: u8, as_error: bool) -> Result<Held, Held>;
}

impl Short for Counting {
    async fn take(&self, it: Held) -> Result<u8, String> {
        Carried::take(self, it).await
    }
    async fn give(&self, which: u8, as_error: bool) -> Result<Held, Held> {
        Carried::give(self, which, as_error).await
    }
}

/// Nobody asks a loopback what its types look like, so the writer alone finds it out.
#[tokio::test]
async fn bincode_refuses_the_values_that_it_cannot_carry_and_carries_the_others() {
    let service = Counting::default();
    let client = ShortClient::from(bus::loopback(ShortServer::new(service.clone())));
    for (which, carried) in [(0, false), (1, false), (2, true), (3, true), (4, true)] {
        let taken = client.take(held(which)).await;
        let given = client.give(which, false).await;
        let failed = client.give(which, true).await;
        if carried {
            assert_eq!((taken, given), (Ok(which), Ok(held(which))));
            assert_eq!(failed, Err(CallError::Service(held(which))));
        } else {
            refused(taken, [given, failed]);
        }
    }
    assert_eq!(service.count(), 2 * 2 + 3 * 3);
}

/// A body of a kilobyte is a list of a thousand absent values, each as large as one that is there.
#[tokio::test]
async fn what_is_decoded_is_bounded_as_client_and_server_say() {
    let bus = Broker::shared().builder("facade").max_decoded_bytes(1_000_000).connect().await.unwrap();
    let service = Counting::default();
    let serving = bus.serve(AbsentServer::new(service.clone())).max_decoded_bytes(100_000).start().await.unwrap();
    let client: AbsentClient = bus.client().await.unwrap();
    assert_eq!(client.count(vec![None; 300]).await, Ok(300));
    let failed = client.count(vec![None; 400]).await.unwrap_err();
    let Some(Failure::Malformed { detail, .. }) = failed.failure() else { panic!("{failed:?}") };
    assert!(detail.contains("more than 100000 bytes of memory"), "{detail}");
    assert_eq!(service.count(), 1);
    // The client takes what the bus allows, or what it says itself.
    assert_eq!(client.give(3_000).await.map(|list| list.len()), Ok(3_000));
    let failed = client.give(4_000).await.unwrap_err();
    let Some(Failure::Undecodable { detail }) = failed.failure() else { panic!("{failed:?}") };
    assert!(detail.contains("more than 1000000 bytes of memory"), "{detail}");
    assert!(failed.failure().unwrap().may_have_run());
    let client: AbsentClient = bus.client().max_decoded_bytes(2_000_000).await.unwrap();
    assert_eq!(client.give(4_000).await.map(|list| list.len()), Ok(4_000));
    serving.stop().await.unwrap();
}

type Large = [u64; 32];

#[bus::request(topic = "absent.req", reply = "absent.resp")]
trait Absent {
    async fn count(&self, list: Vec<Option<Large>>) -> Result<u64, String>;
    async fn give(&self, length: u64) -> Result<Vec<Option<Large>>, String>;
}

impl Absent for Counting {
    async fn count(&self, list: Vec<Option<Large>>) -> Result<u64, String> {
        self.ran();
        Ok(list.len() as u64)
    }
    async fn give(&self, length: u64) -> Result<Vec<Option<Large>>, String> {
        self.ran();
        Ok(vec![None; usize::try_from(length).unwrap()])
    }
}
