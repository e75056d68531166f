//! What a method may return: a `Result`, by whatever name, or a plain answer.

use std::convert::Infallible as StdInfallible;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::message::{CallError, Failure};

/// The error of a method that answers plainly: there is none.
///
/// A client's method returns `Result<u32, CallError<Infallible>>` where the trait's returns `u32`.
/// [`std::convert::Infallible`] is no serde type, hence this one; it turns into that.
///
/// ```
/// # use bus::{CallError, Failure};
/// # #[bus::request(topic = "clock.req", reply = "clock.resp")]
/// # trait Clock { async fn zone(&self) -> String; }
/// async fn zone(clock: &ClockClient) -> Result<String, Failure> {
///     // All that can go wrong is the way.
///     Ok(clock.zone().await?)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Infallible {}

impl fmt::Display for Infallible {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Error for Infallible {}

impl From<Infallible> for StdInfallible {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<StdInfallible> for Infallible {
    fn from(never: StdInfallible) -> Self {
        match never {}
    }
}

/// The failure on the way, which is the only thing that can go wrong.
impl From<CallError<Infallible>> for Failure {
    fn from(error: CallError<Infallible>) -> Self {
        match error {
            CallError::Bus(failure) => failure,
            CallError::Service(never) => match never {},
        }
    }
}

/// A method's return type, taken apart.
///
/// An alias hides what it stands for from the attribute, and not from the compiler:
/// [`Returned::IS_RESULT`] asks whether the type is a `Result`, and the answer chooses one of the
/// two implementations, which would overlap without it.
pub trait Outcome<const IS_RESULT: bool>: Sized {
    /// What an answer is.
    type Answer;
    /// What an error is.
    type Error;

    /// The outcome as a `Result`.
    fn into_result(self) -> Result<Self::Answer, Self::Error>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Outcome<true> for Result<T, E> {
    type Answer = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T> Outcome<false> for T {
    type Answer = T;
    type Error = Infallible;

    fn into_result(self) -> Result<T, Infallible> {
        Ok(self)
    }
}

/// `T` of a `Result<T, E>`, or a plain answer itself.
pub type Answer<R, const IS_RESULT: bool> = <R as Outcome<IS_RESULT>>::Answer;

/// `E` of a `Result<T, E>`, or [`Infallible`].
pub type ErrorOf<R, const IS_RESULT: bool> = <R as Outcome<IS_RESULT>>::Error;

/// Asks whether a type is a `Result`: a constant of the type itself is found before one of a trait.
#[derive(Debug)]
pub struct Returned<R>(PhantomData<R>);

impl<T, E> Returned<Result<T, E>> {
    /// It is.
    pub const IS_RESULT: bool = true;
}

/// What [`Returned`] says of everything else.
pub trait Plain {
    /// It is not.
    const IS_RESULT: bool = false;
}

impl<R> Plain for Returned<R> {}
