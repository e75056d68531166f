#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

use std::sync::atomic::{AtomicU32, Ordering};

use serde::de::DeserializeOwned;

use super::super::{Argument, Method, Type, build, find_shapes};
use super::*;
use crate::codec::Codec;

/// A crate of a contract, gone at the end.
struct Crate(PathBuf);

impl Crate {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("bus-lock-{}-{number}", std::process::id()));
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::write(
            folder.join("src/lib.rs"),
            "#[bus::request(topic = \"o.req\", reply = \"o.resp\")]\npub trait Orders {}",
        )
        .unwrap();
        Self(folder)
    }

    fn locked(self) -> Self {
        std::fs::create_dir(self.0.join(FOLDER)).unwrap();
        self
    }

    fn file(&self) -> PathBuf {
        self.0.join(FOLDER).join("Orders.json")
    }

    fn lock(&self) -> Lock {
        read(&self.file()).unwrap().unwrap()
    }

    fn check(&self, contract: &Contract) -> Result<(), LockError> {
        check_or_update(contract, &self.0, &[("extra", false)], false)
    }

    fn update(&self, contract: &Contract) -> Result<(), LockError> {
        check_or_update(contract, &self.0, &[("extra", false)], true)
    }
}

impl Drop for Crate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn r#type<T: Serialize + DeserializeOwned>() -> Type {
    build::r#type("T", find_shapes::<T>)
}

fn method<A, T>(name: &'static str) -> &'static Method
where
    A: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    let arguments: &[Argument] = vec![build::argument("order", r#type::<A>())].leak();
    Box::leak(Box::new(build::method(name, arguments, r#type::<T>(), r#type::<()>())))
}

fn contract(codec: Codec, methods: &[&'static Method]) -> Contract {
    build::contract("Orders", "o.req", "o.resp").codec_(codec).methods_(methods.to_vec().leak())
}

fn one<A, T>(codec: Codec) -> Contract
where
    A: Serialize + DeserializeOwned,
    T: Serialize + DeserializeOwned,
{
    contract(codec, &[method::<A, T>("place")])
}

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize)]
        $item
    )*};
}

types! {
    struct Old { city: String, limit: Option<u32> }
    struct More { city: String, limit: Option<u32>, #[serde(default)] note: String }
    struct Renamed { city: String, #[serde(default)] max: Option<u32> }
    struct Needed { city: String, limit: Option<u32>, note: String }
}

#[test]
fn nothing_is_checked_before_there_is_a_folder_and_everything_after() {
    let krate = Crate::new();
    let orders = one::<Old, u64>(Codec::Json);
    krate.check(&orders).unwrap();
    krate.update(&orders).unwrap();
    assert!(!krate.0.join(FOLDER).exists());
    let krate = krate.locked();
    let missing = krate.check(&orders).unwrap_err();
    assert!(matches!(missing, LockError::Missing { .. }));
    assert!(format!("{missing:?}").contains("Orders.json is missing: `BUS_UPDATE_LOCK=1 cargo test` writes it"));
    krate.update(&orders).unwrap();
    krate.check(&orders).unwrap();
    assert_eq!(krate.lock().versions.len(), 1);
    // The same again is no version.
    krate.update(&orders).unwrap();
    assert_eq!(krate.lock().versions.len(), 1);
}

#[test]
fn a_change_that_breaks_says_who_breaks_where_and_in_which_order_it_works() {
    let krate = Crate::new().locked();
    krate.update(&one::<Old, u64>(Codec::Json)).unwrap();
    krate.check(&one::<More, u64>(Codec::Json)).unwrap();
    let text = format!("{:?}", krate.check(&one::<Renamed, u64>(Codec::Json)).unwrap_err());
    for part in [
        "version 1: no order of deployment works",
        "place, argument `order`: old callers to new servers: refused before decoding: `max`",
        "new callers to old servers: refused before decoding: `limit`",
        "renamed? add `#[serde(alias = \"limit\")]`",
        "add a method beside the old one",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = format!("{:?}", krate.check(&one::<Needed, u64>(Codec::Json)).unwrap_err());
    assert!(text.contains("version 1: it works with all callers deployed before the first server"), "{text}");
    let text = format!("{:?}", krate.check(&one::<Old, String>(Codec::Json)).unwrap_err());
    assert!(text.contains("place, answer: old servers to new callers: error in decoding"), "{text}");
    // Under bincode nothing may differ.
    let krate = Crate::new().locked();
    krate.update(&one::<Old, u64>(Codec::Bincode)).unwrap();
    krate.check(&one::<More, u64>(Codec::Bincode)).unwrap_err();
}

#[test]
fn an_update_appends_and_every_version_counts_until_it_is_retired() {
    let krate = Crate::new().locked();
    krate.update(&one::<Old, u64>(Codec::Json)).unwrap();
    let renamed = one::<Renamed, u64>(Codec::Json);
    krate.update(&renamed).unwrap_err();
    let mut lock = krate.lock();
    assert_eq!(lock.versions.iter().map(|version| version.version).collect::<Vec<_>>(), [1, 2]);
    krate.check(&renamed).unwrap_err();
    lock.versions[0].retired = true;
    write(&krate.file(), &lock).unwrap();
    krate.check(&renamed).unwrap();
    krate.check(&one::<Old, u64>(Codec::Json)).unwrap_err();
}

#[test]
fn methods_topics_and_codecs_are_part_of_it() {
    let krate = Crate::new().locked();
    let place = method::<Old, u64>("place");
    krate.update(&contract(Codec::Json, &[place])).unwrap();
    krate.check(&contract(Codec::Json, &[place, method::<u8, u8>("cancel")])).unwrap();
    let gone = krate.check(&contract(Codec::Json, &[method::<u8, u8>("cancel")])).unwrap_err();
    assert!(
        gone.to_string().contains("place: old callers to new servers: refused before decoding: the method is gone"),
        "{gone}"
    );
    krate.check(&contract(Codec::MsgPack, &[place])).unwrap_err();
    let moved = build::contract("Orders", "other.req", "o.resp").codec_(Codec::Json).methods_(vec![place].leak());
    assert!(krate.check(&moved).unwrap_err().to_string().contains("it was `o.req` and is `other.req`"));
}

#[test]
fn versions_with_other_features_are_other_contracts() {
    let krate = Crate::new().locked();
    krate.update(&one::<Old, u64>(Codec::Json)).unwrap();
    let renamed = one::<Renamed, u64>(Codec::Json);
    check_or_update(&renamed, &krate.0, &[("extra", true)], true).unwrap();
    assert_eq!(krate.lock().versions[1].features, ["extra"]);
    check_or_update(&renamed, &krate.0, &[("extra", true)], false).unwrap();
    krate.check(&one::<Old, u64>(Codec::Json)).unwrap();
    krate.check(&renamed).unwrap_err();
}

#[test]
fn a_lock_without_its_trait_is_a_failure() {
    let krate = Crate::new().locked();
    let orders = one::<Old, u64>(Codec::Json);
    krate.update(&orders).unwrap();
    for name in ["Order", "OrdersOld"] {
        let stray = krate.0.join(FOLDER).join(format!("{name}.json"));
        std::fs::write(&stray, "{}").unwrap();
        assert!(matches!(krate.check(&orders), Err(LockError::Stray { file }) if file == stray));
        std::fs::remove_file(stray).unwrap();
    }
    std::fs::write(krate.file(), "{").unwrap();
    assert!(matches!(krate.check(&orders), Err(LockError::File { .. })));
}

#[test]
fn arguments_errors_and_opaque_texts_are_part_of_it() {
    let taking = |names: &[&'static str], error: Type, opaque: Option<&'static str>| {
        let arguments: Vec<_> = names.iter().map(|name| build::argument(name, r#type::<u8>())).collect();
        let method = build::method("place", arguments.leak(), r#type::<u8>(), error);
        let method = match opaque {
            Some(text) => method.opaque_(text),
            None => method,
        };
        contract(Codec::Json, &[Box::leak(Box::new(method))])
    };
    let krate = Crate::new().locked();
    krate.update(&taking(&["from", "to"], r#type::<Old>(), Some("v1"))).unwrap();
    krate.check(&taking(&["from", "target"], r#type::<Old>(), Some("v1"))).unwrap();
    for (contract, part) in [
        (taking(&["to", "from"], r#type::<Old>(), Some("v1")), "arguments were (from, to) and are (to, from)"),
        (taking(&["from"], r#type::<Old>(), Some("v1")), "arguments were (from, to) and are (from)"),
        (taking(&["from", "to"], r#type::<String>(), Some("v1")), "place, error: old servers to new callers"),
        (taking(&["from", "to"], r#type::<Old>(), Some("v2")), "place, opaque: old callers to new servers"),
    ] {
        let text = krate.check(&contract).unwrap_err().to_string();
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_nobody_knows_is_no_change_of_its_own() {
    let krate = Crate::new().locked();
    let any = one::<serde_json::Value, serde_json::Value>(Codec::Json);
    krate.update(&any).unwrap();
    krate.check(&any).unwrap();
    krate.check(&one::<String, serde_json::Value>(Codec::Json)).unwrap_err();
}

#[test]
fn a_release_with_other_words_is_no_version() {
    let krate = Crate::new().locked();
    let place = method::<Old, u64>("place");
    let plain = || contract(Codec::Json, &[place]);
    krate.update(&plain().version_(Some("1.0.0"))).unwrap();
    krate.update(&plain().version_(Some("1.1.0")).docs_("Takes orders.")).unwrap();
    let lock = krate.lock();
    assert_eq!(lock.versions.len(), 1);
    assert_eq!(lock.versions[0].contract.version, "1.0.0");
    assert_eq!(lock.versions[0].contract.docs, "");
}
