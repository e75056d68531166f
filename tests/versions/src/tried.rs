//! What became of calls, held against what the page says.

use std::collections::{BTreeMap, HashSet};
use std::error::Error;

use bus::{Codec, ConnectError, Failure};
use serde::de::DeserializeOwned;

use super::page::{Cell, Page, Row};
use super::releases::Sample;
use super::{NEXT, RunsClient};

/// A value that this release writes.
pub(crate) fn written<T: DeserializeOwned>(samples: &[Sample], number: u32) -> Option<T> {
    let (value, _) = samples.get(usize::try_from(number).ok()?)?;
    serde_json::from_str(value).ok()
}

/// Whether a value of the other release is what it was to become.
pub(crate) fn is_meant<T: DeserializeOwned + PartialEq>(samples: &[Sample], number: u32, got: &T) -> bool {
    let wanted = usize::try_from(number).ok().and_then(|number| samples.get(number)?.1);
    wanted.and_then(|wanted| serde_json::from_str(wanted).ok()).is_some_and(|wanted: T| wanted == *got)
}

pub(crate) fn numbered(samples: &[Sample]) -> impl Iterator<Item = (u32, &Sample)> {
    (0..).zip(samples)
}

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Got {
    Value { right: bool },
    Nothing,
    Failure(Failure),
}

impl Got {
    pub(crate) fn of(failure: Option<&Failure>) -> Self {
        failure.cloned().map_or(Self::Nothing, Self::Failure)
    }
}

/// Calls under way, and how many there were.
pub(crate) struct Tried {
    page: Page,
    codec: Codec,
    runs: RunsClient,
    /// Requests that had run before this call.
    ran: u64,
    changes: HashSet<String>,
    counts: BTreeMap<(&'static str, &'static str), u32>,
    wrong: Vec<String>,
}

impl Tried {
    pub(crate) async fn new(page: Page, runs: RunsClient) -> Result<Self, Box<dyn Error>> {
        let ran = runs.runs().await.map_err(|failed| format!("{failed:?}"))?;
        let (changes, counts) = (HashSet::new(), BTreeMap::new());
        Ok(Self { page, codec: Codec::Bincode, runs, ran, changes, counts, wrong: Vec::new() })
    }

    pub(crate) fn begin(&mut self, codec: Codec) {
        self.codec = codec;
    }

    pub(crate) fn codec(&self) -> Codec {
        self.codec
    }

    pub(crate) fn change(&mut self, change: &str) -> Result<Row, String> {
        self.changes.insert(change.to_owned());
        self.page.row(change, self.codec)
    }

    /// Holds a call with a changed argument against the page.
    pub(crate) async fn argument(
        &mut self,
        row: &Row,
        sample: u32,
        arrives: bool,
        got: Got,
    ) -> Result<(), Box<dyn Error>> {
        let cell = if NEXT { row.new_to_old } else { row.old_to_new };
        let ran = self.has_run().await?;
        let right = match (cell, &got) {
            (Cell::Arrives, Got::Value { right }) => *right && ran,
            (Cell::ByValue | Cell::Unknown, Got::Value { right }) => *right && ran && arrives,
            (Cell::ByValue, Got::Failure(failure @ Failure::Malformed { .. })) => {
                !arrives && !ran && !failure.may_have_run()
            }
            (Cell::Unknown, Got::Failure(failure @ Failure::Malformed { .. })) => !ran && !failure.may_have_run(),
            (Cell::Mismatch, Got::Failure(failure @ Failure::ContractMismatch { .. })) => {
                !ran && !failure.may_have_run()
            }
            _ => false,
        };
        self.note(row, "argument", sample, cell, right, &got, ran);
        Ok(())
    }

    /// Holds a call whose answer or error is changed against the page.
    pub(crate) async fn answer(
        &mut self,
        row: &Row,
        part: &'static str,
        sample: u32,
        arrives: bool,
        got: Got,
    ) -> Result<(), Box<dyn Error>> {
        let cell = if NEXT { row.old_to_new } else { row.new_to_old };
        let ran = self.has_run().await?;
        let right = match (cell, &got) {
            (Cell::Arrives, Got::Value { right }) => *right && ran,
            (Cell::ByValue | Cell::Unknown, Got::Value { right }) => *right && ran && arrives,
            // It has run, and its caller knows.
            (Cell::ByValue, Got::Failure(failure @ Failure::AnswerMismatch { .. })) => {
                !arrives && ran && failure.may_have_run()
            }
            (Cell::Unknown, Got::Failure(failure @ Failure::AnswerMismatch { .. })) => ran && failure.may_have_run(),
            (Cell::Mismatch, Got::Failure(failure @ Failure::ContractMismatch { .. })) => {
                !ran && !failure.may_have_run()
            }
            _ => false,
        };
        self.note(row, part, sample, cell, right, &got, ran);
        Ok(())
    }

    /// Holds a client of a type that bincode cannot carry in the next release against the page.
    pub(crate) fn refusal(&mut self, change: &str, client: &Result<(), ConnectError>) {
        self.changes.insert(change.to_owned());
        let says = self.page.row(change, self.codec);
        let unfit = says.as_ref().is_ok_and(|row| row.old_to_new == Cell::Unfit && row.new_to_old == Cell::Unfit);
        let right = match client {
            Ok(()) => !NEXT,
            Err(refused) => NEXT && matches!(refused, ConnectError::Unfit { .. }),
        };
        *self.counts.entry(("client", if client.is_ok() { "is there" } else { "refused" })).or_default() += 1;
        if !(unfit && right) {
            self.wrong.push(format!("{change}: the page says {says:?}, and the client is {client:?}"));
        }
    }

    async fn has_run(&mut self) -> Result<bool, Box<dyn Error>> {
        let runs = self.runs.runs().await.map_err(|failed| format!("{failed:?}"))?;
        let before = std::mem::replace(&mut self.ran, runs);
        match runs - before {
            0 => Ok(false),
            1 => Ok(true),
            more => Err(format!("one call ran {more} times").into()),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn note(&mut self, row: &Row, part: &'static str, sample: u32, cell: Cell, right: bool, got: &Got, ran: bool) {
        let became = match got {
            Got::Value { .. } => "arrived",
            Got::Nothing => "nothing",
            Got::Failure(_) if ran => "failed after it ran",
            Got::Failure(_) => "failed before it ran",
        };
        *self.counts.entry((part, became)).or_default() += 1;
        if !right {
            let codec = self.codec;
            self.wrong.push(format!(
                "{}, {codec}, {part}, sample {sample}: the page says {cell:?}; became {got:?}, ran: {ran}",
                row.change
            ));
        }
    }

    /// Says what became of all calls.
    pub(crate) fn finish(self) -> Result<(), Box<dyn Error>> {
        let counts: Vec<String> =
            self.counts.iter().map(|((part, became), count)| format!("{part} {became}: {count}")).collect();
        println!("{} changes; {}", self.changes.len(), counts.join(", "));
        if self.changes.len() != self.page.len() {
            return Err(format!("the page has {} rows, {} were tried", self.page.len(), self.changes.len()).into());
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        Err(format!("{} are not as the page says:\n{}", self.wrong.len(), self.wrong.join("\n")).into())
    }
}
