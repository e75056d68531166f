//! The types of both releases, and three contracts of them: values go there as arguments, and come
//! back as answers and as errors.

/// What a value in JSON becomes on the other side; none where it cannot be carried over.
pub(crate) type Sample = (&'static str, Option<&'static str>);

/// A module for each change, with the type of this release.
macro_rules! types {
    ($($id:ident $change:literal { $($old:item)* } => { $($new:item)* } [$($forth:tt)*] [$($back:tt)*];)*) => {$(
        #[allow(dead_code)] // Values come from JSON, and some types are only refused.
        pub(crate) mod $id {
            #[allow(unused_imports)]
            use std::collections::BTreeMap;

            use crate::releases::Sample;

            $(
                #[cfg(not(feature = "next"))]
                #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
                $old
            )*
            $(
                #[cfg(feature = "next")]
                #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
                $new
            )*

            const FORTH: &[Sample] = &[$($forth)*];
            const BACK: &[Sample] = &[$($back)*];
            /// What this release writes, and what it reads of the other.
            pub(super) const WRITTEN: &[Sample] = if crate::NEXT { BACK } else { FORTH };
            pub(super) const READ: &[Sample] = if crate::NEXT { FORTH } else { BACK };
        }
    )*};
}

/// Three contracts with a method for each change.
macro_rules! contracts {
    ($arguments:literal $argued:literal $answers:literal $answered:literal $errors:literal $erred:literal
     $($id:ident $change:literal { $($old:item)* } => { $($new:item)* } [$($forth:tt)*] [$($back:tt)*];)*) => {
        /// Whether a sample of the other release arrives as it is meant.
        #[bus::request(topic = $arguments, reply = $argued, codec = "json")]
        pub(crate) trait Arguments {
            $(async fn $id(&self, sample: u32, value: $id::T) -> Result<bool, String>;)*
        }

        /// Gives a sample.
        #[bus::request(topic = $answers, reply = $answered, codec = "json")]
        pub(crate) trait Answers {
            $(async fn $id(&self, sample: u32) -> Result<$id::T, String>;)*
        }

        /// Fails with a sample.
        #[bus::request(topic = $errors, reply = $erred, codec = "json")]
        pub(crate) trait Errors {
            $(async fn $id(&self, sample: u32) -> Result<(), $id::T>;)*
        }

        impl Arguments for Service {
            $(async fn $id(&self, sample: u32, value: $id::T) -> Result<bool, String> {
                self.ran();
                Ok(is_meant($id::READ, sample, &value))
            })*
        }

        impl Answers for Service {
            $(async fn $id(&self, sample: u32) -> Result<$id::T, String> {
                self.ran();
                written($id::WRITTEN, sample).ok_or_else(|| "no such sample".to_owned())
            })*
        }

        impl Errors for Service {
            $(async fn $id(&self, sample: u32) -> Result<(), $id::T> {
                self.ran();
                written($id::WRITTEN, sample).map_or(Ok(()), Err)
            })*
        }

        /// Calls every method with every sample.
        pub(crate) async fn call(bus: &Bus, tried: &mut Tried) -> Result<(), Box<dyn Error>> {
            let codec = tried.codec();
            let arguments: ArgumentsClient = bus.client().codec(codec).await?;
            let answers: AnswersClient = bus.client().codec(codec).await?;
            let errors: ErrorsClient = bus.client().codec(codec).await?;
            $({
                let change = tried.change($change)?;
                for (sample, (_, wanted)) in numbered($id::WRITTEN) {
                    let value = written($id::WRITTEN, sample).ok_or("a sample that is none")?;
                    let got = match arguments.$id(sample, value).await {
                        Ok(right) => Got::Value { right },
                        Err(failed) => Got::of(failed.failure()),
                    };
                    tried.argument(&change, sample, wanted.is_some(), got).await?;
                }
                for (sample, (_, wanted)) in numbered($id::READ) {
                    let got = match answers.$id(sample).await {
                        Ok(value) => Got::Value { right: is_meant($id::READ, sample, &value) },
                        Err(failed) => Got::of(failed.failure()),
                    };
                    tried.answer(&change, "answer", sample, wanted.is_some(), got).await?;
                    let got = match errors.$id(sample).await {
                        Ok(()) => Got::Nothing,
                        Err(CallError::Service(value)) => Got::Value { right: is_meant($id::READ, sample, &value) },
                        Err(failed) => Got::of(failed.failure()),
                    };
                    tried.answer(&change, "error", sample, wanted.is_some(), got).await?;
                }
            })*
            Ok(())
        }
    };
}

/// A contract for each type that cannot be carried in the next release.
macro_rules! refusals {
    ($($id:ident $change:literal { $($old:item)* } => { $($new:item)* } [$($forth:tt)*] [$($back:tt)*];)*) => {
        $(mod $id {
            use super::super::types::$id::T;

            #[bus::request(topic = "versions.alone.req", reply = "versions.alone.resp")]
            pub(super) trait Alone {
                async fn take(&self, value: T) -> Result<(), String>;
            }
        })*

        /// A client is refused in the release whose type cannot be carried.
        pub(crate) async fn are_refused(bus: &Bus, tried: &mut Tried) {
            $({
                let client = bus.client::<$id::AloneClient>().codec(tried.codec()).await;
                tried.refusal($change, &client.map(drop));
            })*
        }
    };
}

macro_rules! imports {
    () => {
        use std::error::Error;

        use bus::{Bus, CallError};

        use crate::Service;
        use crate::tried::{Got, Tried, is_meant, numbered, written};
    };
}

pub(crate) mod every_codec {
    imports!();

    changes_in_every_codec!(types);
    changes_in_every_codec!(contracts
        "versions.arguments.req" "versions.arguments.resp" "versions.answers.req" "versions.answers.resp"
        "versions.errors.req" "versions.errors.resp");
}

pub(crate) mod beyond_bincode {
    imports!();

    changes_beyond_bincode!(types);
    changes_beyond_bincode!(contracts
        "versions.named-arguments.req" "versions.named-arguments.resp" "versions.named-answers.req"
        "versions.named-answers.resp" "versions.named-errors.req" "versions.named-errors.resp");

    use super::beyond_bincode as types;

    pub(crate) mod alone {
        use bus::Bus;

        use crate::tried::Tried;

        changes_beyond_bincode!(refusals);
    }
}

pub(crate) mod beyond_every_codec {
    mod types {
        changes_beyond_every_codec!(types);
    }

    pub(crate) mod alone {
        use bus::Bus;

        use crate::tried::Tried;

        changes_beyond_every_codec!(refusals);
    }
}
