//! How do I add logging, metrics or limits to every call, without touching a handler?
//!
//! Both ends are tower services: `.layer(..)` on `bus.client()` and on `bus.serve(..)` takes any tower
//! layer. What a layer fails with becomes a `Failure`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bus::{Bus, CallError, Failure, Request};
use bus_examples::Error;
use tower::{BoxError, ServiceBuilder};

/// A bakery with one oven.
#[bus::request(topic = "baker.req", reply = "baker.resp")]
pub trait Baker {
    /// Bakes, and says how many loaves there are.
    async fn bake(&self, loaves: u32) -> Result<u32, String>;
}

struct Oven;

impl Baker for Oven {
    async fn bake(&self, loaves: u32) -> Result<u32, String> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let context = bus::Context::current().ok_or("nobody called")?;
        context.headers().get("tenant").map(|_| loaves).ok_or_else(|| "no tenant".to_owned())
    }
}

/// The caller of a server that has too much to do is told so, and not left to wait.
fn too_much(_: BoxError) -> Failure {
    Failure::Busy { retry_after: Some(Duration::from_millis(300)) }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves Baker; calls Baker }
    let bus = Bus::embedded().await?;
    let serving = bus
        .serve(BakerServer::new(Oven))
        .layer(ServiceBuilder::new().map_err(too_much).load_shed().concurrency_limit(2).into_inner())
        .start()
        .await?;

    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let baker: BakerClient = bus
        .client()
        .layer(tower::util::MapRequestLayer::new(move |mut request: Request| {
            let number = counted.fetch_add(1, Ordering::SeqCst) + 1;
            println!("call {number}: {} of {}", request.method().name(), request.contract().name());
            // A header that is refused is not worth failing the call for.
            let _ = request.headers_mut().append("tenant", "acme");
            request
        }))
        .await?;

    let (one, two, three) = tokio::join!(baker.bake(1), baker.bake(2), baker.bake(3));
    let outcomes = [one, two, three];
    let busy = |outcome: &&Result<u32, _>| matches!(outcome, Err(CallError::Bus(Failure::Busy { .. })));
    println!(
        "{} baked, {} busy",
        outcomes.iter().filter(|it| it.is_ok()).count(),
        outcomes.iter().filter(busy).count()
    );
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
    assert_eq!(outcomes.iter().filter(busy).count(), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    serving.stop().await?;
    Ok(())
}
