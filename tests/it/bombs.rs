//! Small records that ask for much: in a process that has little, each is a typed error.

use std::process::Command;

use bus_tests::{Broker, plain};

/// What the process may map, in kilobytes: its threads' stacks and librdkafka's buffers included.
const ADDRESS_SPACE: u32 = 2_500_000;

/// What it may ever hold, in kilobytes: a few copies of what a record inflates to.
const MEMORY: u64 = 400_000;

#[tokio::test]
async fn what_asks_for_much_is_a_typed_error_in_both_directions_and_ends_nothing() {
    let broker = Broker::shared();
    for topic in ["bombs.req", "bombs.resp", "bombs.foreign.req", "bombs.foreign.resp"] {
        if broker.is_real() {
            plain::delete_topic(&broker.address(), topic).await;
        }
        // As somebody else may have made them: compressed records go through as they are.
        broker.make_topic(topic, 1, &[("compression.type", "producer")]).await;
    }
    let target = env!("CARGO_BIN_EXE_bomb-target");
    let ran = Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {ADDRESS_SPACE}; exec \"$0\" \"$1\""))
        .args([target, &broker.address()])
        .env("RUST_MIN_STACK", "1048576")
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{:?}: {said}", ran.status);
    let (met, peak) = said.lines().last().unwrap().split_once(' ').unwrap();
    assert_eq!(met, "96", "{said}");
    assert!(peak.parse::<u64>().unwrap() < MEMORY, "{peak} kB at the most, {said}");
}
