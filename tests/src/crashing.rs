//! A contract whose handler can end its process.

/// Ends its process when it is told to.
#[bus::request(topic = "crashing.req", reply = "crashing.resp", partitions = 1)]
pub trait Crashing {
    /// Answers, or ends the process.
    #[bus(timeout = "90s")]
    async fn run(&self, crash: bool) -> Result<u32, String>;
}
