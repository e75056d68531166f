//! The shapes.

/// Types of a domain, and a trait in every shape.
macro_rules! every_shape {
    ($Entity:ident, $Id:ident, $Event:ident, $Failure:ident) => {
        use std::collections::{BTreeMap, HashMap, HashSet};
        use std::fmt::{Debug, Display};
        use std::future::Future;
        use std::path::{Path, PathBuf};
        use std::pin::Pin;
        use std::sync::Arc;
        use std::time::{Duration, SystemTime};

        use serde::{Deserialize, Serialize};

        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        pub struct $Entity {
            pub id: $Id,
            pub name: String,
            pub tags: Vec<String>,
        }
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $Id(pub u64);
        impl Display for $Id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                Display::fmt(&self.0, f)
            }
        }
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum $Event {
            Began { at: u64 },
            Ended(u64),
            Nothing,
        }
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub enum $Failure {
            NotFound($Id),
            Refused { reason: String },
            Busy,
        }
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Page<T> {
            pub items: Vec<T>,
            pub next: Option<u64>,
        }
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct Status {
            pub up: bool,
        }
        pub struct Settings;
        pub type Result<T> = std::result::Result<T, $Failure>;
        pub type Fallible<T, E = $Failure> = std::result::Result<T, E>;
        pub type Reply = std::result::Result<$Entity, $Failure>;
        pub type Done = std::result::Result<(), $Failure>;
        pub type Pages = std::result::Result<Page<$Entity>, $Failure>;
        pub type Index = HashMap<$Id, $Entity>;
        pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
        pub mod errors {
            pub type Result<T> = std::result::Result<T, super::$Failure>;
            pub type Outcome<T> = Result<Option<T>>;
        }
        pub mod inner {
            pub use super::{Result, $Entity, $Id};
        }
        pub trait Named {
            fn name(&self) -> String;
        }

        // An alias of `Result`, or of all that is returned.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Repository {
            async fn find(&self, id: $Id) -> Result<Option<$Entity>>;
            async fn save(&self, entity: $Entity) -> Result<()>;
            async fn remove(&self, id: $Id) -> Result<bool>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Lookup: Send + Sync {
            async fn one(&self, id: $Id) -> Reply;
            async fn page(&self, after: Option<u64>, limit: usize) -> Pages;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Commands: Send + Sync + 'static {
            async fn open(&self, id: $Id) -> Done;
            async fn close(&self, id: $Id, reason: String) -> Done;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Qualified {
            async fn get(&self, id: $Id) -> errors::Result<$Entity>;
            async fn maybe(&self, id: $Id) -> errors::Outcome<$Entity>;
            async fn own(&self, id: $Id) -> self::inner::Result<inner::$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Defaulted {
            async fn short(&self) -> Fallible<u32>;
            async fn long(&self) -> Fallible<u32, String>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Mixed {
            async fn alias(&self) -> Result<Vec<$Event>>;
            async fn spelled(&self) -> std::result::Result<Vec<$Event>, String>;
            async fn core(&self) -> core::result::Result<(), $Failure>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Nested {
            async fn pairs(&self) -> Result<Vec<($Id, Option<$Entity>)>>;
            async fn by_id(&self, ids: Vec<$Id>) -> Result<BTreeMap<$Id, Page<$Entity>>>;
            async fn result_in_result(&self) -> Result<std::result::Result<u8, String>>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp", codec = "json")]
        pub trait JsonAliases {
            async fn search(&self, query: String) -> Result<Page<$Entity>>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait AliasedWithDefaults {
            async fn count(&self) -> Result<u64> {
                Ok(0)
            }
            async fn checked(&self, id: $Id) -> Result<$Entity> {
                if id.0 == 0 {
                    return Err($Failure::NotFound(id));
                }
                self.count().await?;
                Ok($Entity::default())
            }
        }

        // Plain answers.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Health {
            async fn ping(&self);
            async fn version(&self) -> u32;
            async fn status(&self) -> Status;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Counters {
            async fn total(&self) -> u64;
            async fn average(&self) -> f64;
            async fn by_name(&self) -> HashMap<String, u64>;
            async fn is_empty(&self) -> bool;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Cache {
            async fn get(&self, key: &str) -> Option<Vec<u8>>;
            async fn put(&self, key: String, value: Vec<u8>, lives: Duration);
            async fn keys(&self) -> HashSet<String>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Indexed {
            async fn all(&self) -> Index;
            async fn oldest(&self) -> (SystemTime, $Id);
            async fn hash(&self) -> [u8; 32];
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait PlainAndNot {
            async fn get(&self, id: $Id) -> $Entity;
            async fn try_get(&self, id: $Id) -> Result<$Entity>;
            async fn unit(&self) -> ();
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Notifications {
            #[bus(oneway)]
            async fn happened(&self, event: $Event);
            #[bus(oneway)]
            async fn failed(&self, event: $Event, why: &$Failure) -> Done;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait PlainDefaults {
            async fn name(&self) -> String {
                "nobody".to_owned()
            }
            async fn log(&self, line: &str) {
                let _ = line.len();
            }
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Pricing: Debug {
            async fn quote(&self, ids: &[$Id]) -> Vec<f64>;
            async fn currency(&self) -> char;
            async fn rounded(&self, value: f64) -> i128;
        }

        // Not `async`.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Store {
            fn load(&self, id: $Id) -> Result<$Entity>;
            fn store(&self, entity: &$Entity) -> Result<()>;
            fn len(&self) -> usize;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Calculator {
            fn add(&self, one: i64, other: i64) -> i64;
            fn divide(&self, one: i64, other: i64) -> std::result::Result<i64, String>;
            fn reset(&self);
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait HalfAsync {
            fn name(&self) -> String;
            async fn fetch(&self, id: $Id) -> Result<$Entity>;
            #[bus(inline)]
            fn cached(&self, id: $Id) -> Option<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait SyncDefaults {
            fn limit(&self) -> u32 {
                100
            }
            fn within(&self, count: u32) -> bool {
                count <= self.limit()
            }
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Validator {
            fn validate(&self, entity: &$Entity, strict: bool) -> Done;
            fn normalize(&self, name: &str) -> String;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Scheduler {
            #[must_use]
            fn next(&self, after: SystemTime) -> Option<SystemTime>;
            #[inline]
            fn interval(&self) -> Duration {
                Duration::from_secs(1)
            }
        }

        // Futures that are written out.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait WrittenOut {
            fn fetch(&self, id: $Id) -> impl Future<Output = Result<$Entity>> + Send;
            fn count(&self) -> impl Future<Output = u64> + Send + '_;
            fn ready(&self) -> impl Future<Output = ()>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Boxed {
            fn fetch(&self, id: $Id) -> BoxFuture<'_, Result<$Entity>>;
            fn save<'a>(&'a self, entity: &'a $Entity) -> BoxFuture<'a, Done>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait BoxedAtLength {
            fn run(&self, command: String) -> Pin<Box<dyn Future<Output = Reply> + Send + '_>>;
            fn stop(&self) -> std::pin::Pin<Box<dyn std::future::Future<Output = ()> + Send + 'static>>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Rewritten {
            fn greet<'life0, 'life1, 'async_trait>(
                &'life0 self,
                name: &'life1 str,
            ) -> ::core::pin::Pin<
                Box<dyn ::core::future::Future<Output = Result<String>> + ::core::marker::Send + 'async_trait>,
            >
            where
                'life0: 'async_trait,
                'life1: 'async_trait,
                Self: 'async_trait;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait WrittenOutWithABody {
            fn twice(&self, value: u64) -> impl Future<Output = u64> + Send {
                async move { value * 2 }
            }
        }

        // Names that implementations have of their own.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Constructed {
            fn new(settings: Settings) -> Self;
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Connected: Sized {
            async fn connect(url: &str) -> std::result::Result<Self, std::io::Error>;
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Constants {
            const NAME: &'static str;
            const LIMIT: usize = 10;
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Associated {
            type Config: Send + Sync;
            fn configure(config: Self::Config) -> Self
            where
                Self: Sized;
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Static {
            fn kind() -> &'static str;
            fn parse(text: &str) -> Option<$Id> {
                text.parse().ok().map($Id)
            }
            async fn kind_of(&self, id: $Id) -> String;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Consumed {
            fn into_parts(self) -> (u8, u8)
            where
                Self: Sized;
            fn boxed(self) -> Box<dyn Debug>
            where
                Self: Sized;
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Bounded
        where
            Self: Sized + Send,
        {
            async fn get(&self, id: $Id) -> Result<$Entity>
            where
                Self: Sized;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Extended: Named + Debug + Clone {
            async fn described(&self) -> String {
                format!("{self:?} called {}", self.name())
            }
        }

        // Receivers.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Shared {
            async fn start(self: Arc<Self>) -> Result<()>;
            async fn spawn(self: std::sync::Arc<Self>, jobs: u32) -> u32;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait SharedAndLent {
            async fn lent(&self) -> u8;
            async fn shared(self: Arc<Self>) -> u8;
            async fn both(self: &Arc<Self>) -> u8;
            async fn long(self: &Self) -> u8;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait SharedWithBodies {
            async fn work(self: Arc<Self>, amount: u64) -> Result<u64> {
                let this = Arc::clone(&self);
                Ok(this.amount() * amount)
            }
            fn amount(&self) -> u64;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait SharedSync {
            fn stop(self: Arc<Self>);
            fn run(self: Arc<Self>, name: &str) -> Result<$Event>;
        }

        // Arguments.

        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Files {
            async fn read(&self, path: &Path) -> Result<Vec<u8>>;
            async fn write(&self, path: &Path, bytes: &[u8]) -> Result<()>;
            async fn list(&self, under: &std::path::Path) -> Result<Vec<PathBuf>>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Lifetimes {
            async fn one<'a>(&self, name: &'a str) -> Result<usize>;
            async fn two<'a, 'b>(&'a self, one: &'b $Entity, others: &'b [$Entity]) -> Option<$Id>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Documented {
            /// Moves something.
            async fn transfer(
                &self,
                /// Where from.
                from: $Id,
                /// Where to,
                /// in the end.
                to: $Id,
                #[allow(unused)] amount: u64,
            ) -> Result<()>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Patterns {
            async fn area(&self, (width, height): (u32, u32), _scale: f32) -> u64 {
                u64::from(width) * u64::from(height)
            }
            async fn ignored(&self, _: $Id, _: &str) -> bool;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Keyed {
            async fn move_to(&self, #[bus(key)] id: $Id, to: &str) -> Result<$Event>;
            async fn by_name(&self, #[bus(key)] name: &str) -> Option<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Many {
            #[allow(clippy::too_many_arguments)]
            async fn create(
                &self,
                id: $Id,
                name: String,
                tags: Vec<String>,
                note: Option<String>,
                size: (u32, u32),
                at: SystemTime,
                lives: Duration,
                flags: [bool; 4],
            ) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Generic {
            async fn page(&self, of: Page<$Id>) -> Page<$Entity>;
            async fn boxed(&self, entity: Box<$Entity>) -> Result<Box<$Event>>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        trait Private {
            async fn get(&self, id: $Id) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub(crate) trait Handler: Send + Sync + 'static {
            #[doc(hidden)]
            async fn handle(&self, event: $Event) -> Result<()>;
            #[deprecated]
            async fn old(&self, event: $Event) -> Result<()>;
            #[cfg(any())]
            async fn elsewhere(&self, event: Nowhere) -> Result<()>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait Attributed {
            #[must_use]
            #[allow(clippy::ptr_arg)]
            async fn get(&self, names: &Vec<String>, name: &String) -> Result<$Entity>;
        }
        #[bus::request(topic = "wild.req", reply = "wild.resp")]
        pub trait OwnNames {
            async fn new(&self) -> Result<$Id>;
            async fn clone(&self) -> Result<$Entity>;
            async fn into(&self) -> String;
            async fn error(&self, request: u8, decoder: u8, error: u8) -> u8;
        }
    };
}
