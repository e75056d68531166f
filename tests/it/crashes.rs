//! A request that ends the process of every server that runs it.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::Failure;
use bus_tests::Broker;
use bus_tests::crashing::CrashingClient;
use bus_tests::plain;

fn server(brokers: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crashing-server")).arg(brokers).spawn().unwrap()
}

/// The price of such a request is three processes; then it is a dead letter, its caller knows, and
/// what was sent with it has been answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_keeps_ending_its_process_becomes_a_dead_letter() {
    let broker = Broker::shared();
    let bus = broker.bus("crashes").await;
    let client: CrashingClient = bus.client().await.unwrap();
    let before = tokio::spawn(client.run(false).into_future());
    let poison = tokio::spawn(client.run(true).into_future());
    let after = tokio::spawn(client.run(false).into_future());

    // Starts a server again whenever one ends, as an orchestrator would.
    let (address, done) = (broker.address(), Arc::new(AtomicBool::new(false)));
    let told = Arc::clone(&done);
    let keeper = tokio::task::spawn_blocking(move || {
        let mut crashed = 0;
        loop {
            let mut server = server(&address);
            while server.try_wait().unwrap().is_none() {
                if told.load(Ordering::SeqCst) {
                    server.kill().unwrap();
                    server.wait().unwrap();
                    return crashed;
                }
                std::thread::park_timeout(Duration::from_millis(10));
            }
            crashed += 1;
            assert!(crashed < 10, "every server ends");
        }
    });
    let failed = poison.await.unwrap().unwrap_err();
    assert!(matches!(failed.failure(), Some(Failure::Crashed { .. })), "{failed:?}");
    assert!(before.await.unwrap().is_ok());
    assert!(after.await.unwrap().is_ok());
    let letter = plain::Reader::new(&broker.address(), "crashing.req.dead").find("the dead letter", |_| true);
    let reason = String::from_utf8_lossy(letter.header("bus-dead-reason").unwrap()).into_owned();
    assert!(reason.contains("ended the process"), "{reason}");
    done.store(true, Ordering::SeqCst);
    assert_eq!(keeper.await.unwrap(), 3, "it took that many processes");
}
