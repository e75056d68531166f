//! A contract whose handler can end its process.

/// Ends its process when it is told to.
#[bus::request(topic = "crashing.req", reply = "crashing.resp", partitions = 1)]
pub trait Crashing {
    /// Answers, or ends the process.
    #[bus(timeout = "90s")]
    async fn run(&self, crash: bool) -> Result<u32, String>;
}

/// Holds requests, in a process that is killed meanwhile.
#[bus::request(topic = "holding.req", reply = "holding.resp", partitions = 1)]
pub trait Holding {
    /// The process that answers.
    async fn who(&self) -> Result<u32, String>;

    /// Answers after so many milliseconds.
    #[bus(timeout = "90s")]
    async fn hold(&self, case: String, milliseconds: u64) -> Result<u32, String>;

    /// Whether the process that answers holds something of this name.
    async fn holds(&self, case: String) -> Result<bool, String>;
}
