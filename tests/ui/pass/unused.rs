//! A process that only calls, or only serves, is not told that it could do the other.

#![deny(warnings)]

#[bus::request(topic = "called.req", reply = "called.resp")]
trait Called {
    async fn now(&self) -> Result<u64, String>;
}

mod served {
    #[bus::request(topic = "served.req", reply = "served.resp")]
    pub(crate) trait Served {
        async fn now(&self) -> Result<u64, String>;
    }
}

struct Wall;

impl served::Served for Wall {
    async fn now(&self) -> Result<u64, String> {
        Ok(7)
    }
}

fn main() {
    let _ = CalledClient::from(bus::loopback(served::ServedServer::new(Wall)));
}
