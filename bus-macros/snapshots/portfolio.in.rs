#[bus::request(topic = "portfolio.req", reply = "portfolio.resp")]
/// Portfolio queries.
pub trait Portfolio {
    /// Products that a user holds.
    async fn products(&self, user: UserId) -> Result<Vec<Product>, PortfolioError>;

    /// Moves money; one account's requests go to one partition.
    #[bus(timeout = "2s")]
    async fn transfer(&self, #[bus(key)] account: AccountId, amount: Money) -> Result<Receipt, PortfolioError>;
}
