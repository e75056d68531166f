//! Why a body cannot be read or written, in words without payload.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use super::error::{REFUSED, complaint, without_payload};

/// Why a body cannot be read or written, in words without payload.
#[derive(Debug)]
pub(super) struct Fault(Cow<'static, str>);

impl Fault {
    #[cold]
    pub(super) fn new(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    #[cold]
    pub(super) const fn said(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(without_payload(&message.to_string()).into())
    }

    #[cold]
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(complaint("invalid type", &expected).into())
    }

    #[cold]
    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(complaint("invalid value", &expected).into())
    }

    #[cold]
    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self(complaint("invalid length", &expected).into())
    }

    #[cold]
    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::said("unknown variant")
    }

    #[cold]
    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::said("unknown field")
    }

    #[cold]
    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"))
    }

    #[cold]
    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("duplicate field `{field}`"))
    }
}

/// A type's own words about a value that it does not write may quote the value.
impl serde::ser::Error for Fault {
    #[cold]
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::said(REFUSED)
    }
}
