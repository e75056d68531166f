//! Messages larger than the broker takes.

use bus::{CallError, Failure};
use bus_tests::{Broker, Counting};

#[bus::request(topic = "sizes.req", reply = "sizes.resp", partitions = 1, reply_partitions = 1)]
trait Sizes {
    async fn length(&self, bytes: &[u8]) -> Result<u64, String>;
    async fn bytes(&self, length: u64) -> Result<Vec<u8>, String>;
}

impl Sizes for Counting {
    async fn length(&self, bytes: &[u8]) -> Result<u64, String> {
        self.ran();
        Ok(bytes.len() as u64)
    }
    async fn bytes(&self, length: u64) -> Result<Vec<u8>, String> {
        self.ran();
        Ok(vec![7; usize::try_from(length).unwrap()])
    }
}

const LARGE: usize = 900_000;
const TOO_LARGE: usize = 1_100_000;

#[tokio::test]
async fn what_is_too_large_is_told_at_once_and_which_way_it_was() {
    let bus = Broker::shared().bus("facade").await;
    let service = Counting::default();
    let serving = bus.serve(SizesServer::new(service.clone())).start().await.unwrap();
    let client: SizesClient = bus.client().await.unwrap();
    assert_eq!(client.length(&vec![0; LARGE]).await, Ok(LARGE as u64));
    assert_eq!(client.bytes(LARGE as u64).await.map(|bytes| bytes.len()), Ok(LARGE));
    assert_eq!(service.count(), 2);
    let failed = client.length(&vec![0; TOO_LARGE]).await.unwrap_err();
    let CallError::Bus(Failure::TooLarge { ran: false, detail }) = &failed else { panic!("{failed:?}") };
    assert!(detail.contains("request"), "{detail}");
    assert!(!failed.failure().unwrap().may_have_run());
    assert_eq!(service.count(), 2);
    let failed = client.bytes(TOO_LARGE as u64).await.unwrap_err();
    let CallError::Bus(Failure::TooLarge { ran: true, detail }) = &failed else { panic!("{failed:?}") };
    assert!(detail.contains("answer"), "{detail}");
    assert!(failed.failure().unwrap().may_have_run());
    assert_eq!(service.count(), 3);
    // The way is free still.
    assert_eq!(client.length(b"small").await, Ok(5));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn what_only_the_broker_finds_too_large_is_told_as_well() {
    let broker = Broker::shared();
    let bus = broker.builder("facade").set("message.max.bytes", "5000000").connect().await.unwrap();
    let service = Counting::default();
    let serving = bus.serve(RefusedServer::new(service.clone())).start().await.unwrap();
    let client: RefusedClient = bus.client().await.unwrap();
    let (there, back) = (client.length(&vec![0; TOO_LARGE]).await, client.bytes(TOO_LARGE as u64).await);
    if broker.is_real() {
        assert!(matches!(there, Err(CallError::Bus(Failure::TooLarge { ran: false, .. }))), "{there:?}");
        assert!(
            matches!(back, Err(CallError::Bus(Failure::TooLarge { ran: true, .. }))),
            "{:?}",
            back.map(|it| it.len())
        );
    } else {
        // The embedded broker takes whatever the client's own setting lets out.
        assert_eq!((there, back.map(|bytes| bytes.len())), (Ok(TOO_LARGE as u64), Ok(TOO_LARGE)));
    }
    serving.stop().await.unwrap();
}

#[bus::request(topic = "refused.req", reply = "refused.resp", partitions = 1, reply_partitions = 1)]
trait Refused {
    async fn length(&self, bytes: &[u8]) -> Result<u64, String>;
    async fn bytes(&self, length: u64) -> Result<Vec<u8>, String>;
}

impl Refused for Counting {
    async fn length(&self, bytes: &[u8]) -> Result<u64, String> {
        Sizes::length(self, bytes).await
    }
    async fn bytes(&self, length: u64) -> Result<Vec<u8>, String> {
        Sizes::bytes(self, length).await
    }
}
