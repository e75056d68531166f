//! How long a client takes from nothing to its first answer.

use std::time::{Duration, Instant};

use crate::Failed;
use crate::options::Options;
use crate::stack::{Kind, PAYLOAD, Place, Shape, first_client};
use crate::stats::Spread;
use crate::topics::{self, REPLY_PARTITIONS};

pub(crate) fn run(options: &Options, times: usize, place: &Place) -> Result<(), Failed> {
    let kinds = Kind::parse(&["bus".to_owned()])?;
    let kind = kinds.first().ok_or("there is no bus")?;
    let shape = Shape { partitions: 5, clients: 1, servers: 1 };
    let wanted = [(topics::requests(kind.topics, 5), 5), (topics::replies(kind.topics, 5), REPLY_PARTITIONS)];
    place.clients.block_on(topics::prepare(&options.brokers, &wanted))?;
    let mut stack = place.clients.block_on(kind.start(shape, place))?;
    let mut made = 0;
    while made < options.warm_up {
        made += stack.turn(64, Duration::from_secs(1))?.latencies.len().max(1);
    }
    let mut steps: [Vec<f64>; 5] = Default::default();
    for _ in 0..times {
        let measured = place.clients.block_on(async {
            let started = Instant::now();
            let bus = first_client::builder("bench-start", place).connect().await?;
            let connected = Instant::now();
            let client = first_client::client(&bus).await?;
            let ready = Instant::now();
            if client.echo(PAYLOAD).await? != PAYLOAD {
                return Err("the answer is not the question".into());
            }
            let answered = Instant::now();
            bus.close().await;
            Ok::<_, Failed>([
                connected - started,
                ready - connected,
                answered - ready,
                answered - connected,
                answered - started,
            ])
        })?;
        for (step, time) in steps.iter_mut().zip(measured) {
            step.push(time.as_secs_f64() * 1e3);
        }
    }
    stack.stop();
    println!("Milliseconds, the median of {times} starts, and in brackets the least and the most.\n");
    println!("| step | ms |\n| --- | --: |");
    let names = [
        "`Bus::builder(..).connect()`",
        "`bus.client()`",
        "the first answer",
        "`bus.client()` and the first answer",
        "all of it",
    ];
    for (name, step) in names.iter().zip(&steps) {
        let Spread { median, least, most } = Spread::of(step.iter().copied());
        println!("| {name} | {median:.1} ({least:.1}–{most:.1}) |");
    }
    Ok(())
}
