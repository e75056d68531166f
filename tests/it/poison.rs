//! Senders that ask for too much: what they can make a server write, and for how long it runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bus::{CallError, Failure};
use bus_tests::plain::Writer;
use bus_tests::{Broker, Counting, eventually, unique, within};

bus_tests::contract!(Poisoned, "poisoned.req", "poisoned.resp", partitions = 1);
bus_tests::serve_contract!(Poisoned for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_what_nobody_can_read_is_counted_and_kept_in_part_and_stalls_nobody() {
    const FLOOD: u64 = 3_000;
    const RATE: u32 = 20;
    let broker = Broker::shared();
    let bus = broker.bus("service").await;
    let serving = bus
        .serve(PoisonedServer::new(Counting::default()))
        .group(unique("poisoned"))
        .max_dead_letters(RATE, 1 << 20)
        .start()
        .await
        .unwrap();
    let client: PoisonedClient = bus.client().timeout(Duration::from_secs(30)).await.unwrap();
    within(20, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    let (before, started) = (bus.counters(), Instant::now());
    let writer = Arc::new(Writer::new(&broker.address()));
    tokio::task::spawn_blocking(move || {
        for number in 0..FLOOD {
            writer.write("poisoned.req", 0, Some(b"0"), &[], Some(format!("poison {number}").as_bytes()));
        }
    })
    .await
    .unwrap();
    assert_eq!(client.add(2, 2).await, Ok(4), "behind all of them");
    let counted = || {
        let now = bus.counters();
        (now.dead_letters - before.dead_letters, now.suppressed_dead_letters - before.suppressed_dead_letters)
    };
    eventually("each is kept or counted", || counted().0 + counted().1 >= FLOOD).await;
    let (kept, suppressed) = counted();
    assert_eq!(kept + suppressed, FLOOD);
    let most = u64::from(RATE) * (11 + started.elapsed().as_secs());
    assert!(kept >= u64::from(RATE) && kept <= most, "{kept} kept of at most {most}");
    serving.stop().await.unwrap();
}

#[bus::request(topic = "endless.req", reply = "endless.resp")]
trait Endless {
    #[bus(timeout = "200ms")]
    async fn wait(&self, milliseconds: u64) -> Result<u64, String>;
}

impl Endless for Counting {
    async fn wait(&self, milliseconds: u64) -> Result<u64, String> {
        self.ran();
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        Ok(milliseconds)
    }
}

#[tokio::test]
async fn no_caller_holds_a_handler_for_longer_than_the_server_gives_and_each_is_told() {
    let bus = Broker::shared().bus("service").await;
    let counting = Counting::default();
    let serving = bus
        .serve(EndlessServer::new(counting.clone()))
        .concurrency(1)
        .max_timeout(Duration::from_millis(500))
        .start()
        .await
        .unwrap();
    let client: EndlessClient = bus.client().await.unwrap();
    let year = Duration::from_secs(365 * 24 * 3_600);
    let started = Instant::now();
    let cut = within(60, "it is told", client.wait(3_600_000).timeout(year).into_future()).await.unwrap_err();
    let CallError::Bus(failure @ Failure::Other { name, detail }) = &cut else { panic!("{cut:?}") };
    assert!(name == "cut-off" && detail.contains("500ms") && failure.may_have_run(), "{cut:?}");
    assert!(started.elapsed() >= Duration::from_millis(500));
    assert_eq!(counting.count(), 1);
    // The only place is free again, and what is quicker is answered whatever its caller asks for.
    assert_eq!(client.wait(1).timeout(year).await, Ok(1));
    serving.stop().await.unwrap();
}
