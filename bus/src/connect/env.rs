//! The environment: names, values, and what to say of the rest.

use std::ffi::OsString;
use std::time::Duration;

use super::builder::BusBuilder;
use super::bus::Bus;
use super::service_links::is_service_link;
use crate::error::{ConfigError, ConnectError};

const BROKERS: &str = "BUS_BROKERS";
const SERVICE: &str = "BUS_SERVICE";
const REPLY_PARTITION: &str = "BUS_REPLY_PARTITION";
const INSTANCE_ID: &str = "BUS_INSTANCE_ID";
const TIMEOUT: &str = "BUS_TIMEOUT";
const TOPIC_PREFIX: &str = "BUS_TOPIC_PREFIX";
const MAX_DECODED_BYTES: &str = "BUS_MAX_DECODED_BYTES";

/// What librdkafka's settings start with.
const KAFKA: &str = "BUS_KAFKA_";

/// Read by the attribute when it expands, by the test that it makes and by `connect`, so that they may
/// be set where a program runs.
const OF_TOOLS: [&str; 3] = ["BUS_MACROS_DEBUG", "BUS_UPDATE_LOCK", crate::manifest::DESCRIBE];

const KNOWN: [&str; 8] =
    [BROKERS, SERVICE, REPLY_PARTITION, INSTANCE_ID, TIMEOUT, TOPIC_PREFIX, MAX_DECODED_BYTES, KAFKA];

/// Two names further apart than this have nothing to do with each other.
const NEAR: usize = 4;

impl BusBuilder {
    /// What the environment says, to be changed: what is said afterwards wins.
    ///
    /// # Errors
    /// As [`Bus::from_env`].
    pub fn from_env() -> Result<Self, ConfigError> {
        read(std::env::vars_os())
    }
}

impl Bus {
    /// Connects as the environment says: `BUS_BROKERS` (needed), `BUS_SERVICE`,
    /// `BUS_REPLY_PARTITION`, `BUS_INSTANCE_ID`, `BUS_TIMEOUT` (`2s`, `300ms`),
    /// `BUS_TOPIC_PREFIX`, `BUS_MAX_DECODED_BYTES`, and any librdkafka
    /// setting as `BUS_KAFKA_<NAME>`: `BUS_KAFKA_SASL_USERNAME` is `sasl.username`.
    ///
    /// # Errors
    /// [`ConfigError::NoBrokers`](crate::ConfigError::NoBrokers) without `BUS_BROKERS`, never the embedded broker;
    /// [`ConfigError::UnknownVariable`](crate::ConfigError::UnknownVariable) for a `BUS_` name that is none of these.
    pub async fn from_env() -> Result<Self, ConnectError> {
        BusBuilder::from_env()?.connect().await
    }
}

/// Reads the variables that start with `BUS_`.
fn read(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<BusBuilder, ConfigError> {
    let mut builder = Bus::builder(program());
    let (mut brokers, mut describing) = (None, false);
    for (name, value) in variables {
        let Some(name) = name.to_str().filter(|name| name.starts_with("BUS_")) else { continue };
        let refused = |reason: &str| ConfigError::Variable {
            name: name.to_owned(),
            value: if name.starts_with(KAFKA) { "***".to_owned() } else { value.to_string_lossy().into_owned() },
            reason: reason.to_owned(),
        };
        let text = value.to_str().ok_or_else(|| refused("it is not UTF-8"))?;
        if is_service_link(name, text) {
            continue;
        }
        builder = match name {
            BROKERS if text.trim().is_empty() => {
                return Err(refused("it is empty; name the brokers as host:port, several separated by commas"));
            }
            BROKERS => {
                brokers = Some(text.to_owned());
                builder
            }
            SERVICE => builder.service(text),
            REPLY_PARTITION => {
                builder.reply_partition(text.parse().map_err(|_| refused("a partition's number is expected, as in 3"))?)
            }
            INSTANCE_ID => builder.instance_id(text),
            TOPIC_PREFIX => builder.topic_prefix(text),
            TIMEOUT => builder.timeout(
                duration(text).ok_or_else(|| refused("a time with its unit is expected, as in 300ms, 2s or 1m"))?,
            ),
            MAX_DECODED_BYTES => builder
                .max_decoded_bytes(text.parse().map_err(|_| refused("a number of bytes is expected, as in 16777216"))?),
            name if OF_TOOLS.contains(&name) => {
                describing |= name == crate::manifest::DESCRIBE;
                builder
            }
            _ => match name.strip_prefix(KAFKA).filter(|setting| !setting.is_empty()) {
                Some(setting) => builder.set(setting.to_ascii_lowercase().replace('_', "."), text),
                None => return Err(ConfigError::UnknownVariable { name: name.to_owned(), nearest: nearest(name) }),
            },
        };
    }
    match brokers {
        Some(brokers) => Ok(builder.brokers(brokers)),
        // A program that only says what it is meets no broker.
        None if describing => Ok(builder),
        None => Err(ConfigError::NoBrokers),
    }
}

/// What a service is called that does not say: as its program.
fn program() -> String {
    std::env::current_exe()
        .ok()
        .and_then(|path| path.file_stem().map(|name| name.to_string_lossy().into_owned()))
        .unwrap_or_else(|| "bus".to_owned())
}

fn nearest(name: &str) -> Option<String> {
    KNOWN
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|(distance, _)| *distance <= NEAR)
        .map(|(_, known)| if *known == KAFKA { format!("{KAFKA}<NAME>") } else { (*known).to_owned() })
}

/// A whole number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let duration = match &text[digits..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (!duration.is_zero()).then_some(duration)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<BusBuilder, ConfigError> {
        read(variables.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))))
    }

    #[test]
    fn without_brokers_there_is_an_error_and_never_the_embedded_broker() {
        assert_eq!(from(&[("PATH", "/bin")]).unwrap_err(), ConfigError::NoBrokers);
        assert!(from(&[("BUS_DESCRIBE", "json")]).is_ok(), "what is only described needs none");
    }

    #[test]
    fn an_unknown_name_is_an_error_that_names_the_nearest() {
        let error = from(&[("BUS_BROKERS", "x:1"), ("BUS_BROKER", "y:1")]).unwrap_err();
        assert_eq!(error.to_string(), "unknown variable BUS_BROKER; did you mean BUS_BROKERS?");
        let error = from(&[("BUS_BROKERS", "x:1"), ("BUS_SOMETHING_ELSE", "1")]).unwrap_err();
        assert!(error.to_string().contains("BUS_KAFKA_<NAME>"), "{error}");
    }

    #[test]
    fn what_kubernetes_sets_for_a_service_called_bus_is_not_ours() {
        let builder = from(&[
            ("BUS_BROKERS", "x:1"),
            ("BUS_SERVICE_HOST", "10.96.14.2"),
            ("BUS_PORT", "tcp://10.96.14.2:9092"),
            ("BUS_KAFKA_PORT", "tcp://10.96.14.2:9092"),
        ])
        .unwrap();
        assert!(!format!("{builder:?}").contains("port"), "{builder:?}");
        assert!(from(&[("BUS_BROKERS", "x:1"), ("BUS_PORT", "9092")]).is_err());
    }

    #[test]
    fn values_of_the_wrong_form_are_errors_that_show_the_right_one() {
        for (name, value) in [
            ("BUS_TIMEOUT", "2x"),
            ("BUS_TIMEOUT", "5"),
            ("BUS_TIMEOUT", "0s"),
            ("BUS_TIMEOUT", "99999999999999999999s"),
            ("BUS_REPLY_PARTITION", "-1"),
            ("BUS_MAX_DECODED_BYTES", "16MiB"),
        ] {
            let error = from(&[("BUS_BROKERS", "x:1"), (name, value)]).unwrap_err();
            assert!(
                matches!(&error, ConfigError::Variable { .. }) && error.to_string().contains("expected"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_table_of_the_environment_has_every_name() {
        let page = include_str!("../../../docs/deployment.md");
        for name in KNOWN {
            let row = if name == KAFKA { format!("| `{KAFKA}<NAME>` |") } else { format!("| `{name}` |") };
            assert!(page.contains(&row), "docs/deployment.md has no row {row}");
        }
        let rows = page.lines().filter(|line| line.starts_with("| `BUS_")).count();
        assert_eq!(rows, KNOWN.len(), "docs/deployment.md has rows of names that are not read");
    }

    #[test]
    fn every_known_name_is_taken_and_librdkafkas_are_translated() {
        let builder = from(&[
            ("BUS_BROKERS", "x:1"),
            ("BUS_SERVICE", "facade"),
            ("BUS_REPLY_PARTITION", "3"),
            ("BUS_INSTANCE_ID", "facade-0"),
            ("BUS_TIMEOUT", "300ms"),
            ("BUS_TOPIC_PREFIX", "staging."),
            ("BUS_MAX_DECODED_BYTES", "1000000"),
            ("BUS_KAFKA_SASL_USERNAME", "me"),
            ("BUS_MACROS_DEBUG", "1"),
            ("BUS_UPDATE_LOCK", "1"),
            ("BUS_DESCRIBE", "json"),
        ])
        .unwrap();
        assert!(format!("{builder:?}").contains("sasl.username"), "{builder:?}");
    }
}
