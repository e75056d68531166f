//! Rights that are missing: named with topic or group, who connects, and the command, at start.

use std::time::Duration;

use bus::{CallError, ConnectError, Failure, ServeError, TopicError};
use bus_tests::refusing::Refusing;
use bus_tests::switched::Switched;
use bus_tests::{Broker, Counting, within};

bus_tests::contract!(Granted, "granted.req", "granted.resp");
bus_tests::serve_contract!(Granted for Counting);

/// What a client and a server say where a right is missing.
async fn told(broker: &Broker) -> (Option<String>, Option<String>) {
    let bus = broker.bus("rights").await;
    let client = within(20, "a client", bus.client::<GrantedClient>().into_future()).await.err().map(|error| {
        assert!(matches!(error, ConnectError::Topic(TopicError::NotAllowed { .. })), "{error:?}");
        error.to_string()
    });
    let server = bus.serve(GrantedServer::new(Counting::default())).start();
    let server = match within(20, "a server", server).await {
        Ok(serving) => {
            serving.stop().await.unwrap();
            None
        }
        Err(ServeError::Connect(error)) => {
            let expected = matches!(
                error,
                ConnectError::Topic(TopicError::NotAllowed { .. }) | ConnectError::GroupNotAllowed { .. }
            );
            assert!(expected, "{error:?}");
            Some(error.to_string())
        }
        Err(other) => panic!("{other:?}"),
    };
    (client, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_right_that_is_missing_is_named_at_start_with_the_command_that_grants_it() {
    let switched = Switched::start();
    let broker = &switched.broker;
    if !broker.is_real() {
        // The embedded broker has no rights, and nothing is asked of it.
        assert_eq!(told(broker).await, (None, None));
        return;
    }
    let (topic, group) = ("--topic", "--group");
    // Missing topics first: the right to make them.
    switched.deny("Create", &["--cluster"], true);
    for name in ["granted.req", "granted.resp", "granted.req.dead"] {
        switched.deny("Create", &[topic, name], true);
    }
    let (client, server) = told(broker).await;
    for said in [client.unwrap(), server.unwrap()] {
        assert!(said.contains("--operation Create --topic granted.re"), "{said}");
    }
    switched.deny("Create", &["--cluster"], false);
    for name in ["granted.req", "granted.resp", "granted.req.dead"] {
        switched.deny("Create", &[topic, name], false);
    }
    assert_eq!(told(broker).await, (None, None));

    // Which right, of what, who cannot go without it.
    let rows = [
        ("Write", topic, "granted.req", true, false),
        ("Read", topic, "granted.resp", true, false),
        ("Read", topic, "granted.req", false, true),
        ("Read", group, "granted.req", false, true),
        ("Write", topic, "granted.resp", false, true),
        ("Describe", topic, "granted.req", true, true),
        ("Describe", topic, "granted.resp", true, true),
        // Of use, and not of need.
        ("Write", topic, "granted.req.dead", false, false),
        ("DescribeConfigs", topic, "granted.req", false, false),
    ];
    for (operation, kind, name, clients, servers) in rows {
        switched.deny(operation, &[kind, name], true);
        let (client, server) = told(broker).await;
        switched.deny(operation, &[kind, name], false);
        assert_eq!(
            (client.is_some(), server.is_some()),
            (clients, servers),
            "{operation} {name}: {client:?} {server:?}"
        );
        for said in [client, server].into_iter().flatten() {
            let command = format!(
                "kafka-acls.sh --bootstrap-server {} --add --allow-principal User:ANONYMOUS --operation {operation} {kind} {name}",
                broker.address()
            );
            assert!(said.contains(&command), "{said}\nwants {command}");
        }
    }
    assert_eq!(told(broker).await, (None, None));
}

bus_tests::contract!(Taken, "taken.req", "taken.resp");
bus_tests::serve_contract!(Taken for Counting);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_to_send_that_is_taken_away_is_named_by_each_call_until_it_is_given_back() {
    let refusing = Refusing::start(&["taken.req", "taken.resp", "taken.req.dead"]);
    let bus = refusing.broker().bus("facade").await;
    let serving = bus.serve(TakenServer::new(Counting::default())).start().await.unwrap();
    let client: TakenClient = bus.client().await.unwrap();
    within(40, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    refusing.writing("taken.req", true);
    let refused = within(40, "a call is refused", async {
        loop {
            if let Err(CallError::Bus(failure)) = client.add(1, 2).timeout(Duration::from_secs(2)).await {
                break failure;
            }
        }
    })
    .await;
    let Failure::NotSent { reason } = &refused else { panic!("{refused:?}") };
    assert!(reason.contains("no right to write to topic `taken.req`"), "{reason}");
    assert!(reason.contains("User:ANONYMOUS --operation Write --topic taken.req"), "{reason}");
    assert!(!refused.may_have_run());
    refusing.writing("taken.req", false);
    within(40, "calls are answered", async { while client.add(1, 2).await != Ok(3) {} }).await;
    serving.stop().await.unwrap();
}
