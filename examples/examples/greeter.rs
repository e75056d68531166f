//! The README's first page as a program. `cargo run --example greeter` runs both sides on a broker in
//! this process; with `BUS_BROKERS` set, `-- serve` and `-- ask` are two processes on that Kafka.

use bus::Bus;
use bus_examples::Error;

/// Greets people.
#[bus::request(topic = "greeter.req", reply = "greeter.resp")]
pub trait Greeter {
    /// A greeting, or why there is none.
    async fn greet(&self, name: &str) -> Result<String, String>;
}

struct Polite;

impl Greeter for Polite {
    async fn greet(&self, name: &str) -> Result<String, String> {
        if name.is_empty() { Err("nobody there".to_owned()) } else { Ok(format!("Good day, {name}")) }
    }
}

async fn service() -> Result<(), Error> {
    let bus = Bus::from_env().await?;
    bus.serve(GreeterServer::new(Polite)).run_until(bus::shutdown_signal()).await?;
    Ok(())
}

async fn facade() -> Result<(), Error> {
    let bus = Bus::from_env().await?;
    let greeter: GreeterClient = bus.client().await?;
    println!("{}", greeter.greet("Ada").await?);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => service().await,
        Some("ask") => facade().await,
        // Both, on a broker in this process.
        _ => {
            let bus = Bus::embedded().await?;
            let serving = bus.serve(GreeterServer::new(Polite)).start().await?;
            let greeter: GreeterClient = bus.client().await?;
            println!("{}", greeter.greet("Ada").await?);
            serving.stop().await?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn greets() {
        let greeter = GreeterClient::from(bus::loopback(GreeterServer::new(Polite)));
        assert_eq!(greeter.greet("Ada").await, Ok("Good day, Ada".to_owned()));
    }
}
