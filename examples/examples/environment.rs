//! How does a deployment configure a service?
//!
//! `Bus::from_env()` reads `BUS_BROKERS` (needed), `BUS_SERVICE`, `BUS_TIMEOUT`,
//! `BUS_REPLY_PARTITION`, `BUS_INSTANCE_ID`, `BUS_TOPIC_PREFIX`, and any librdkafka setting as `BUS_KAFKA_<NAME>`. A name
//! or a value that is wrong stops the process at its start, with a sentence that says what is right.
//!
//! Here this program starts itself again with one environment after the other.

use std::process::{Command, Output};

use bus::Bus;
use bus::kafka::EmbeddedBroker;
use bus_examples::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    if std::env::var_os("STARTED_AGAIN").is_some() {
        let bus = Bus::from_env().await?;
        println!("connected to {}", bus.brokers());
        return Ok(());
    }

    let broker = EmbeddedBroker::start()?;
    let brokers = ("BUS_BROKERS", broker.brokers());
    let all_is_well = [
        brokers,
        ("BUS_SERVICE", "facade"),
        ("BUS_TIMEOUT", "1500ms"),
        ("BUS_REPLY_PARTITION", "3"),
        ("BUS_INSTANCE_ID", "facade-0"),
        ("BUS_KAFKA_CLIENT_RACK", "cellar"),
    ];
    assert!(start_again(&all_is_well)?.status.success());

    for (wrong, advice) in [
        (&[][..], "set BUS_BROKERS"),
        (&[brokers, ("BUS_TIMEOUT", "soon")], "as in 300ms, 2s or 1m"),
        (&[brokers, ("BUS_REPLY_PARTITON", "3")], "did you mean BUS_REPLY_PARTITION?"),
        (&[brokers, ("BUS_KAFKA_SECURITY_PROTOCOL", "tls")], "security.protocol"),
        (&[brokers, ("BUS_KAFKA_GROUP_ID", "mine")], "`.group(..)`"),
        (&[brokers, ("BUS_SERVICE", "shop/facade")], "between name and version"),
    ] {
        let ended = start_again(wrong)?;
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(!ended.status.success() && said.contains(advice), "{said:?} should say {advice:?}");
    }
    Ok(())
}

fn start_again(variables: &[(&str, &str)]) -> Result<Output, Error> {
    let mut command = Command::new(std::env::current_exe()?);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BUS_")) {
        command.env_remove(name);
    }
    let ended = command.envs(variables.iter().copied()).env("STARTED_AGAIN", "1").output()?;
    let set: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    println!("{}", if set.is_empty() { "(nothing set)".to_owned() } else { set.join(" ") });
    print!("  {}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    Ok(ended)
}
