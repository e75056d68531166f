//! The facade: a web server that knows the portfolio service by its client alone.
//!
//! ```sh
//! BUS_BROKERS=localhost:9092 cargo run --example facade -- 127.0.0.1:8080
//! curl localhost:8080/users/21/products
//! curl localhost:8080/accounts/4/transfers --json '{"cents": 1250}'
//! curl localhost:8080/readyz
//! ```

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use bus::{Bus, CallError, Failure};
use bus_examples::{AccountId, Error, Money, PortfolioClient, PortfolioError, Product, Receipt, UserId};
use serde::Deserialize;
use serde_json::json;

async fn products(
    State(portfolio): State<PortfolioClient>,
    user: Result<Path<u32>, PathRejection>,
) -> Result<Json<Vec<Product>>, Problem> {
    Ok(Json(portfolio.products(UserId(user?.0)).await?))
}

#[derive(Deserialize)]
struct Transfer {
    cents: u32,
}

async fn transfer(
    State(portfolio): State<PortfolioClient>,
    account: Result<Path<u32>, PathRejection>,
    body: Result<Json<Transfer>, JsonRejection>,
) -> Result<Json<Receipt>, Problem> {
    Ok(Json(portfolio.transfer(AccountId(account?.0), Money(body?.cents)).await?))
}

/// Would a restart help?
async fn livez(State(bus): State<Bus>) -> StatusCode {
    if bus.health().is_live() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

/// Can calls be made now? And if not, why?
async fn readyz(State(bus): State<Bus>) -> (StatusCode, String) {
    let health = bus.health();
    (if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, format!("{health}\n"))
}

const ROUTES: &str = "there are GET /users/{id}/products and POST /accounts/{id}/transfers";

async fn no_such_path(uri: Uri) -> Problem {
    Problem::Http(StatusCode::NOT_FOUND, format!("nothing is at {}; {ROUTES}", uri.path()))
}

async fn no_such_method(method: Method, uri: Uri) -> Problem {
    Problem::Http(StatusCode::METHOD_NOT_ALLOWED, format!("{method} does not work at {}; {ROUTES}", uri.path()))
}

/// Every way in which a request can end without what was asked for.
enum Problem {
    Service(PortfolioError),
    Bus(Failure),
    Http(StatusCode, String),
}

impl IntoResponse for Problem {
    /// The one place that knows which status means what.
    fn into_response(self) -> Response {
        match self {
            Self::Http(status, message) => (status, body("bad-request", &message, false)).into_response(),
            Self::Service(error) => {
                let (status, name) = match error {
                    PortfolioError::NoSuchUser(_) => (StatusCode::NOT_FOUND, "no-such-user"),
                    PortfolioError::NoSuchAccount(_) => (StatusCode::NOT_FOUND, "no-such-account"),
                    PortfolioError::NotEnough { .. } => (StatusCode::CONFLICT, "not-enough"),
                    PortfolioError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
                };
                (status, body(name, &error.to_string(), false)).into_response()
            }
            Self::Bus(failure) => {
                let (status, name) = match &failure {
                    Failure::TimedOut { .. } => (StatusCode::GATEWAY_TIMEOUT, "no-answer"),
                    Failure::Busy { .. } => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
                    Failure::NotSent { .. } => (StatusCode::SERVICE_UNAVAILABLE, "not-sent"),
                    _ => (StatusCode::BAD_GATEWAY, "bad-answer"),
                };
                let mut message = failure.to_string();
                if status == StatusCode::GATEWAY_TIMEOUT {
                    message += "; does a portfolio-service run on the same brokers?";
                }
                let mut response = (status, body(name, &message, failure.may_have_run())).into_response();
                // Only where asking again cannot do the same thing twice.
                if failure.is_retryable() {
                    let seconds = match failure {
                        Failure::Busy { retry_after: Some(after) } => after.as_secs_f64().ceil().max(1.0),
                        _ => 1.0,
                    };
                    if let Ok(seconds) = seconds.to_string().parse() {
                        response.headers_mut().insert(header::RETRY_AFTER, seconds);
                    }
                }
                response
            }
        }
    }
}

/// A body for people and for programs.
fn body(error: &str, message: &str, may_have_run: bool) -> Json<serde_json::Value> {
    Json(json!({ "error": error, "message": message, "may_have_run": may_have_run }))
}

impl From<CallError<PortfolioError>> for Problem {
    fn from(error: CallError<PortfolioError>) -> Self {
        match error {
            CallError::Service(error) => Self::Service(error),
            CallError::Bus(failure) => Self::Bus(failure),
            other => Self::Http(StatusCode::BAD_GATEWAY, other.to_string()),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::Http(rejection.status(), rejection.body_text())
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        Self::Http(rejection.status(), format!("{}; send {}", rejection.body_text(), r#"{"cents": 1250}"#))
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    bus::manifest! { calls bus_examples::Portfolio }
    bus_examples::log_to_stderr();

    let listen = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(&listen).await.map_err(|error| {
        Error::new(format!("cannot listen on {listen}: {error}; give another address, as in `facade 127.0.0.1:8081`"))
    })?;
    let bus = Bus::from_env().await?;
    let portfolio: PortfolioClient = bus.client().await?;
    println!(
        "facade {} listens on http://{} and asks at {}",
        std::process::id(),
        listener.local_addr()?,
        bus.brokers()
    );

    let app = Router::new()
        .route("/users/{id}/products", get(products))
        .route("/accounts/{id}/transfers", post(transfer))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .with_state(portfolio)
        .merge(Router::new().route("/livez", get(livez)).route("/readyz", get(readyz)).with_state(bus.clone()));
    // Requests under way are finished, then the bus is closed.
    axum::serve(listener, app).with_graceful_shutdown(bus::shutdown_signal()).await?;
    bus.close().await;
    Ok(())
}
