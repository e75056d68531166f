//! The main job in one process: a facade asks, two portfolio services compete for its requests.
//!
//! `cargo run --example portfolio` does it on the embedded broker; with `BUS_BROKERS=host:port` in
//! front, on that Kafka. Only the lines that a plain consumer reads are about Kafka; neither the
//! facade's nor the services' code is.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bus::kafka::EmbeddedBroker;
use bus::{Bus, BusBuilder, Call, Codec, ConnectError};
use bus_examples::look::{COLUMNS, Onlooker};
use bus_examples::{
    AccountId, Error, Money, Portfolio, PortfolioClient, PortfolioError, PortfolioServer, Product, Receipt, UserId,
};

const FACADE: &str = "portfolio-facade";
const BALANCE: Money = Money(10_000);
const CALLERS: u32 = 16;
const CALLS_EACH: u32 = 50;

/// The service. It implements the trait and knows nothing of topics.
struct Portfolios {
    name: &'static str,
    answered: Arc<Answered>,
}

/// Who answered how many, so that the facade can tell at the end.
#[derive(Default)]
struct Answered(Mutex<(BTreeMap<&'static str, u64>, &'static str)>);

impl Portfolio for Portfolios {
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError> {
        self.answered.by(self.name);
        match user {
            UserId(21) => Ok(vec![product("bond", 7)]),
            UserId(1..=20) => Ok(vec![product("gold", 1)]),
            nobody => Err(PortfolioError::NoSuchUser(nobody)),
        }
    }

    async fn transfer(&self, account: AccountId, amount: Money) -> Result<Receipt, PortfolioError> {
        self.answered.by(self.name);
        match (account, BALANCE.0.checked_sub(amount.0)) {
            (AccountId(1..=21), Some(left)) => Ok(Receipt { number: 1, balance: Money(left) }),
            (AccountId(1..=21), None) => Err(PortfolioError::NotEnough { balance: BALANCE }),
            (nowhere, _) => Err(PortfolioError::NoSuchAccount(nowhere)),
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let named = std::env::var_os("BUS_BROKERS").is_some();
    let broker = if named { None } else { Some(EmbeddedBroker::start()?) };

    // Three connections, as three processes would have them.
    let north = connect("north", broker.as_deref()).await?;
    let south = connect("south", broker.as_deref()).await?;
    let facade = connect(FACADE, broker.as_deref()).await?;
    let answered = Arc::new(Answered::default());
    let mut services = Vec::new();
    for (name, bus) in [("north", &north), ("south", &south)] {
        let service = PortfolioServer::new(Portfolios { name, answered: Arc::clone(&answered) });
        services.push(bus.serve(service).start().await?);
    }
    // A service is ready before it has its share of the partitions; waiting is for a fair picture.
    while !services.iter().all(bus::Serving::has_partitions) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    // JSON, so that the records can be read below; left alone it is the shorter and quicker bincode.
    let portfolio: PortfolioClient = facade.client().codec(Codec::Json).reply_partition(3).await?;

    let what = if named { "Kafka" } else { "the embedded broker" };
    println!("A facade and two portfolio services, north and south, on {what}");
    println!("at {}. The services compete for the facade's requests. Each", facade.brokers());
    println!("request's key says on which partition the facade reads its replies, 3; the");
    println!("token says which call a reply belongs to. A plain consumer looks on:\n");

    let onlooker = Onlooker::new(facade.brokers(), &["portfolio.req", "portfolio.resp"])?;
    show("products(user 21)", portfolio.products(UserId(21)), &onlooker, &answered).await?;
    show("transfer(account 4, 12.50)", portfolio.transfer(AccountId(4), Money(1_250)), &onlooker, &answered).await?;
    show("products(user 99)", portfolio.products(UserId(99)), &onlooker, &answered).await?;

    summarize(&portfolio, &answered).await?;
    for service in services {
        service.stop().await?;
    }
    for bus in [facade, north, south] {
        bus.close().await;
    }
    Ok(())
}

async fn connect(service: &str, broker: Option<&EmbeddedBroker>) -> Result<Bus, ConnectError> {
    match broker {
        Some(broker) => Bus::builder(service).brokers(broker.brokers()).connect().await,
        None => BusBuilder::from_env()?.service(service).connect().await,
    }
}

/// Makes one call, and prints what it put on the topics and what came of it.
async fn show<T, E>(what: &str, call: Call<T, E>, onlooker: &Onlooker, answered: &Answered) -> Result<(), Error>
where
    T: Debug,
    E: Display,
{
    let started = Instant::now();
    let outcome = call.await;
    let took = started.elapsed();
    let (request, reply) = tokio::task::block_in_place(|| onlooker.exchange(FACADE))?;
    println!("{what}\n  {COLUMNS}\n  {request}\n  {reply}");
    let (who, took) = (answered.last(), milliseconds(took));
    match outcome {
        Ok(value) => println!("  {who} answered in {took}: {value:?}\n"),
        Err(error) => println!("  {who} answered in {took}: {error}\n"),
    }
    Ok(())
}

/// Asks often and from many tasks at once.
async fn summarize(portfolio: &PortfolioClient, answered: &Answered) -> Result<(), Error> {
    answered.clear();
    let started = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let portfolio = portfolio.clone();
            tokio::spawn(async move {
                let mut times = Vec::new();
                for _ in 0..CALLS_EACH {
                    let started = Instant::now();
                    portfolio.products(UserId(caller + 1)).await?;
                    times.push(started.elapsed());
                }
                Ok::<_, bus::CallError<PortfolioError>>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await??);
    }
    let took = started.elapsed();
    times.sort_unstable();
    println!("{} more calls, {CALLERS} at a time: all answered within {}", times.len(), milliseconds(took));
    println!("  north answered {}, south {}", answered.of("north"), answered.of("south"));
    println!(
        "  one call took {} (median), 99 in 100 at most {}",
        milliseconds(times[times.len() / 2]),
        milliseconds(times[times.len() * 99 / 100])
    );
    Ok(())
}

impl Answered {
    fn by(&self, name: &'static str) {
        if let Ok(mut answered) = self.0.lock() {
            *answered.0.entry(name).or_default() += 1;
            answered.1 = name;
        }
    }

    fn last(&self) -> String {
        match self.0.lock() {
            Ok(answered) if !answered.1.is_empty() => answered.1.to_owned(),
            // Somebody else's service may compete on the same Kafka.
            _ => "another process".to_owned(),
        }
    }

    fn clear(&self) {
        if let Ok(mut answered) = self.0.lock() {
            *answered = Default::default();
        }
    }

    fn of(&self, name: &str) -> u64 {
        self.0.lock().ok().and_then(|answered| answered.0.get(name).copied()).unwrap_or_default()
    }
}

fn product(name: &str, pieces: u32) -> Product {
    Product { name: name.to_owned(), pieces }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
