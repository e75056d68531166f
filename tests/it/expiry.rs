//! Requests that come too late.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bus_tests::plain::{Reader, Writer};
use bus_tests::{Broker, Counting, begun, eventually, unique};

bus_tests::contract!(Elapsed, "elapsed.req", "elapsed.resp");
bus_tests::serve_contract!(Elapsed for Counting);

#[tokio::test]
async fn a_request_whose_time_has_run_out_is_dropped_and_counted() {
    let bus = Broker::shared().bus("facade").await;
    let client: ElapsedClient = bus.client().await.unwrap();
    // Nobody serves: these calls end at their deadlines, and their records stay.
    let calls: Vec<_> = (0..5).map(|_| begun(client.echo("late").timeout(Duration::from_millis(200)))).collect();
    for call in calls {
        assert!(call.await.unwrap_err().failure().unwrap().may_have_run());
    }
    let service = Counting::default();
    let serving = bus.serve(ElapsedServer::new(service.clone())).start().await.unwrap();
    eventually("the expired requests are counted", || bus.counters().expired >= 5).await;
    assert_eq!(client.add(1, 1).await, Ok(2));
    assert_eq!(service.count(), 1, "only the call in time ran");
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (6, 0));
}

#[tokio::test]
async fn a_handler_is_dropped_at_its_deadline() {
    let bus = Broker::shared().bus("facade").await;
    let serving = bus.serve(DroppedServer::new(Counting::default())).start().await.unwrap();
    let client: DroppedClient = bus.client().await.unwrap();
    assert_eq!(client.add(1, 1).await, Ok(2));
    let failed = client.wait(20_000).timeout(Duration::from_millis(200)).await.unwrap_err();
    assert!(failed.failure().unwrap().may_have_run(), "{failed:?}");
    eventually("the expired request is counted", || bus.counters().expired == 1).await;
    let started = std::time::Instant::now();
    let served = serving.stop().await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "nothing runs any more");
    assert_eq!((served.finished, served.handed_back), (2, 0));
}

bus_tests::contract!(Dropped, "dropped.req", "dropped.resp");
bus_tests::serve_contract!(Dropped for Counting);

/// The decision record to the letter: one method, none of our headers.
#[bus::request(topic = "old.req", reply = "old.resp")]
trait Old {
    #[bus(timeout = "2s")]
    async fn echo(&self, text: &str) -> Result<String, String>;
}

impl Old for Counting {
    async fn echo(&self, text: &str) -> Result<String, String> {
        self.ran();
        Ok(text.to_owned())
    }
}

/// A text of less than 251 bytes in bincode.
fn bincode(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_without_a_timeout_is_measured_by_its_timestamp_and_its_method() {
    let broker = Broker::shared();
    // A topic that somebody else made, whose records keep the time that their writers say.
    broker.make_topic("old.req", 1, &[("message.timestamp.type", "CreateTime")]).await;
    let bus = broker.bus("service").await;
    let (service, writer) = (Counting::default(), Writer::new(&broker.address()));
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap();
    let (old, new) = (unique("old"), unique("new"));
    let serving = bus.serve(OldServer::new(service.clone())).start().await.unwrap();
    let expired = bus.counters().expired;
    writer.write_at("old.req", 0, Some(b"1"), &[(old.as_bytes(), None)], Some(&bincode("old")), Some(now - 60_000));
    writer.write_at("old.req", 0, Some(b"1"), &[(new.as_bytes(), None)], Some(&bincode("new")), Some(now));
    let replies = Reader::new(&broker.address(), "old.resp");
    let reply = replies.find("the reply", |record| record.token() == Some(&new));
    assert_eq!(reply.value, Some(bincode("new")));
    assert_eq!(service.count(), 1);
    assert_eq!(bus.counters().expired, expired + 1);
    serving.stop().await.unwrap();

    // A server may be told to run what is old all the same; `max_age` says how old.
    let serving = bus.serve(OldServer::new(service.clone())).max_age(Duration::from_secs(90)).start().await.unwrap();
    let (older, token) = (unique("older"), unique("max-age"));
    for (token, age) in [(&older, 200_000), (&token, 60_000)] {
        writer.write_at("old.req", 0, Some(b"1"), &[(token.as_bytes(), None)], Some(&bincode("x")), Some(now - age));
    }
    Reader::new(&broker.address(), "old.resp").find("the reply", |it| it.token() == Some(&token) && it.value.is_some());
    assert_eq!(service.count(), 2, "the one that is not older than that");
    assert_eq!(bus.counters().expired, expired + 2);
    serving.stop().await.unwrap();
    let serving = bus.serve(OldServer::new(service.clone())).any_age().start().await.unwrap();
    let token = unique("any-age");
    writer.write_at("old.req", 0, Some(b"1"), &[(token.as_bytes(), None)], Some(&bincode("x")), Some(now - 80_000_000));
    Reader::new(&broker.address(), "old.resp").find("the reply", |it| it.token() == Some(&token) && it.value.is_some());
    serving.stop().await.unwrap();
}
