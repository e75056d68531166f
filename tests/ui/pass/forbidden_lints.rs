//! What a crate forbids nothing of ours may allow.

#![forbid(
    warnings,
    unsafe_code,
    dead_code,
    deprecated,
    unused,
    unused_variables,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations,
    clippy::all,
    clippy::pedantic,
    clippy::nursery
)]

mod clocks {
    //! Services, of which most is used by nobody.

    /// A service.
    #[bus::request(topic = "clock.req", reply = "clock.resp")]
    pub(crate) trait Clock {
        /// The time.
        async fn now(&self, zone: &str) -> Result<u64, String>;
        /// The version.
        async fn version(&self) -> u32 {
            1
        }
        /// A name.
        fn name(&self) -> String {
            "clock".to_owned()
        }
    }

    /// Another.
    #[bus::request(topic = "wall.req", reply = "wall.resp")]
    trait Wall {
        /// The time.
        async fn now(&self) -> u64;
    }
}

fn main() {
    struct Service;
    impl clocks::Clock for Service {
        async fn now(&self, zone: &str) -> Result<u64, String> {
            Err(zone.to_owned())
        }
    }
    let _server = clocks::ClockServer::new(Service);
}
