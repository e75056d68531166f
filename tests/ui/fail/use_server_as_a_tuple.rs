mod inner {

#[bus::request(topic = "clock.req", reply = "clock.resp")]
pub trait Clock {
    async fn now(&self) -> Result<u64, String>;
}

}

fn serve<S>(service: S) -> inner::ClockServer<S> {
    inner::ClockServer(service)
}

fn main() {}
