//! The variables that Kubernetes sets for its Services: one that is called `bus`, or `bus-` and
//! more, puts names into the environment that begin as ours do.
//!
//! They are those of Docker's links as well, with forms that none of our own values has.

use std::net::IpAddr;

/// Whether a variable is a Service's and not meant for us.
pub(super) fn is_service_link(name: &str, value: &str) -> bool {
    let address = |text: &str| text.parse::<IpAddr>().is_ok();
    let port = |text: &str| text.parse::<u16>().is_ok();
    let url = |text: &str| {
        let Some((protocol, rest)) = text.split_once("://") else { return false };
        ["tcp", "udp", "sctp"].contains(&protocol)
            && rest.rsplit_once(':').is_some_and(|(host, number)| {
                address(host.trim_start_matches('[').trim_end_matches(']')) && port(number)
            })
    };
    if name.ends_with("_SERVICE_HOST") {
        return address(value);
    }
    if name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_") {
        return port(value);
    }
    if name.ends_with("_PORT") && url(value) {
        return true;
    }
    // `BUS_PORT_9092_TCP`, and that with `_PROTO`, `_PORT`, `_ADDR`.
    let Some((_, rest)) = name.split_once("_PORT_") else { return false };
    let mut words = rest.split('_');
    if !words.next().is_some_and(port) || !matches!(words.next(), Some("TCP" | "UDP" | "SCTP")) {
        return false;
    }
    match (words.next(), words.next()) {
        (None, _) => url(value),
        (Some("PROTO"), None) => ["tcp", "udp", "sctp"].contains(&value),
        (Some("PORT"), None) => port(value),
        (Some("ADDR"), None) => address(value),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_of_services_are_told_from_ours() {
        for (name, value) in [
            ("BUS_SERVICE_HOST", "10.96.14.2"),
            ("BUS_SERVICE_PORT", "9092"),
            ("BUS_SERVICE_PORT_KAFKA", "9092"),
            ("BUS_PORT", "tcp://10.96.14.2:9092"),
            ("BUS_PORT_9092_TCP", "tcp://10.96.14.2:9092"),
            ("BUS_PORT_9092_TCP_PROTO", "tcp"),
            ("BUS_PORT_9092_TCP_PORT", "9092"),
            ("BUS_PORT_9092_TCP_ADDR", "10.96.14.2"),
            ("BUS_KAFKA_SERVICE_HOST", "fd00::17"),
            ("BUS_KAFKA_PORT", "tcp://[fd00::17]:9092"),
            ("BUS_KAFKA_PORT_9092_TCP_ADDR", "fd00::17"),
            ("BUS_TIMEOUT_SERVICE_PORT", "80"),
        ] {
            assert!(is_service_link(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("BUS_SERVICE", "facade"),
            ("BUS_SERVICE_HOST", "facade"),
            ("BUS_PORT", "9092"),
            ("BUS_BROKERS", "10.96.14.2:9092"),
            ("BUS_SERVICE_PORT", "tcp"),
            ("BUS_PORT_9092_TCP_MORE", "9092"),
            ("BUS_PORT_X_TCP", "tcp://10.96.14.2:9092"),
            ("BUS_KAFKA_SASL_USERNAME", "10.96.14.2"),
        ] {
            assert!(!is_service_link(name, value), "{name}={value}");
        }
    }
}
