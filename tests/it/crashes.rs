//! A request that ends the process of every server that runs it.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bus::Failure;
use bus_tests::crashing::CrashingClient;
use bus_tests::plain;
use bus_tests::{Broker, unique};

fn server(brokers: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_crashing-server")).arg(brokers).spawn().unwrap()
}

/// Stops a server as an orchestrator does, so that it leaves no trace of a crash for the next run.
fn stop(mut server: Child) {
    let asked = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().unwrap();
    assert!(asked.success());
    server.wait().unwrap();
}

/// Tells the keeper to stop, in a test that failed, too.
struct Done(Arc<AtomicBool>);

impl Drop for Done {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// The price of such a request is three processes; then it is a dead letter, its caller knows, and
/// what was sent with it has been answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_keeps_ending_its_process_becomes_a_dead_letter() {
    let broker = Broker::shared();
    let bus = broker.bus("crashes").await;
    let client: CrashingClient = bus.client().await.unwrap();
    let before = tokio::spawn(client.run(false).into_future());
    let case = unique("poison");
    let poison = tokio::spawn(client.run(true).header("case", case.clone()).into_future());
    let after = tokio::spawn(client.run(false).into_future());

    // Starts a server again whenever one ends, as an orchestrator would.
    let (address, done) = (broker.address(), Done(Arc::default()));
    let told = Arc::clone(&done.0);
    let keeper = tokio::task::spawn_blocking(move || {
        let mut crashed = 0;
        loop {
            let mut server = server(&address);
            while server.try_wait().unwrap().is_none() {
                if told.load(Ordering::SeqCst) {
                    stop(server);
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
    let letter = plain::Reader::new(&broker.address(), "crashing.req.dead")
        .find("the dead letter", |letter| letter.header("case") == Some(case.as_bytes()));
    let reason = String::from_utf8_lossy(letter.header("bus-dead-reason").unwrap()).into_owned();
    assert!(reason.contains("ended the process"), "{reason}");
    drop(done);
    assert_eq!(keeper.await.unwrap(), 3, "it took that many processes");
}
