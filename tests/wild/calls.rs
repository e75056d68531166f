//! What compiles also runs: each way of calling and of answering, over the loopback.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bus::{Call, CallError, Infallible};

use super::shop::{
    Boxed, BoxedClient, BoxedServer, Calculator, CalculatorClient, CalculatorServer, Commands, CommandsClient,
    CommandsServer, Constructed, ConstructedClient, ConstructedServer, Done, Files, FilesClient, FilesServer, Health,
    HealthClient, HealthServer, Order, OrderId, Reply, Result, Rewritten, RewrittenClient, RewrittenServer, Settings,
    SharedAndLent, SharedAndLentClient, SharedAndLentServer, ShopError, Status,
};

#[derive(Default)]
struct Shop {
    number: u64,
}

impl Commands for Shop {
    async fn open(&self, id: OrderId) -> Done {
        if id.0 == self.number { Ok(()) } else { Err(ShopError::NotFound(id)) }
    }
    async fn close(&self, _: OrderId, reason: String) -> Done {
        Err(ShopError::Refused { reason })
    }
}

#[tokio::test]
async fn an_alias_of_all_that_is_returned_is_taken_apart() {
    let client = CommandsClient::from(bus::loopback(CommandsServer::new(Shop { number: 7 })));
    // The types are the service's own, whatever the alias is called.
    let call: Call<(), ShopError> = client.open(OrderId(7));
    assert_eq!(call.await, Ok(()));
    assert_eq!(client.open(OrderId(8)).await, Err(CallError::Service(ShopError::NotFound(OrderId(8)))));
    let refused = client.close(OrderId(7), "no".to_owned()).await;
    assert_eq!(refused, Err(CallError::Service(ShopError::Refused { reason: "no".to_owned() })));
    let contract = <CommandsClient as bus::Client>::contract();
    let names = |method: &str| contract.method(method).map(|method| (method.answer().name(), method.error().name()));
    assert_eq!(names("open"), Some(("answer of Done", "error of Done")));
}

impl Health for Shop {
    async fn ping(&self) {}
    async fn version(&self) -> u32 {
        3
    }
    async fn status(&self) -> Status {
        Status { up: true }
    }
}

#[tokio::test]
async fn a_plain_answer_has_no_error_of_the_service() {
    let client = HealthClient::from(bus::loopback(HealthServer::new(Shop::default())));
    let version: std::result::Result<u32, CallError<Infallible>> = client.version().await;
    assert_eq!(version, Ok(3));
    assert_eq!(client.ping().await, Ok(()));
    assert_eq!(client.status().await, Ok(Status { up: true }));
    let contract = <HealthClient as bus::Client>::contract();
    let names = |method: &str| contract.method(method).map(|method| (method.answer().name(), method.error().name()));
    assert_eq!(names("version"), Some(("u32", "Infallible")));
    assert_eq!(names("status"), Some(("Status", "Infallible")));
    // All that can go wrong is the way.
    let gone = HealthClient::from(bus::Channel::from_fn(|_| async { Ok(bus::Reply::busy(None)) }));
    let failure: bus::Failure = gone.ping().await.unwrap_err().into();
    assert!(matches!(failure, bus::Failure::Busy { .. }));
}

impl Calculator for Shop {
    fn add(&self, one: i64, other: i64) -> i64 {
        one + other
    }
    fn divide(&self, one: i64, other: i64) -> std::result::Result<i64, String> {
        one.checked_div(other).ok_or_else(|| "by zero".to_owned())
    }
    fn reset(&self) {}
}

#[tokio::test]
async fn a_plain_function_is_a_handler_on_the_blocking_pool() {
    let client = CalculatorClient::from(bus::loopback(CalculatorServer::new(Shop::default())));
    assert_eq!(client.add(2, 3).await, Ok(5));
    assert_eq!(client.divide(1, 0).await, Err(CallError::Service("by zero".to_owned())));
    assert_eq!(client.reset().await, Ok(()));
    let contract = <CalculatorClient as bus::Client>::contract();
    assert!(contract.methods().iter().all(|method| method.options().run == bus::contract::Run::Blocking));
    let half = <super::shop::HalfAsyncClient as bus::Client>::contract();
    let runs: Vec<_> = half.methods().iter().map(|method| method.options().run).collect();
    use bus::contract::Run;
    assert_eq!(runs, [Run::Blocking, Run::Task, Run::Inline]);
}

impl Boxed for Shop {
    fn fetch(&self, id: OrderId) -> super::shop::BoxFuture<'_, Result<Order>> {
        Box::pin(async move { Ok(Order { id, name: self.number.to_string(), tags: Vec::new() }) })
    }
    fn save<'a>(&'a self, entity: &'a Order) -> super::shop::BoxFuture<'a, Done> {
        Box::pin(async move { Err(ShopError::NotFound(entity.id)) })
    }
}

#[tokio::test]
async fn a_boxed_future_is_awaited() {
    let client = BoxedClient::from(bus::loopback(BoxedServer::new(Shop { number: 7 })));
    let reply: std::result::Result<Order, _> = client.fetch(OrderId(1)).await;
    assert_eq!(
        reply,
        Reply::Ok(Order { id: OrderId(1), name: "7".to_owned(), tags: Vec::new() }).map_err(CallError::Service)
    );
    let order = Order { id: OrderId(2), ..Order::default() };
    assert_eq!(client.save(&order).await, Err(CallError::Service(ShopError::NotFound(OrderId(2)))));
}

impl Rewritten for Shop {
    fn greet<'life0, 'life1, 'async_trait>(
        &'life0 self,
        name: &'life1 str,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<String>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { Ok(format!("{name} {}", self.number)) })
    }
}

#[tokio::test]
async fn what_async_trait_has_rewritten_is_a_request_still_and_goes_behind_dyn() {
    let client = RewrittenClient::from(bus::loopback(RewrittenServer::new(Shop { number: 7 })));
    assert_eq!(client.greet("Ada").await, Ok("Ada 7".to_owned()));
    let any: Arc<dyn Rewritten> = Arc::new(Shop { number: 8 });
    let client = RewrittenClient::from(bus::loopback(RewrittenServer::new(any)));
    assert_eq!(client.greet("Ada").await, Ok("Ada 8".to_owned()));
}

impl SharedAndLent for Shop {
    async fn lent(&self) -> u8 {
        1
    }
    async fn shared(self: Arc<Self>) -> u8 {
        u8::try_from(Arc::strong_count(&self)).unwrap()
    }
    async fn both(self: &Arc<Self>) -> u8 {
        3
    }
    async fn long(&self) -> u8 {
        4
    }
}

#[tokio::test]
async fn a_service_is_called_through_its_arc() {
    let client = SharedAndLentClient::from(bus::loopback(SharedAndLentServer::new(Shop::default())));
    assert_eq!(client.lent().await, Ok(1));
    // The server's own and the handler's.
    assert!(client.shared().await.unwrap() >= 2);
    assert_eq!(client.both().await, Ok(3));
    assert_eq!(client.long().await, Ok(4));
}

#[tokio::test]
async fn a_server_is_made_of_an_arc_that_others_hold_too() {
    let shop = Arc::new(Shop { number: 7 });
    let client = CommandsClient::from(bus::loopback(CommandsServer::new(Arc::clone(&shop))));
    assert_eq!(client.open(OrderId(shop.number)).await, Ok(()));
    let client = SharedAndLentClient::from(bus::loopback(SharedAndLentServer::new(shop)));
    assert_eq!(client.lent().await, Ok(1));
}

#[test]
fn an_arc_of_a_service_is_a_service() {
    fn service<S: Commands + Calculator + Boxed + SharedAndLent>(_: &S) {}
    service(&Arc::new(Shop::default()));
}

/// Only the `Arc` is a service, and that is the author's own choice.
struct State(u64);

impl Health for Arc<State> {
    async fn ping(&self) {}
    async fn version(&self) -> u32 {
        u32::try_from(self.0).unwrap()
    }
    async fn status(&self) -> Status {
        Status { up: false }
    }
}

#[tokio::test]
async fn an_implementation_for_an_arc_is_served() {
    let client = HealthClient::from(bus::loopback(HealthServer::new(Arc::new(State(9)))));
    assert_eq!(client.version().await, Ok(9));
}

impl Constructed for Shop {
    fn new(_: Settings) -> Self {
        Self { number: 1 }
    }
    async fn get(&self, id: OrderId) -> Result<Order> {
        Ok(Order { id, ..Order::default() })
    }
}

#[tokio::test]
async fn a_constructor_is_no_request_and_keeps_no_arc_from_being_served() {
    let contract = <ConstructedClient as bus::Client>::contract();
    assert_eq!(contract.methods().iter().map(|method| method.name()).collect::<Vec<_>>(), ["get"]);
    let service = <Shop as Constructed>::new(Settings);
    let client = ConstructedClient::from(bus::loopback(ConstructedServer::new(Arc::new(service))));
    assert_eq!(client.get(OrderId(4)).await, Ok(Order { id: OrderId(4), ..Order::default() }));
}

impl Files for Shop {
    async fn read(&self, path: &Path) -> Result<Vec<u8>> {
        Ok(path.to_str().unwrap().as_bytes().to_vec())
    }
    async fn write(&self, _: &Path, _: &[u8]) -> Result<()> {
        Ok(())
    }
    async fn list(&self, under: &Path) -> Result<Vec<PathBuf>> {
        Ok(vec![under.join("a")])
    }
}

#[tokio::test]
async fn a_path_is_lent() {
    let client = FilesClient::from(bus::loopback(FilesServer::new(Shop::default())));
    assert_eq!(client.read(Path::new("/tmp/x")).await, Ok(b"/tmp/x".to_vec()));
    assert_eq!(client.list(Path::new("/tmp")).await, Ok(vec![PathBuf::from("/tmp/a")]));
    let read = <FilesClient as bus::Client>::contract().method("read").unwrap();
    assert_eq!(read.arguments()[0].r#type().name(), "PathBuf");
}

mod own_path {
    //! A type of the user's called `Path` is lent like any other.

    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) struct Path(pub(super) u64);

    #[bus::request(topic = "wild.req", reply = "wild.resp")]
    pub(super) trait Routes {
        async fn length(&self, path: &Path) -> u64;
    }

    impl Routes for super::Shop {
        async fn length(&self, path: &Path) -> u64 {
            path.0
        }
    }
}

#[tokio::test]
async fn a_type_that_is_called_as_one_without_a_size_is_lent_too() {
    use own_path::{Path, RoutesClient, RoutesServer};
    let client = RoutesClient::from(bus::loopback(RoutesServer::new(Shop::default())));
    assert_eq!(client.length(&Path(5)).await, Ok(5));
    let length = <RoutesClient as bus::Client>::contract().methods()[0];
    assert_eq!(length.arguments()[0].r#type().name(), "Path");
}

#[bus::request(topic = "wild.req", reply = "wild.resp")]
trait Skipping {
    #[bus(skip)]
    async fn visit<V: Fn(u64) + Send>(&self, visitor: V);
    #[bus(skip)]
    fn reset(&mut self);
    async fn get(&self) -> u64;
}

impl Skipping for Shop {
    async fn visit<V: Fn(u64) + Send>(&self, visitor: V) {
        visitor(self.number);
    }
    fn reset(&mut self) {
        self.number = 0;
    }
    async fn get(&self) -> u64 {
        self.number
    }
}

#[tokio::test]
async fn a_skipped_method_is_the_services_own() {
    let mut shop = Shop { number: 3 };
    shop.visit(|number| assert_eq!(number, 3)).await;
    Skipping::reset(&mut shop);
    let client = SkippingClient::from(bus::loopback(SkippingServer::new(Arc::new(shop))));
    assert_eq!(client.get().await, Ok(0));
    let contract = <SkippingClient as bus::Client>::contract();
    assert_eq!(contract.methods().iter().map(|method| method.name()).collect::<Vec<_>>(), ["get"]);
}
