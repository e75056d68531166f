#[bus::request(topic = "search.req", reply = "search.resp")]
pub(crate) trait Search {
    async fn find(&self, #[bus(key)] name: &str, ids: &[u64], filter: &Filter) -> Result<Vec<u64>, String>;
}
