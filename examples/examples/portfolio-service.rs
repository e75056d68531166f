//! The portfolio service: products and accounts in `SQLite`. Run as many at once as you like; they
//! share the file and compete for the requests.
//!
//! ```sh
//! BUS_BROKERS=localhost:9092 cargo run --example portfolio-service -- portfolio.db 127.0.0.1:8081
//! curl localhost:8081/readyz
//! ```

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use bus::Bus;
use bus_examples::{AccountId, Error, Money, Portfolio, PortfolioError, PortfolioServer, Product, Receipt, UserId};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

/// The contract's methods are `blocking`, so a handler may wait for the disk.
struct Portfolios {
    database: Mutex<Connection>,
}

impl Portfolio for Portfolios {
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError> {
        match self.read_products(user).map_err(unavailable)? {
            products if products.is_empty() => Err(PortfolioError::NoSuchUser(user)),
            products => Ok(products),
        }
    }

    async fn transfer(&self, account: AccountId, amount: Money) -> Result<Receipt, PortfolioError> {
        self.pay_out(account, amount).map_err(unavailable)?
    }
}

impl Portfolios {
    /// Opens the file, and fills it if it is new.
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let mut database = Connection::open(path)?;
        // Another service may be writing.
        database.busy_timeout(Duration::from_secs(1))?;
        database.pragma_update(None, "journal_mode", "wal")?;
        let seeding = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        seeding.execute_batch(include_str!("portfolio-service.sql"))?;
        seeding.commit()?;
        Ok(Self { database: Mutex::new(database) })
    }

    fn read_products(&self, user: UserId) -> rusqlite::Result<Vec<Product>> {
        let database = self.database();
        let mut query = database.prepare_cached("SELECT name, pieces FROM products WHERE user = ? ORDER BY name")?;
        query.query_map([user.0], |row| Ok(Product { name: row.get(0)?, pieces: row.get(1)? }))?.collect()
    }

    fn pay_out(&self, account: AccountId, amount: Money) -> rusqlite::Result<Result<Receipt, PortfolioError>> {
        let mut database = self.database();
        let transaction = database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = transaction
            .query_row("SELECT balance, transfers FROM accounts WHERE id = ?", [account.0], |row| {
                Ok((Money(row.get(0)?), row.get::<_, u32>(1)?))
            })
            .optional()?;
        let Some((balance, transfers)) = found else { return Ok(Err(PortfolioError::NoSuchAccount(account))) };
        let Some(left) = balance.0.checked_sub(amount.0) else {
            return Ok(Err(PortfolioError::NotEnough { balance }));
        };
        let receipt = Receipt { number: transfers + 1, balance: Money(left) };
        transaction.execute(
            "UPDATE accounts SET balance = ?, transfers = ? WHERE id = ?",
            params![left, receipt.number, account.0],
        )?;
        transaction.commit()?;
        Ok(Ok(receipt))
    }

    /// What a handler left behind that panicked is rolled back.
    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The caller hears that it did not work; why is for our own log.
#[allow(clippy::needless_pass_by_value)]
fn unavailable(error: rusqlite::Error) -> PortfolioError {
    eprintln!("portfolio-service: SQLite: {error}");
    PortfolioError::Unavailable
}

/// Answers the probes of an orchestrator.
fn probes(bus: &Bus) -> Router {
    let (live, ready) = (bus.clone(), bus.clone());
    let status = |well: bool| if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    // Would a restart help?
    let livez = move || async move { status(live.health().is_live()) };
    // Are requests served now? And if not, why?
    let readyz = move || async move {
        let health = ready.health();
        (status(health.is_ready()), format!("{health}\n"))
    };
    Router::new().route("/livez", get(livez)).route("/readyz", get(readyz))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { serves bus_examples::Portfolio }
    bus_examples::log_to_stderr();
    let bus = Bus::from_env().await?;

    let path = std::env::args_os().nth(1).map_or_else(|| std::env::temp_dir().join("portfolio.db"), PathBuf::from);
    let portfolios =
        Portfolios::open(&path).map_err(|error| Error::new(format!("cannot use {}: {error}", path.display())))?;
    println!("portfolio-service {} serves portfolio.req at {}", std::process::id(), bus.brokers());
    println!("its data is in {}; Ctrl-C stops it cleanly", path.display());
    if let Some(listen) = std::env::args().nth(2) {
        let listener = tokio::net::TcpListener::bind(&listen)
            .await
            .map_err(|error| Error::new(format!("cannot listen on {listen} for probes: {error}")))?;
        println!("probes are answered at http://{}/livez and /readyz", listener.local_addr()?);
        tokio::spawn(axum::serve(listener, probes(&bus)).into_future());
    }

    let served = bus.serve(PortfolioServer::new(portfolios)).run_until(bus::shutdown_signal()).await?;
    println!("stopped: {} requests finished, {} handed back", served.finished, served.handed_back);
    bus.close().await;
    Ok(())
}
