//! A member that Kafka does not let read: what it says, and when it reads again.

use std::time::Duration;

use bus::{ServeError, Serving};
use bus_tests::refusing::Refusing;
use bus_tests::{Counting, eventually, within};
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

bus_tests::contract!(Rights, "rights.req", "rights.resp");
bus_tests::serve_contract!(Rights for Counting);

#[bus::request(topic = "rights.other.req", reply = "rights.resp")]
trait Other {
    async fn other(&self) -> Result<u64, String>;
}

impl Other for Counting {
    async fn other(&self) -> Result<u64, String> {
        Ok(7)
    }
}

const TOPICS: [&str; 5] = ["rights.req", "rights.resp", "rights.req.dead", "rights.other.req", "rights.other.req.dead"];

async fn works(client: &RightsClient) {
    within(60, "calls are answered", async {
        while client.add(1, 2).timeout(Duration::from_millis(500)).await != Ok(3) {}
    })
    .await;
}

/// A right that is taken away is told, and one that is given back is used.
async fn denied_and_granted(right: impl Fn(&Refusing, bool), named: &str) {
    let refusing = Refusing::start(&TOPICS);
    let bus = refusing.broker().bus("rights").await;
    let serving = bus.serve(RightsServer::new(Counting::default())).start().await.unwrap();
    let client: RightsClient = bus.client().await.unwrap();
    works(&client).await;
    let health = &serving.health().topics[0];
    assert!(health.joined.value && !health.partitions.value.is_empty(), "{health:?}");
    eventually("Kafka has the answer", || serving.health().topics[0].last_answer.is_some()).await;

    right(&refusing, true);
    eventually("the missing right is told", || serving.health().topics[0].trouble.is_some()).await;
    let trouble = serving.health().topics[0].trouble.clone().unwrap().value;
    assert!(trouble.contains("kafka-acls.sh --bootstrap-server") && trouble.contains(named), "{trouble}");
    assert!(!serving.has_partitions());
    // It tries again and again, and has not ended.
    let ended = tokio::time::timeout(Duration::from_secs(5), serving.ended()).await;
    assert!(ended.is_err(), "{ended:?}");
    assert!(!serving.has_partitions() && serving.health().is_live());

    right(&refusing, false);
    works(&client).await;
    within(20, "it is well", async {
        while !(serving.has_partitions() && serving.health().is_ready()) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(serving.health().topics[0].trouble, None);
    serving.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_read_as_its_group_again_serves_again() {
    denied_and_granted(|refusing, deny| refusing.reading_as("rights.req", deny), "--group rights.req").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_may_read_its_topic_again_serves_again() {
    denied_and_granted(|refusing, deny| refusing.reading("rights.req", deny), "--topic rights.req").await;
}

async fn ended(serving: &Serving) -> String {
    let error = within(30, "the server ends", serving.ended()).await.unwrap_err();
    let ServeError::Consumer { topic, reason } = error else { panic!("{error:?}") };
    assert_eq!(topic, "rights.req");
    assert!(!serving.has_partitions());
    let health = serving.health();
    assert!(!health.is_live() && !health.is_ready());
    assert_eq!(health.topics[0].ended.as_ref(), Some(&reason));
    reason
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_place_another_process_takes_ends_and_says_so() {
    let refusing = Refusing::start(&TOPICS);
    let bus = refusing.broker().builder("rights").instance_id("same").connect().await.unwrap();
    let serving = bus.serve(RightsServer::new(Counting::default())).start().await.unwrap();
    let client: RightsClient = bus.client().await.unwrap();
    works(&client).await;
    let mut second = None;
    match &refusing {
        // The mock knows no instances.
        Refusing::Mock(mock) => Refusing::refuse(
            mock,
            &[RDKafkaApiKey::Heartbeat],
            Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID),
        ),
        Refusing::Kafka(switched) => {
            let other = switched.broker.builder("rights").instance_id("same").connect().await.unwrap();
            second = Some(other.serve(RightsServer::new(Counting::default())).start().await.unwrap());
        }
    }
    let reason = ended(&serving).await;
    assert!(reason.contains("instance id") && reason.contains("same"), "{reason}");
    if let Some(second) = &second {
        works(&client).await;
        assert!(second.has_partitions());
    }
    assert!(matches!(serving.stop().await, Err(ServeError::Consumer { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_a_group_of_another_kind_ends_and_says_so() {
    let refusing = Refusing::start(&TOPICS);
    let address = refusing.broker().address();
    let stranger: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &address)
        .set("group.id", "rights.req")
        .set("partition.assignment.strategy", "cooperative-sticky")
        .create()
        .unwrap();
    match &refusing {
        // The mock knows no kinds.
        Refusing::Mock(owner) => Refusing::refuse(
            owner,
            &[RDKafkaApiKey::JoinGroup],
            Some(RDKafkaRespErr::RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL),
        ),
        Refusing::Kafka(_) => {
            refusing.broker().make_topic("rights.req", 2, &[]).await;
            stranger.subscribe(&["rights.req"]).unwrap();
            within(20, "the stranger joins", async {
                while stranger.assignment().unwrap().count() == 0 {
                    drop(stranger.poll(Duration::from_millis(10)));
                    tokio::task::yield_now().await;
                }
            })
            .await;
        }
    }
    let bus = refusing.broker().bus("rights").await;
    let serving = bus.serve(RightsServer::new(Counting::default())).start().await.unwrap();
    assert!(ended(&serving).await.contains("another kind"));
    drop(stranger);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_serves_two_topics_in_one_group() {
    let refusing = Refusing::start(&TOPICS);
    let bus = refusing.broker().builder("rights").instance_id("one").connect().await.unwrap();
    let service = Counting::default();
    let serving = bus
        .serve(RightsServer::new(service.clone()))
        .and(OtherServer::new(service))
        .group("rights.both")
        .start()
        .await
        .unwrap();
    let (client, other): (RightsClient, OtherClient) = (bus.client().await.unwrap(), bus.client().await.unwrap());
    works(&client).await;
    // Longer than it takes two members of one name to drive each other out.
    let ended = tokio::time::timeout(Duration::from_secs(3), async {
        tokio::select! {
            ended = serving.ended() => ended,
            () = async {
                loop {
                    assert_eq!(client.add(1, 1).await, Ok(2));
                    assert_eq!(other.other().await, Ok(7));
                }
            } => Ok(()),
        }
    })
    .await;
    assert!(ended.is_err(), "{ended:?}");
    assert_eq!(serving.health().topics.len(), 2);
    assert!(serving.health().is_ready());
    serving.stop().await.unwrap();
}
