//! librdkafka's complaints in words that say what is wrong.

/// Says what a complaint means, where librdkafka's own words lead astray. `brokers` is what the user
/// named.
pub(super) fn plain(complaint: &str, brokers: &str) -> String {
    unresolved(complaint, brokers).or_else(|| no_broker(complaint)).unwrap_or_else(|| complaint.to_owned())
}

/// Text that stands between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// The address that a complaint begins with.
fn address(complaint: &str) -> Option<&str> {
    let bare =
        complaint.strip_prefix("[thrd:").and_then(|rest| rest.split_once("]: ")).map_or(complaint, |(_, bare)| bare);
    let (name, _) = bare.split_once(": ")?;
    let name = name.rsplit_once("://").map_or(name, |(_, name)| name);
    name.rsplit_once('/').map(|(address, _)| address)
}

fn unresolved(complaint: &str, brokers: &str) -> Option<String> {
    let name = between(complaint, "Failed to resolve '", "'")?;
    let host = name.rsplit_once(':').map_or(name, |(host, _)| host);
    let why = complaint.split_once(&format!("'{name}': ")).map_or("", |(_, why)| why);
    let why = why.split_once(" (after ").map_or(why, |(why, _)| why);
    // Whoever is not named by the user was named by a broker.
    let own = brokers.split(',').any(|broker| {
        let broker = broker.trim();
        broker == host || broker.rsplit_once(':').is_some_and(|(named, _)| named == host)
    });
    if own {
        return Some(format!("cannot resolve `{host}`: {why}"));
    }
    Some(format!(
        "cannot resolve `{host}`, which the broker at {brokers} advertises (`advertised.listeners`): {why}; the name \
         must be known where this process runs"
    ))
}

/// What answers in another protocol is read as the length of an answer that is far too large.
fn no_broker(complaint: &str) -> Option<String> {
    let size: u32 = between(complaint, "Invalid response size ", " ")?.parse().ok()?;
    let first = size.to_be_bytes();
    let address = address(complaint).unwrap_or("what answers");
    if first == *b"HTTP" {
        return Some(format!("{address} is no Kafka broker: it answers as an HTTP server does; name Kafka's own port"));
    }
    if first.starts_with(&[0x15, 0x03]) {
        return Some(format!(
            "{address} speaks TLS, and this process does not: set `security.protocol` to SSL or SASL_SSL"
        ));
    }
    let text =
        std::str::from_utf8(&first).ok().filter(|text| text.chars().all(|letter| (' '..='~').contains(&letter)))?;
    Some(format!("{address} is no Kafka broker: its answer begins with {text:?}; name Kafka's own port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(complaint: &str) -> String {
        plain(complaint, "front:9092,kafka:9092")
    }

    #[test]
    fn a_name_that_nobody_knows_is_told_apart_by_who_said_it() {
        let learnt = "kafka-internal:9092/1: Failed to resolve 'kafka-internal:9092': Name or service not known (after 1ms in state CONNECT)";
        let text = told(learnt);
        assert!(
            text.starts_with("cannot resolve `kafka-internal`, which the broker at front:9092,kafka:9092 advertises"),
            "{text}"
        );
        assert!(text.contains("Name or service not known") && !text.contains("after 1ms"), "{text}");
        let own =
            "sasl_ssl://kafka:9092/bootstrap: Failed to resolve 'kafka:9092': Name or service not known (after 1ms)";
        assert_eq!(told(own), "cannot resolve `kafka`: Name or service not known");
        assert_eq!(told(&format!("[thrd:{own}]: {own}")), "cannot resolve `kafka`: Name or service not known");
    }

    #[test]
    fn what_speaks_another_protocol_is_no_kafka_broker() {
        let size = |first: [u8; 4]| {
            told(&format!(
                "web:80/bootstrap: Receive failed: Invalid response size {} (0..100000000): increase receive.message.max.bytes (after 0ms in state APIVERSION_QUERY)",
                u32::from_be_bytes(first)
            ))
        };
        assert_eq!(
            size(*b"HTTP"),
            "web:80 is no Kafka broker: it answers as an HTTP server does; name Kafka's own port"
        );
        assert!(size([0x15, 3, 3, 0]).contains("speaks TLS"));
        assert!(size(*b"SSH-").contains("\"SSH-\""));
        // This may be a true answer.
        assert!(size([7, 0, 0, 0]).contains("receive.message.max.bytes"));
    }

    #[test]
    fn other_complaints_stay_as_they_are() {
        for complaint in ["", "1/1 brokers are down", "a:1/1: Connect to ipv4#10.0.0.1:1 failed: Connection refused"] {
            assert_eq!(told(complaint), complaint);
        }
    }
}
