#![allow(clippy::unwrap_used)]

use std::time::Duration;

#[crate::request(topic = "renewed.req", reply = "renewed.resp")]
trait Renewed {
    async fn add(&self, one: u64, other: u64) -> Result<u64, String>;
}

struct Adds;

impl Renewed for Adds {
    async fn add(&self, one: u64, other: u64) -> Result<u64, String> {
        Ok(one + other)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_is_renewed_serves_with_another_client() {
    let bus = crate::Bus::embedded().await.unwrap();
    let serving = bus.serve(RenewedServer::new(Adds)).start().await.unwrap();
    let client: RenewedClient = bus.client().await.unwrap();
    for round in 0..3 {
        assert_eq!(client.add(round, 1).timeout(Duration::from_secs(20)).await, Ok(round + 1));
        let before = serving.members[0].group.standing().partitions.1;
        serving.members[0].group.renew();
        tokio::time::timeout(Duration::from_secs(20), async {
            loop {
                let standing = serving.members[0].group.standing();
                if standing.partitions.1 > before && standing.reads() {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
    }
    assert_eq!(client.add(1, 1).await, Ok(2));
    assert!(serving.health().is_ready());
    serving.stop().await.unwrap();
}
