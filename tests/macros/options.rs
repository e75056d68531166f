//! Every option arrives in the contract.

use std::time::Duration;

use bus::contract::{Exchange, Run};
use bus::{Client, Codec};

#[bus::request(
    topic = "options.req",
    reply = "options.resp",
    partitions = 7,
    reply_partitions = 3,
    replication = 2,
    codec = "json",
    timeout = "1m",
    client = OptionsCaller,
    server = OptionsHost,
    crate = ::bus,
)]
trait Options {
    #[bus(timeout = "300ms", name = "a.b-c", idempotent)]
    async fn first(&self, #[bus(key)] user: &str, amount: u64) -> Result<u64, String>;
    #[bus(oneway)]
    #[bus(blocking)]
    async fn second(&self, amount: u64, #[bus(key)] list: Displayed) -> Result<(), String>;
    #[bus(cancel, inline)]
    async fn third(&self, #[bus(key)] user: &Displayed) -> Result<u64, String>;
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Displayed(u8);

impl std::fmt::Display for Displayed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "number {}", self.0)
    }
}

struct Sum;

impl Options for Sum {
    async fn first(&self, user: &str, amount: u64) -> Result<u64, String> {
        Ok(amount + user.len() as u64)
    }

    async fn second(&self, _: u64, _: Displayed) -> Result<(), String> {
        Ok(())
    }

    async fn third(&self, user: &Displayed) -> Result<u64, String> {
        Ok(user.0.into())
    }
}

#[test]
fn the_contract_has_them() {
    let contract = OptionsCaller::contract();
    assert_eq!(contract.partitions(), Some(7));
    assert_eq!(contract.reply_partitions(), Some(3));
    assert_eq!(contract.replication(), Some(2));
    assert_eq!(contract.codec(), Codec::Json);
    assert_eq!(contract.timeout(), Some(Duration::from_secs(60)));
    let [first, second, third] = contract.methods() else { panic!("three methods") };
    assert_eq!((first.name(), first.timeout()), ("a.b-c", Some(Duration::from_millis(300))));
    assert!(
        first.options().idempotent && first.options().exchange == Exchange::Answer && first.options().run == Run::Task
    );
    assert!(
        second.options().exchange == Exchange::Oneway
            && second.options().run == Run::Blocking
            && second.timeout().is_none()
    );
    assert!(
        third.options().exchange == Exchange::CancellableAnswer
            && third.options().run == Run::Inline
            && !third.options().idempotent
    );
    let keys: Vec<Vec<bool>> = contract
        .methods()
        .iter()
        .map(|method| method.arguments().iter().map(bus::contract::Argument::is_key).collect())
        .collect();
    assert_eq!(keys, [vec![true, false], vec![false, true], vec![true]]);
}

#[tokio::test]
async fn they_change_no_answer() {
    let options = OptionsCaller::from(bus::loopback(OptionsHost::new(Sum)));
    assert_eq!(options.first("abc", 1).await, Ok(4));
    assert_eq!(options.second(1, Displayed(2)).await, Ok(()));
    assert_eq!(options.third(&Displayed(2)).await, Ok(2));
}

#[tokio::test]
async fn keys_are_texts_and_bodies_are_json() {
    let sent = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = sent.clone();
    let options = OptionsCaller::from(bus::Channel::from_fn(move |request| {
        let text = String::from_utf8_lossy(request.body()).into_owned();
        seen.lock().unwrap().push((request.partition_key().map(ToOwned::to_owned), text));
        async { Ok(bus::Reply::busy(None)) }
    }));
    let _ = options.first("abc", 1).await;
    let _ = options.second(1, Displayed(2)).await;
    let _ = options.third(&Displayed(2)).await;
    let expected = [("abc", r#"["abc",1]"#), ("number 2", "[1,2]"), ("number 2", "2")];
    assert_eq!(*sent.lock().unwrap(), expected.map(|(key, body)| (Some(key.to_owned()), body.to_owned())));
}
