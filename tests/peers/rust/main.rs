//! The Rust side of `scripts/peers`: a service that peers in other languages call, and a client that
//! calls theirs. They know the decision record alone: a token, a key, a value, here in JSON.

#![allow(clippy::print_stdout)]

use std::error::Error;
use std::time::Duration;

use bus::{Bus, CallError, Client, Codec, Failure};

/// How many calls are made at once.
const CALLS: u32 = 200;

/// A user that no service has.
const NOBODY: u32 = 9999;

macro_rules! contract {
    ($name:ident, $topic:literal, $reply:literal) => {
        /// One method, as the decision record has it: a pair of topics for one kind of request.
        #[bus::request(topic = $topic, reply = $reply, codec = "json")]
        trait $name {
            /// Products that a user holds.
            async fn products(&self, user: u32) -> Result<Vec<String>, String>;
        }
    };
}

contract!(Rust, "peers.rust.req", "peers.rust.resp");
contract!(Python, "peers.python.req", "peers.python.resp");
contract!(Java, "peers.java.req", "peers.java.resp");

struct Portfolios;

impl Rust for Portfolios {
    async fn products(&self, user: u32) -> Result<Vec<String>, String> {
        if user == NOBODY { Err("nobody".to_owned()) } else { Ok(of(user)) }
    }
}

/// What every service answers, in whatever language.
fn of(user: u32) -> Vec<String> {
    vec![format!("bond {user}"), format!("gold {user}")]
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let bus = Bus::from_env().await?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["topics"] => {
            let _: RustClient = bus.client().await?;
            let _: PythonClient = bus.client().await?;
            let _: JavaClient = bus.client().await?;
        }
        ["serve"] => {
            let serving = bus.serve(RustServer::new(Portfolios)).start().await?;
            serving.joined().await;
            println!("serving");
            bus::shutdown_signal().await;
            serving.stop().await?;
        }
        ["call", "python"] => {
            let client: PythonClient = bus.client().await?;
            call(&client, |user| client.products(user)).await?;
        }
        ["call", "python", "msgpack"] => {
            let client: PythonClient = bus.client().codec(Codec::MsgPack).await?;
            call(&client, |user| client.products(user)).await?;
        }
        ["call", "java"] => {
            let client: JavaClient = bus.client().await?;
            call(&client, |user| client.products(user)).await?;
        }
        _ => return Err("usage: rust-peer topics | serve | call python [msgpack] | call java".into()),
    }
    bus.close().await;
    Ok(())
}

async fn call<C: Client>(
    _: &C,
    products: impl Fn(u32) -> bus::Call<Vec<String>, String>,
) -> Result<(), Box<dyn Error>> {
    // The service may just have started.
    let patience = Duration::from_secs(20);
    let calls: Vec<_> =
        (1..=CALLS).map(|user| (user, tokio::spawn(products(user).timeout(patience).into_future()))).collect();
    for (user, call) in calls {
        let found = call.await??;
        if found != of(user) {
            return Err(format!("user {user} was told {found:?}").into());
        }
    }
    // A peer that knows no errors answers null, which is never taken for an answer.
    match products(NOBODY).timeout(patience).await {
        Err(CallError::Bus(failure)) if !matches!(failure, Failure::TimedOut { .. }) => {
            println!("{CALLS} calls answered; null became: {failure}");
            Ok(())
        }
        other => Err(format!("a reply without a value became {other:?}").into()),
    }
}
