#[bus::request(topic = "clock.req", reply = "clock.resp")]
#[cfg(feature = "clock")]
#[deprecated]
pub trait Clock {
    #[cfg(unix)]
    #[deprecated(note = "ask the sun")]
    async fn now(&self, mut times: u64, (hour, _): (u8, u8), _: ()) -> Result<u64, String> {
        times += u64::from(hour);
        Ok(times)
    }
    #[cfg_attr(windows, cfg(feature = "raw"), allow(unused))]
    async fn r#type(&self, r#fn: u8) -> std::result::Result<u8, String>;
}
