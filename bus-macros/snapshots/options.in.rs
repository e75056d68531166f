#[bus::request(
    topic = "jobs.req",
    reply = "jobs.resp",
    partitions = 12,
    reply_partitions = 3,
    replication = 3,
    codec = "json",
    timeout = "1m",
    client = JobsCaller,
    server = JobsHost,
    crate = crate::messages
)]
trait Jobs: Debug {
    #[bus(name = "start", idempotent, inline)]
    async fn begin(&self) -> Result<(), String>;
    #[bus(oneway, blocking)]
    async fn forget(&self, job: u64) -> Result<(), String>;
    #[bus(cancel)]
    async fn wait(&self, job: u64) -> Result<(), String>;
}
