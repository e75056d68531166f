//! What a trait may hold reaches what is made of it.

use std::fmt::Debug;

use bus::contract::{Argument, Method};

/// A clock.
///
/// With a second paragraph.
#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub(crate) trait Clock: Debug {
    /// The time.
    async fn now(&self) -> Result<u64, String>;

    #[cfg(any())]
    async fn nowhere(&self, zone: NotThere) -> Result<NotThereEither, NorThis>;

    #[cfg(any())]
    async fn either(&self, zone: NotThere) -> Result<u16, String>;
    #[cfg(not(any()))]
    async fn either(&self) -> Result<u8, String>;

    #[cfg_attr(not(windows), cfg(any()))]
    #[cfg_attr(windows, cfg(any()))]
    async fn nowhere_either(&self, zone: NotThere) -> Result<u8, String>;

    /// Calls another method, uses `?` and `return`, changes an argument.
    async fn doubled(&self, mut times: u64) -> Result<u64, String> {
        if times == 0 {
            return Err(format!("{self:?} cannot take {times}"));
        }
        times *= 2;
        let now = self.now().await?;
        Ok(now * times)
    }

    async fn patterns(&self, (hour, minute): (u8, u8), _: String, [first, ..]: [u8; 3]) -> Result<(u8, u8), String> {
        Ok((hour + first, minute))
    }

    async fn ignored(&self, _: u8, _ignored: u16) -> Result<(), String>;

    async fn unit(&self, nothing: (), list: Vec<()>) -> Result<(), ()>;

    async fn r#type(&self, r#fn: u8) -> Result<u8, String>;

    #[deprecated(note = "ask the sun")]
    async fn old(&self) -> Result<u64, String> {
        Ok(0)
    }

    async fn result(&self) -> std::result::Result<u8, core::num::TryFromIntErrorText>;
}

mod core {
    pub(crate) mod num {
        #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub(crate) struct TryFromIntErrorText(pub(crate) String);
    }
}

#[derive(Debug)]
struct Wall;

impl Clock for Wall {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }

    async fn either(&self) -> Result<u8, String> {
        Ok(1)
    }

    async fn ignored(&self, _: u8, _ignored: u16) -> Result<(), String> {
        Ok(())
    }

    async fn unit(&self, (): (), list: Vec<()>) -> Result<(), ()> {
        if list.len() == 2 { Ok(()) } else { Err(()) }
    }

    async fn r#type(&self, r#fn: u8) -> Result<u8, String> {
        Ok(r#fn)
    }

    // Not `async`, and the future is a named one: the trait asks for no more than it says.
    #[allow(refining_impl_trait)]
    fn result(&self) -> std::future::Ready<Result<u8, core::num::TryFromIntErrorText>> {
        std::future::ready(Err(core::num::TryFromIntErrorText("no".into())))
    }
}

fn clock() -> ClockClient {
    bus::loopback(ClockServer::from(Wall)).into()
}

#[tokio::test]
async fn default_bodies() {
    assert_eq!(clock().doubled(3).await, Ok(42));
    assert_eq!(clock().doubled(0).await, Err(bus::CallError::Service("Wall cannot take 0".into())));
}

#[tokio::test]
async fn patterns_and_raw_identifiers() {
    assert_eq!(clock().patterns((1, 2), "x".into(), [3, 4, 5]).await, Ok((4, 2)));
    assert_eq!(clock().ignored(1, 2).await, Ok(()));
    assert_eq!(clock().r#type(5).await, Ok(5));
    let contract = <ClockClient as bus::Client>::contract();
    let names = |method: &str| -> Vec<&str> {
        contract.method(method).map(Method::arguments).unwrap_or_default().iter().map(Argument::name).collect()
    };
    assert_eq!(names("type"), ["fn"]);
    assert_eq!(names("patterns"), ["0", "1", "2"]);
    assert_eq!(names("ignored"), ["0", "_ignored"]);
    assert_eq!(names("doubled"), ["times"]);
}

#[tokio::test]
async fn units() {
    assert_eq!(clock().unit((), vec![(), ()]).await, Ok(()));
    assert_eq!(clock().unit((), vec![]).await, Err(bus::CallError::Service(())));
}

#[tokio::test]
async fn cfg_takes_a_method_out_everywhere() {
    let names: Vec<&str> =
        <ClockClient as bus::Client>::contract().methods().iter().map(|method| method.name()).collect();
    assert_eq!(names, ["now", "either", "doubled", "patterns", "ignored", "unit", "type", "old", "result"]);
    assert_eq!(clock().either().await, Ok(1));
}

#[tokio::test]
async fn a_future_that_is_no_async_fn() {
    let failed = clock().result().await;
    assert_eq!(failed, Err(bus::CallError::Service(core::num::TryFromIntErrorText("no".into()))));
}

#[tokio::test]
async fn a_deprecated_method_still_answers() {
    #[allow(deprecated)]
    let old = clock().old().await;
    assert_eq!(old, Ok(0));
}

#[test]
fn docs_and_debug() {
    let contract = <ClockClient as bus::Client>::contract();
    assert_eq!(contract.docs(), "A clock.\n\nWith a second paragraph.");
    assert_eq!(contract.method("now").map(Method::docs), Some("The time."));
    assert_eq!(format!("{:?}", ClockServer::new(Wall)), "ClockServer");
    assert!(format!("{:?}", clock()).starts_with("ClockClient { channel: Channel"));
}

/// A service that cannot be cloned or printed has a server that can.
#[test]
fn nothing_is_asked_of_the_service() {
    struct Bare;
    let server = ClockServer::new(Bare);
    let _ = (server.clone(), format!("{server:?}"));
}

#[cfg(any())]
#[bus::request(topic = "gone.req", reply = "gone.resp")]
trait GoneAbove {
    async fn gone(&self, zone: NotThere) -> Result<NotThere, NotThere>;
}

#[bus::request(topic = "gone.req", reply = "gone.resp")]
#[cfg(any())]
trait GoneBelow {
    async fn gone(&self, zone: NotThere) -> Result<NotThere, NotThere>;
}

/// Whether the names are free.
#[allow(dead_code)]
struct GoneAboveClient;
#[allow(dead_code)]
struct GoneBelowClient;
#[allow(dead_code)]
struct GoneBelow;

/// A deprecated trait is used by what is made of it, and by nobody else.
#[deprecated]
#[bus::request(topic = "old.req", reply = "old.resp")]
trait Old {
    async fn now(&self) -> Result<u64, String>;
}
