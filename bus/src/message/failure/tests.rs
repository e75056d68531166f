#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tower_service::Service;

use super::*;
use crate::client::Channel;
use crate::message::Request;

#[crate::request(topic = "told.req", reply = "told.resp")]
trait Told {
    async fn tell(&self) -> Result<u64, String>;
}

/// The name in `docs/errors.md`. A variant that is missing here does not compile.
fn name(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotSent { .. } => "NotSent",
        Failure::TimedOut { .. } => "TimedOut",
        Failure::Busy { .. } => "Busy",
        Failure::Expired { .. } => "Expired",
        Failure::UnknownMethod { .. } => "UnknownMethod",
        Failure::Malformed { .. } => "Malformed",
        Failure::ContractMismatch { .. } => "ContractMismatch",
        Failure::AnswerMismatch { .. } => "AnswerMismatch",
        Failure::Panicked { .. } => "Panicked",
        Failure::Crashed { .. } => "Crashed",
        Failure::TooLarge { .. } => "TooLarge",
        Failure::Unencodable { .. } => "Unencodable",
        Failure::Undecodable { .. } => "Undecodable",
        Failure::Closed { .. } => "Closed",
        Failure::Other { .. } => "Other",
    }
}

/// Every failure, whether its request may have run, and whether asking again can help and harms
/// nobody.
fn rows() -> Vec<(Failure, bool, bool)> {
    let text = || "so".to_owned();
    vec![
        (Failure::NotSent { reason: text() }, false, true),
        (Failure::TimedOut { waited: Duration::from_secs(1), hint: None }, true, false),
        (Failure::Busy { retry_after: None }, false, true),
        (Failure::Busy { retry_after: Some(Duration::from_secs(1)) }, false, true),
        (Failure::Expired { detail: text() }, false, true),
        (Failure::UnknownMethod { detail: text() }, false, false),
        (Failure::Malformed { detail: text() }, false, false),
        (Failure::ContractMismatch { detail: text() }, false, false),
        (Failure::AnswerMismatch { detail: text() }, true, false),
        (Failure::Panicked { detail: text() }, true, false),
        (Failure::Crashed { detail: text() }, true, false),
        (Failure::TooLarge { detail: text(), ran: false }, false, false),
        (Failure::TooLarge { detail: text(), ran: true }, true, false),
        (Failure::Unencodable { detail: text() }, false, false),
        (Failure::Undecodable { detail: text() }, true, false),
        (Failure::Closed { sent: false }, false, false),
        (Failure::Closed { sent: true }, true, false),
        (Failure::Other { name: text(), detail: text() }, true, false),
    ]
}

/// Every fault of a server's, and what it is to the caller.
fn faults() -> Vec<(Fault, &'static str, bool, bool)> {
    vec![
        (Fault::Busy, "Busy", false, true),
        (Fault::Expired, "Expired", false, true),
        (Fault::UnknownMethod, "UnknownMethod", false, false),
        (Fault::Malformed, "Malformed", false, false),
        (Fault::ContractMismatch, "ContractMismatch", false, false),
        (Fault::ShapesWanted, "ContractMismatch", false, false),
        (Fault::Panicked, "Panicked", true, false),
        (Fault::Crashed, "Crashed", true, false),
        (Fault::TooLarge, "TooLarge", true, false),
        // Of the answer: the handler is done.
        (Fault::Unencodable, "Other", true, false),
        (Fault::Other("of a newer server".to_owned()), "Other", true, false),
    ]
}

/// A layer that fails as many of tower's do.
#[derive(Clone)]
struct Boxing(Channel);

impl Service<Request> for Boxing {
    type Response = Reply;
    type Error = Box<dyn Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let answer = self.0.call(request);
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

/// What a caller is told, without a layer, behind one, and behind two that box.
async fn told(answer: impl Fn() -> Result<Reply, Failure> + Clone + Send + Sync + 'static) -> Vec<Failure> {
    let plain = Channel::from_fn(move |_| {
        let answer = answer();
        async move { answer }
    });
    let layered = Channel::from_service(plain.clone());
    let boxed = Channel::from_service(Boxing(Channel::from_service(Boxing(plain.clone()))));
    let mut failures = Vec::new();
    for channel in [plain, layered, boxed] {
        failures.push(ToldClient::from(channel).tell().await.unwrap_err().failure().unwrap().clone());
    }
    failures
}

#[tokio::test]
async fn whether_a_request_may_have_run_and_may_be_asked_again_is_the_same_with_layers_and_without() {
    for (failure, may_have_run, retryable) in rows() {
        let sent = failure.clone();
        for got in told(move || Err(sent.clone())).await {
            assert_eq!(got, failure);
            assert_eq!((got.may_have_run(), got.is_retryable()), (may_have_run, retryable), "{got:?}");
            assert!(!(retryable && may_have_run), "{got:?}");
        }
    }
    for (fault, is, may_have_run, retryable) in faults() {
        let sent = fault.clone();
        for got in told(move || Ok(Reply::fault(sent.clone(), "so"))).await {
            assert_eq!(name(&got), is, "{fault:?}");
            assert_eq!((got.may_have_run(), got.is_retryable()), (may_have_run, retryable), "{fault:?}");
        }
    }
}

/// What is not a failure of ours says nothing of whether a request has run.
#[tokio::test]
async fn a_layer_that_fails_in_its_own_way_may_have_run_the_request() {
    let failure = Failure::from(Box::<dyn Error + Send + Sync>::from("the layer's own"));
    assert_eq!(name(&failure), "Other");
    assert!(failure.may_have_run() && !failure.is_retryable());
}

#[test]
fn the_table_in_the_documentation_is_this_one() {
    let page = include_str!("../../../../docs/errors.md");
    let listed: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let mut named = BTreeSet::new();
    for row in &listed {
        let failure = row[0].trim_matches('`');
        named.insert(failure);
        let ours: Vec<_> = rows().into_iter().filter(|(of, ..)| name(of) == failure).collect();
        assert!(!ours.is_empty(), "`{failure}` is no failure");
        let (mays, retries): (BTreeSet<_>, BTreeSet<_>) = ours.iter().map(|(_, may, retry)| (*may, *retry)).unzip();
        if mays.len() == 1 {
            assert!(mays.iter().all(|may| word(*may) == row[2]), "{row:?}");
        } else {
            assert!(!["yes", "no"].contains(&row[2]), "it depends: {row:?}");
        }
        assert!(retries.iter().all(|retry| word(*retry) == row[3]), "{row:?}");
    }
    let all: BTreeSet<&str> = rows().iter().map(|(failure, ..)| name(failure)).collect();
    assert_eq!(named, all);
}
