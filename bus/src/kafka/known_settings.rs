//! The names of the settings that librdkafka knows, asked of librdkafka itself.

use std::ffi::{CStr, c_char};
use std::ptr::NonNull;
use std::slice;

use rdkafka::bindings;

/// Two names further apart than this have nothing to do with each other.
const NEAR: usize = 4;

/// The known name that is nearest to this one, if one is near.
pub(super) fn nearest(name: &str) -> Option<String> {
    names()
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, &known), known))
        .min()
        .filter(|(distance, _)| *distance <= NEAR)
        .map(|(_, known)| known)
}

/// The names of the settings of clients and of topics, in no order. Those that have no value to
/// begin with are not among what librdkafka lists, so the secrets are added by hand.
#[allow(unsafe_code)]
fn names() -> Vec<String> {
    let mut found: Vec<String> = SECRETS.iter().map(|name| (*name).to_owned()).collect();
    // SAFETY: what librdkafka makes here is ours until it is destroyed, once, below; a dump is a
    // list of `count` C strings, names and values in turns, that stays until it is given back.
    unsafe {
        let (client, topic) = (bindings::rd_kafka_conf_new(), bindings::rd_kafka_topic_conf_new());
        for of_topic in [false, true] {
            let mut count = 0;
            let dump = if of_topic {
                bindings::rd_kafka_topic_conf_dump(topic, &raw mut count)
            } else {
                bindings::rd_kafka_conf_dump(client, &raw mut count)
            };
            let Some(list) = NonNull::new(dump) else { continue };
            let texts: &[*const c_char] = slice::from_raw_parts(list.as_ptr().cast_const().cast(), count);
            let names = texts.iter().step_by(2).filter(|text| !text.is_null());
            found.extend(names.map(|text| CStr::from_ptr(*text).to_string_lossy().into_owned()));
            bindings::rd_kafka_conf_dump_free(list.as_ptr(), count);
        }
        bindings::rd_kafka_topic_conf_destroy(topic);
        bindings::rd_kafka_conf_destroy(client);
    }
    found
}

/// Settings without a value of librdkafka's own that people misspell most.
const SECRETS: [&str; 12] = [
    "sasl.username",
    "sasl.password",
    "sasl.mechanisms",
    "sasl.jaas.config",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.certificate.location",
    "ssl.ca.location",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn librdkafka_names_its_settings_and_the_nearest_is_found() {
        assert!(names().len() > 100, "{}", names().len());
        for (misspelt, known) in [
            ("sasl.pasword", "sasl.password"),
            ("sesion.timeout.ms", "session.timeout.ms"),
            ("message.timout.ms", "message.timeout.ms"),
        ] {
            assert_eq!(nearest(misspelt).as_deref(), Some(known));
        }
        assert_eq!(nearest("something.quite.different"), None);
    }
}
