//! The topics of a run, made afresh, alike for every stack.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use crate::Failed;

/// What every topic of ours starts with.
const PREFIX: &str = "bench.";

/// How many partitions replies have: one for each of five clients.
pub(crate) const REPLY_PARTITIONS: i32 = 5;

/// The name of a stack's request topic.
pub(crate) fn requests(stack: &str, partitions: i32) -> String {
    format!("{PREFIX}{stack}.{partitions}.req")
}

/// The name of a stack's reply topic.
pub(crate) fn replies(stack: &str, partitions: i32) -> String {
    format!("{PREFIX}{stack}.{partitions}.resp")
}

/// Deletes what an earlier run left, so that no server starts with old requests, and makes the
/// topics that are needed.
pub(crate) async fn prepare(brokers: &str, wanted: &[(String, i32)]) -> Result<(), Failed> {
    let admin: AdminClient<DefaultClientContext> = ClientConfig::new().set("bootstrap.servers", brokers).create()?;
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)));
    let old = existing(&admin)?;
    if !old.is_empty() {
        let names: Vec<&str> = old.iter().map(String::as_str).collect();
        admin.delete_topics(&names, &options).await?;
        wait("the topics of an earlier run to go", || Ok(existing(&admin)?.is_empty())).await?;
    }
    let topics: Vec<NewTopic<'_>> = wanted
        .iter()
        .map(|(name, partitions)| {
            // As the bus makes them, but for the bounds on size: a run writes gigabytes.
            NewTopic::new(name, *partitions, TopicReplication::Fixed(-1))
                .set("cleanup.policy", "delete")
                .set("retention.ms", "3600000")
                .set("message.timestamp.type", "LogAppendTime")
                .set("segment.bytes", "67108864")
                .set("retention.bytes", "134217728")
                .set("file.delete.delay.ms", "1000")
        })
        .collect();
    for made in admin.create_topics(&topics, &options).await? {
        made.map_err(|(topic, error)| format!("topic {topic} could not be made: {error}"))?;
    }
    wait("the topics to have their leaders", || {
        let metadata = admin.inner().fetch_metadata(None, Duration::from_secs(5))?;
        let led = |name: &str, count: i32| {
            metadata.topics().iter().any(|topic| {
                topic.name() == name
                    && i32::try_from(topic.partitions().len()) == Ok(count)
                    && topic.partitions().iter().all(|partition| partition.leader() >= 0)
            })
        };
        Ok(wanted.iter().all(|(name, partitions)| led(name, *partitions)))
    })
    .await
}

fn existing(admin: &AdminClient<DefaultClientContext>) -> Result<Vec<String>, Failed> {
    let metadata = admin.inner().fetch_metadata(None, Duration::from_secs(5))?;
    let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
    Ok(names.filter(|name| name.starts_with(PREFIX)).collect())
}

/// Waits until something is so; an error after half a minute.
pub(crate) async fn wait(what: &str, is_so: impl Fn() -> Result<bool, Failed>) -> Result<(), Failed> {
    let until = Instant::now() + Duration::from_secs(30);
    while !is_so()? {
        if Instant::now() > until {
            return Err(format!("waited half a minute for {what}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
