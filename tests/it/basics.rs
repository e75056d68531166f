//! One client, one server: what a call gives back.

use std::time::{Duration, Instant};

use bus::{CallError, Failure};
use bus_tests::{Broker, Counting};

bus_tests::contract!(Basic, "basic.req", "basic.resp");
bus_tests::serve_contract!(Basic for Counting);

#[tokio::test]
async fn answers_errors_panics_and_headers_come_back() {
    let broker = Broker::shared();
    let bus = broker.bus("basics").await;
    let serving = bus.serve(BasicServer::new(Counting::default())).start().await.unwrap();
    let client: BasicClient = bus.client().await.unwrap();
    assert_eq!(client.echo("hello").await, Ok("hello".to_owned()));
    assert_eq!(client.add(2, 3).await, Ok(5));
    assert_eq!(client.fail("no").await, Err(CallError::Service("no".to_owned())));
    let panicked = client.panic().await.unwrap_err();
    assert!(matches!(panicked.failure(), Some(Failure::Panicked { .. })), "{panicked:?}");
    assert!(panicked.failure().unwrap().may_have_run());
    // The service goes on.
    assert_eq!(client.echo("still there").await, Ok("still there".to_owned()));
    let served = serving.stop().await.unwrap();
    assert_eq!((served.finished, served.handed_back), (5, 0));
    bus.close().await;
}

bus_tests::contract!(Nobody, "nobody.req", "nobody.resp");

#[tokio::test]
async fn a_call_to_a_service_that_is_not_there_ends_at_its_deadline() {
    let bus = Broker::shared().bus("basics").await;
    let client: NobodyClient = bus.client().await.unwrap();
    let started = Instant::now();
    let failed = client.echo("hello").timeout(Duration::from_millis(300)).await.unwrap_err();
    let waited = started.elapsed();
    assert!(matches!(failed.failure(), Some(Failure::TimedOut { .. })), "{failed:?}");
    // Its own time, and not the 5 s of a call that says nothing.
    assert!((300..4_500).contains(&waited.as_millis()), "{waited:?}");
}
