//! What programs say of themselves, in processes of their own.

#![allow(clippy::unwrap_used, missing_docs)]

use std::process::Command;

use bus::Manifest;

/// What the program says that connects in this way, and whether it ended well.
fn asked(way: &str, variables: &[(&str, &str)]) -> (bool, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_with-manifest"));
    program.arg(way).env_remove("BUS_BROKERS").env("RUST_LOG", "off");
    let output = program.envs(variables.iter().copied()).output().unwrap();
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

const JSON: (&str, &str) = ("BUS_DESCRIBE", "json");

#[test]
fn a_program_prints_its_manifest_where_it_would_connect_whatever_way_it_connects() {
    for (way, name, version) in [
        ("builder", "shop", "1.2.3"),
        ("embedded", "with-manifest", env!("CARGO_PKG_VERSION")),
        ("env", "with-manifest", env!("CARGO_PKG_VERSION")),
    ] {
        let (well, text) = asked(way, &[JSON]);
        assert!(well, "{way}: {text}");
        let manifest: Manifest = serde_json::from_str(&text).unwrap();
        assert_eq!((manifest.format, manifest.service.as_str(), manifest.version.as_str()), (1, name, version));
        let orders = &manifest.serves[0];
        assert_eq!((orders.name.as_str(), orders.partitions), ("Orders", Some(7)));
        assert_eq!(orders.methods[0].docs, "Places an order.");
        assert_eq!(manifest.calls[0].contract.name, "Payments");
        assert_eq!(manifest.calls[0].methods.as_deref(), Some(&["pay_v2".to_owned()][..]));
        assert_eq!(serde_json::to_string(&manifest).unwrap() + "\n", text, "it goes through JSON and back");
        assert!(!text.contains("after connect"), "{way}: the process went on: {text}");
    }
}

#[test]
fn the_environment_names_the_service_of_a_manifest() {
    let (well, text) = asked("env", &[JSON, ("BUS_SERVICE", "till")]);
    assert!(well, "{text}");
    assert_eq!(serde_json::from_str::<Manifest>(&text).unwrap().service, "till");
}

#[test]
fn a_program_that_is_not_asked_prints_nothing_and_one_that_cannot_say_fails_to_connect() {
    let (_, text) = asked("env", &[]);
    assert!(text.starts_with("after connect: no brokers are named"), "{text}");
    for (way, value, part) in [
        ("nothing", "json", "the program declares nothing"),
        ("wrong", "json", "`Payments` has no method `pay` on the wire; it has pay_v2, give_back"),
        ("builder", "yaml", "the one form is json"),
    ] {
        let (_, text) = asked(way, &[("BUS_DESCRIBE", value)]);
        assert!(text.starts_with("after connect: BUS_DESCRIBE=") && text.contains(part), "{way}: {text}");
    }
}
