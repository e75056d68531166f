//! Names of topics from configuration: a prefix for a bus, other names for a contract.

use bus::{ConfigError, ConnectError, ServeError};
use bus_tests::{Broker, Counting, plain};

bus_tests::contract!(Named, "named.req", "named.resp");
bus_tests::serve_contract!(Named for Counting);

#[tokio::test]
async fn a_prefix_stands_before_every_topic_and_keeps_two_environments_apart() {
    let broker = Broker::shared();
    let staging = broker.builder("staging").topic_prefix("staging.").connect().await.unwrap();
    let live = broker.builder("live").topic_prefix("live.").connect().await.unwrap();
    let (of_staging, of_live) = (Counting::default(), Counting::default());
    let serving_staging = staging.serve(NamedServer::new(of_staging.clone())).start().await.unwrap();
    let serving_live = live.serve(NamedServer::new(of_live.clone())).start().await.unwrap();
    let client: NamedClient = staging.client().await.unwrap();
    assert_eq!(client.add(2, 3).await, Ok(5));
    assert_eq!((of_staging.count(), of_live.count()), (1, 0));
    for topic in ["staging.named.req", "staging.named.resp", "staging.named.req.dead", "live.named.req"] {
        assert!(plain::partitions(&broker.address(), topic).is_some(), "{topic}");
    }
    assert_eq!(plain::partitions(&broker.address(), "named.req"), None, "made without the prefix");
    serving_staging.stop().await.unwrap();
    serving_live.stop().await.unwrap();
}

bus_tests::contract!(Moved, "moved.req", "moved.resp");
bus_tests::serve_contract!(Moved for Counting);

#[tokio::test]
async fn a_contract_is_served_and_called_on_other_topics() {
    let broker = Broker::shared();
    let bus = broker.builder("moved").topic_prefix("staging.").connect().await.unwrap();
    let service = Counting::default();
    let serving =
        bus.serve(MovedServer::new(service.clone())).topics("elsewhere.req", "elsewhere.resp").start().await.unwrap();
    let client: MovedClient = bus.client().topics("elsewhere.req", "elsewhere.resp").await.unwrap();
    assert_eq!(client.echo("hello").await, Ok("hello".to_owned()));
    assert_eq!(service.count(), 1);
    assert_eq!(plain::partitions(&broker.address(), "staging.moved.req"), None, "the contract's own topic was made");
    // Where nobody serves, the hint names the topic that the request went to.
    let nobody: MovedClient = bus.client().topics("nobody-moved.req", "nobody-moved.resp").await.unwrap();
    let failed = nobody.echo("hello").timeout(std::time::Duration::from_millis(300)).await.unwrap_err();
    assert!(failed.to_string().contains("nobody-moved.req"), "{failed}");
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn names_that_kafka_refuses_are_refused_before_anything_is_made() {
    let broker = Broker::shared();
    let prefixed = broker.builder("refused").topic_prefix("eu/").connect().await;
    assert!(matches!(prefixed, Err(ConnectError::Config(ConfigError::Value { .. }))), "{prefixed:?}");
    let bus = broker.bus("refused").await;
    let client: Result<MovedClient, _> = bus.client().topics("same", "same").await;
    assert!(matches!(client, Err(ConnectError::Config(ConfigError::Value { .. }))), "{client:?}");
    let serving = bus.serve(MovedServer::new(Counting::default())).topics("", "replies").start().await;
    let Err(ServeError::Connect(ConnectError::Config(refused))) = serving else {
        panic!("served on a topic without a name")
    };
    assert_eq!(refused.to_string(), "topic cannot be \"\": it is empty");
}
